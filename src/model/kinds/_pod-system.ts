import { forbidden } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { PodSpec, SecurityContext } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";

const systems = ["linux", "windows"];

/** What only Linux knows, in upstream's order. */
const podSettings = ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"] as const;
const podContext = ["appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"] as const;
const containerContext = ["appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"] as const;

/**
 * Checks a pod against the system it says it is for.
 * @see kubernetes pkg/apis/core/validation/validation.go validateOS, validateLinux, validateWindows
 */
export function checkSystem(spec: PodSpec, path: string): readonly FieldError[] {
  const name = spec.os?.name ?? "";
  if (name === "") return [];
  if (!systems.includes(name)) return [notSupported(`${path}.os`, name, systems)];
  const containers = containerContexts(spec, path);
  if (name === "linux") {
    return [[spec.securityContext, `${path}.securityContext`] as const, ...containers]
      .flatMap(([context, at]) => (context?.windowsOptions === undefined ? [] : [forbidden(`${at}.windowsOptions`, "windows options cannot be set for a linux pod")]));
  }
  const words = "cannot be set for a windows pod";
  return [
    ...podContext.filter((field) => spec.securityContext?.[field] !== undefined).map((field) => forbidden(`${path}.securityContext.${field}`, words)),
    ...podSettings.filter((field) => spec[field] !== undefined && (spec[field] || field === "hostUsers" || field === "shareProcessNamespace")).map((field) => forbidden(`${path}.${field}`, words)),
    ...containers.flatMap(([context, at]) => containerContext.filter((field) => context?.[field] !== undefined).map((field) => forbidden(`${at}.${field}`, words))),
  ];
}

function containerContexts(spec: PodSpec, path: string): readonly (readonly [SecurityContext | undefined, string])[] {
  return (["initContainers", "containers"] as const).flatMap((list) => (spec[list] ?? []).map(({ securityContext }, index) => [securityContext, `${path}.${list}[${index}].securityContext`] as const));
}
