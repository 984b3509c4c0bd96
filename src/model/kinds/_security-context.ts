import { checkBetween, checkPresent, duplicate, forbidden, invalid, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, Sysctl } from "../generated/core-v1.ts";
import { checkDescendingPath } from "./_container-mounts.ts";

/** Linux' own bound: ids are signed 32-bit numbers. */
const ids = { min: 0, max: 2 ** 31 - 1 } as const;

/** Names of kernel parameters, as kube-apiserver takes them. */
const sysctlFormat = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const sysctlPattern = new RegExp(sysctlFormat);
const sysctlLengthMax = 253;

/** PATH_MAX without its end. */
const profileLengthMax = 4095;

/**
 * Checks under whose name and with which rights a container runs.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidateSecurityContext
 */
export function checkContainerSecurity(context: SecurityContext, path: string, { hasHostUsers }: { readonly hasHostUsers: boolean }): readonly FieldError[] {
  const mayNotGrow = context.allowPrivilegeEscalation === false;
  return [
    ...checkBetween(`${path}.runAsUser`, context.runAsUser, ids),
    ...checkBetween(`${path}.runAsGroup`, context.runAsGroup, ids),
    ...(context.procMount === "Unmasked" && hasHostUsers ? [invalid(`${path}.procMount`, context.procMount, "`hostUsers` must be false to use `Unmasked`")] : []),
    ...checkSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...(mayNotGrow && context.privileged === true ? [invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")] : []),
    ...(mayNotGrow && context.capabilities?.add?.includes("CAP_SYS_ADMIN") === true ? [invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")] : []),
    ...checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

/**
 * The same of a whole pod.
 * @see kubernetes pkg/apis/core/validation/validation.go validatePodSpecSecurityContext, validateHostUsers
 */
export function checkPodSecurity(spec: PodSpec, specPath: string): readonly FieldError[] {
  const path = `${specPath}.securityContext`;
  const { securityContext: context = {}, shareProcessNamespace, hostPID } = spec;
  return [
    ...checkBetween(`${path}.fsGroup`, context.fsGroup, ids),
    ...checkBetween(`${path}.runAsUser`, context.runAsUser, ids),
    ...checkBetween(`${path}.runAsGroup`, context.runAsGroup, ids),
    ...(context.supplementalGroups ?? []).flatMap((group, index) => checkBetween(`${path}.supplementalGroups[${index}]`, group, ids)),
    ...(shareProcessNamespace === true && hostPID === true ? [invalid(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled")] : []),
    ...checkSysctls(context.sysctls ?? [], `${path}.sysctls`, spec),
    ...checkSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...(spec.hostUsers === false ? checkOwnUsers(spec, specPath) : []),
  ];
}

/** Users of a pod's own go with namespaces of its own. */
function checkOwnUsers(spec: PodSpec, path: string): readonly FieldError[] {
  const used = ([["hostNetwork", spec.hostNetwork], ["HostPID", spec.hostPID], ["HostIPC", spec.hostIPC]] as const).filter(([, isUsed]) => isUsed === true);
  return used.map(([name]) => forbidden(`${path}.${name}`, "when `hostUsers` is false"));
}

function checkSysctls(sysctls: readonly Sysctl[], path: string, { hostNetwork, hostIPC }: PodSpec): readonly FieldError[] {
  return sysctls.flatMap(({ name }, index): readonly FieldError[] => {
    const at = `${path}[${index}].name`;
    const dotted = name.replaceAll("/", ".");
    return [
      ...(name.length <= sysctlLengthMax && sysctlPattern.test(name) ? [] : [invalid(at, name, `must have at most ${sysctlLengthMax} characters and match regex ${sysctlFormat}`)]),
      ...(sysctls.findIndex((other) => other.name === name) < index ? [duplicate(at, name)] : []),
      ...(hostNetwork === true && dotted.startsWith("net.") ? [invalid(at, name, "may not be specified when 'hostNetwork' is true")] : []),
      ...(hostIPC === true && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted) ? [invalid(at, name, "may not be specified when 'hostIPC' is true")] : []),
    ];
  });
}

function checkSeccomp(profile: SeccompProfile | undefined, path: string): readonly FieldError[] {
  if (profile === undefined) return [];
  const at = `${path}.localhostProfile`;
  const { type, localhostProfile } = profile;
  if (type === "Localhost") return localhostProfile === undefined ? [required(at, "must be set when seccomp type is Localhost")] : checkDescendingPath(localhostProfile, at);
  return localhostProfile === undefined ? [] : [invalid(at, profile, "can only be set when seccomp type is Localhost")];
}

function checkAppArmor(profile: AppArmorProfile | undefined, path: string): readonly FieldError[] {
  if (profile === undefined) return [];
  const at = `${path}.localhostProfile`;
  const { type, localhostProfile } = profile;
  if (type !== "Localhost") return localhostProfile === undefined ? [] : [invalid(at, localhostProfile, "can only be set when AppArmor type is Localhost")];
  if (localhostProfile !== undefined && localhostProfile.trim() !== localhostProfile) return [invalid(at, localhostProfile, "must not be padded with whitespace")];
  if ((localhostProfile ?? "").length > profileLengthMax) return [{ type: "TooLong", path: at, detail: `may not be more than ${profileLengthMax} bytes` }];
  return checkPresent(at, localhostProfile, "must be set when AppArmor type is Localhost");
}
