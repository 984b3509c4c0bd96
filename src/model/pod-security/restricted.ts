import type { PodSpec, Volume } from "../generated/core-v1.ts";
import { findSeccomp } from "./baseline.ts";
import { containersOf, named, namesOf, plural, quoted, settersOf, settingsOf, sorted } from "./check.ts";
import type { CheckedPod, PodCheck, Violation } from "./check.ts";

const allowedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"] as const;

/** From this version on, rules that mean nothing to Windows leave its pods alone. */
const windowsSinceMinor = 25;

/** The rules that `restricted` adds to those of `baseline`. @see kubernetes pod-security-admission policy/check_*.go */
export const restrictedChecks: readonly PodCheck[] = [
  {
    name: "allowPrivilegeEscalation", sinceMinor: 8,
    find({ spec }, minor) {
      if (isWindows(spec, minor)) return undefined;
      const names = namesOf(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
      return names.length === 0 ? undefined : { reason: "allowPrivilegeEscalation != false", detail: `${named("container", names)} must set securityContext.allowPrivilegeEscalation=false` };
    },
  },
  { name: "capabilities_restricted", sinceMinor: 22, overrides: "capabilities_baseline", find: findCapabilities },
  { name: "restrictedVolumes", sinceMinor: 0, overrides: "hostPathVolumes", find: findVolumes },
  { name: "runAsNonRoot", sinceMinor: 0, find: findRoot },
  {
    name: "runAsUser", sinceMinor: 23,
    find({ spec }) {
      const bad = settingsOf(spec, ({ runAsUser }) => (runAsUser === 0 ? true : undefined));
      return bad.length === 0 ? undefined : { reason: "runAsUser=0", detail: `${settersOf(bad)} must not set runAsUser=0` };
    },
  },
  { name: "seccompProfile_restricted", sinceMinor: 19, overrides: "seccompProfile_baseline", find: findUnconfined },
];

function isWindows(spec: PodSpec, minor: number): boolean {
  return minor >= windowsSinceMinor && spec.os?.name === "windows";
}

function findCapabilities({ spec }: CheckedPod, minor: number): Violation | undefined {
  if (isWindows(spec, minor)) return undefined;
  const keeping = namesOf(spec, ({ securityContext }) => securityContext?.capabilities?.drop?.includes("ALL") !== true);
  const isBad = (capability: string): boolean => capability !== "NET_BIND_SERVICE";
  const adding = containersOf(spec).filter(({ securityContext }) => securityContext?.capabilities?.add?.some(isBad) === true);
  const added = sorted(adding.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []).filter(isBad));
  const details = [
    ...(keeping.length === 0 ? [] : [`${named("container", keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0 ? [] : [`${named("container", adding.map(({ name }) => name))} must not include ${quoted(added)} in securityContext.capabilities.add`]),
  ];
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
}

function findVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => volume[type] !== undefined));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(typeOf));
  const names = bad.map(({ name }) => name);
  return {
    reason: "restricted volume types",
    detail: `${named("volume", names)} ${names.length === 1 ? "uses" : "use"} ${plural("restricted volume type", types.length)} ${quoted(types)}`,
  };
}

/** The name of a volume's source; the standard writes StorageOS in small letters, as the field is. */
function typeOf(volume: Volume): string {
  return Object.entries(volume).find(([field, value]) => field !== "name" && value !== undefined)?.[0] ?? "unknown";
}

function findRoot({ spec }: CheckedPod): Violation | undefined {
  const reason = "runAsNonRoot != true";
  const explicit = settingsOf(spec, ({ runAsNonRoot }) => (runAsNonRoot === false ? true : undefined));
  if (explicit.length > 0) return { reason, detail: `${settersOf(explicit)} must not set securityContext.runAsNonRoot=false` };
  if (spec.securityContext?.runAsNonRoot === true) return undefined;
  const names = namesOf(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  return names.length === 0 ? undefined : { reason, detail: `pod or ${named("container", names)} must set securityContext.runAsNonRoot=true` };
}

function findUnconfined(pod: CheckedPod, minor: number): Violation | undefined {
  const { spec } = pod;
  if (isWindows(spec, minor)) return undefined;
  const explicit = findSeccomp(pod);
  if (explicit !== undefined || spec.securityContext?.seccompProfile !== undefined) return explicit;
  const names = namesOf(spec, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (names.length === 0) return undefined;
  return { reason: "seccompProfile", detail: `pod or ${named("container", names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
}
