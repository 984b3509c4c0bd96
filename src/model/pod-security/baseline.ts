import { containersOf, named, namesOf, plural, quoted, settersOf, settingsOf, sorted } from "./check.ts";
import type { CheckedPod, PodCheck, Violation } from "./check.ts";

/** Annotations that once held what is a field today. */
const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";
const seccompPodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const seccompContainerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";

const capabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
]);

/** Sysctls that touch only the pod's own namespaces, by the version that took them in. */
const sysctlsSince: Readonly<Record<string, number>> = {
  "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0, "net.ipv4.ping_group_range": 0, "net.ipv4.ip_unprivileged_port_start": 0,
  "net.ipv4.ip_local_reserved_ports": 27,
  "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29, "net.ipv4.tcp_keepalive_probes": 29,
  "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
};

const seLinuxTypesSince: Readonly<Record<string, number>> = { "": 0, container_t: 0, container_init_t: 0, container_kvm_t: 0, container_engine_t: 31 };

/** True for a profile that confines. */
export function isConfining(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

/** The rules of the level `baseline`. @see kubernetes pod-security-admission policy/check_*.go */
export const baselineChecks: readonly PodCheck[] = [
  { name: "appArmorProfile", sinceMinor: 0, find: findAppArmor },
  {
    name: "capabilities_baseline", sinceMinor: 0,
    find({ spec }) {
      const isBad = (capability: string): boolean => !capabilities.has(capability);
      const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.capabilities?.add?.some(isBad) === true);
      if (bad.length === 0) return undefined;
      const added = sorted(bad.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []).filter(isBad));
      return { reason: "non-default capabilities", detail: `${named("container", bad.map(({ name }) => name))} must not include ${quoted(added)} in securityContext.capabilities.add` };
    },
  },
  {
    name: "hostNamespaces", sinceMinor: 0,
    find({ spec }) {
      const taken = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field] === true);
      return taken.length === 0 ? undefined : { reason: "host namespaces", detail: taken.map((field) => `${field}=true`).join(", ") };
    },
  },
  {
    name: "hostPathVolumes", sinceMinor: 0,
    find({ spec }) {
      const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
      return names.length === 0 ? undefined : { reason: "hostPath volumes", detail: named("volume", names) };
    },
  },
  {
    name: "hostPorts", sinceMinor: 0,
    find({ spec }) {
      const bad = containersOf(spec).filter(({ ports = [] }) => ports.some(({ hostPort = 0 }) => hostPort !== 0));
      if (bad.length === 0) return undefined;
      const ports = sorted(bad.flatMap(({ ports: all = [] }) => all.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]))));
      return { reason: "hostPort", detail: `${named("container", bad.map(({ name }) => name))} ${bad.length === 1 ? "uses" : "use"} ${plural("hostPort", ports.length)} ${ports.join(", ")}` };
    },
  },
  {
    name: "privileged", sinceMinor: 0,
    find({ spec }) {
      const names = namesOf(spec, ({ securityContext }) => securityContext?.privileged === true);
      return names.length === 0 ? undefined : { reason: "privileged", detail: `${named("container", names)} must not set securityContext.privileged=true` };
    },
  },
  {
    name: "procMount", sinceMinor: 0,
    find({ spec }) {
      const bad = containersOf(spec).flatMap(({ name, securityContext }) => {
        const procMount = securityContext?.procMount ?? "Default";
        return procMount === "Default" ? [] : [{ name, procMount }];
      });
      if (bad.length === 0) return undefined;
      return { reason: "procMount", detail: `${named("container", bad.map(({ name }) => name))} must not set securityContext.procMount to ${quoted(sorted(bad.map(({ procMount }) => procMount)))}` };
    },
  },
  { name: "seLinuxOptions", sinceMinor: 0, find: findSeLinux },
  { name: "seccompProfile_baseline", sinceMinor: 0, find: (pod, minor) => (minor < 19 ? findSeccompAnnotations(pod) : findSeccomp(pod)) },
  {
    name: "sysctls", sinceMinor: 0,
    find({ spec }, minor) {
      const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => (sysctlsSince[name] ?? Number.POSITIVE_INFINITY) > minor);
      return names.length === 0 ? undefined : { reason: "forbidden sysctls", detail: names.join(", ") };
    },
  },
  {
    name: "windowsHostProcess", sinceMinor: 0,
    find({ spec }) {
      const bad = settingsOf(spec, ({ windowsOptions }) => (windowsOptions?.hostProcess === true ? true : undefined));
      return bad.length === 0 ? undefined : { reason: "hostProcess", detail: `${settersOf(bad)} must not set securityContext.windowsOptions.hostProcess=true` };
    },
  },
];

function findAppArmor({ metadata, spec }: CheckedPod): Violation | undefined {
  const bad = settingsOf(spec, ({ appArmorProfile }) => (appArmorProfile === undefined || isConfining(appArmorProfile.type) ? undefined : appArmorProfile.type));
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`).toSorted();
  if (bad.length === 0 && annotations.length === 0) return undefined;
  const setters = [...(bad.length === 0 ? [] : [settersOf(bad)]), ...(annotations.length === 0 ? [] : [plural("annotation", annotations.length)])];
  const values = [...sorted(bad.map(({ value }) => value)), ...annotations];
  return { reason: plural("forbidden AppArmor profile", values.length), detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quoted(values)}` };
}

function findSeLinux({ spec }: CheckedPod, minor: number): Violation | undefined {
  const isBadType = (type = ""): boolean => (seLinuxTypesSince[type] ?? Number.POSITIVE_INFINITY) > minor;
  const bad = settingsOf(spec, ({ seLinuxOptions: options }) => (options === undefined || (!isBadType(options.type) && (options.user ?? "") === "" && (options.role ?? "") === "") ? undefined : options));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(({ value }) => value.type ?? "").filter(isBadType));
  const faults = [
    ...(types.length === 0 ? [] : [named("type", types)]),
    ...(bad.some(({ value }) => (value.user ?? "") !== "") ? ["user may not be set"] : []),
    ...(bad.some(({ value }) => (value.role ?? "") !== "") ? ["role may not be set"] : []),
  ];
  return { reason: "seLinuxOptions", detail: `${settersOf(bad)} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}` };
}

/** A seccomp profile that is set and does not confine. */
export function findSeccomp({ spec }: CheckedPod): Violation | undefined {
  const bad = settingsOf(spec, ({ seccompProfile }) => (seccompProfile === undefined || isConfining(seccompProfile.type) ? undefined : seccompProfile.type));
  if (bad.length === 0) return undefined;
  return { reason: "seccompProfile", detail: `${settersOf(bad)} must not set securityContext.seccompProfile.type to ${quoted(sorted(bad.map(({ value }) => value)))}` };
}

/** The standard before 1.19, when profiles were annotations. */
function findSeccompAnnotations({ metadata, spec }: CheckedPod): Violation | undefined {
  const keys = [seccompPodAnnotation, ...containersOf(spec).map(({ name }) => `${seccompContainerAnnotation}${name}`)];
  const bad = sorted(keys.flatMap((key) => {
    const value = metadata.annotations?.[key];
    const isAllowed = value === undefined || value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
    return isAllowed ? [] : [`${key}=${JSON.stringify(value)}`];
  }));
  return bad.length === 0 ? undefined : { reason: "seccompProfile", detail: `forbidden ${plural("annotation", bad.length)} ${bad.join(", ")}` };
}
