import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodSpec } from "../generated/core-v1.ts";
import { findViolations, printViolations } from "./evaluate.ts";
import { policyOf, printStandard } from "./policy.ts";
import type { PodSecurityLevel } from "./policy.ts";

/** A pod that restricted allows. */
const safe: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [{ name: "a", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } }],
};

/** The safe pod with its container, or the pod, changed. */
function container(change: object, more: object = {}): PodSpec {
  const [first] = safe.containers;
  return { ...safe, containers: [{ name: "a", ...first, ...more, securityContext: { ...first?.securityContext, ...change } }] };
}

const table: readonly (readonly [level: PodSecurityLevel, version: string, spec: PodSpec, violations: string, annotations?: Readonly<Record<string, string>>])[] = [
  ["restricted", "latest", safe, ""],
  ["privileged", "latest", container({ privileged: true }), ""],
  ["baseline", "latest", container({ privileged: true }), 'privileged (container "a" must not set securityContext.privileged=true)'],
  ["baseline", "latest", { ...safe, hostNetwork: true, hostIPC: true }, "host namespaces (hostNetwork=true, hostIPC=true)"],
  ["baseline", "latest", { ...safe, volumes: [{ name: "v", hostPath: { path: "/" } }, { name: "w", hostPath: { path: "/x" } }] }, 'hostPath volumes (volumes "v", "w")'],
  ["restricted", "latest", { ...safe, volumes: [{ name: "v", hostPath: { path: "/" } }, { name: "w", nfs: { server: "s", path: "/" } }] }, 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")'],
  ["baseline", "latest", container({}, { ports: [{ containerPort: 1, hostPort: 81 }, { containerPort: 2, hostPort: 80 }] }), 'hostPort (container "a" uses hostPorts 80, 81)'],
  ["baseline", "latest", container({ capabilities: { add: ["NET_RAW", "CHOWN", "SYS_ADMIN"] } }), 'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)'],
  ["restricted", "latest", container({ capabilities: { drop: ["CHOWN"], add: ["CHOWN", "NET_BIND_SERVICE"] } }), 'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)'],
  ["restricted", "v1.21", container({ capabilities: { drop: [] } }), ""],
  ["baseline", "latest", container({ procMount: "Unmasked" }), 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
  ["baseline", "v1.30", { ...safe, securityContext: { seLinuxOptions: { type: "container_engine_t", user: "u" } } }, 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t"; user may not be set)'],
  ["baseline", "v1.31", { ...safe, securityContext: { seLinuxOptions: { type: "container_engine_t" } } }, ""],
  ["baseline", "latest", { ...safe, securityContext: { seccompProfile: { type: "Unconfined" } } }, 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
  ["baseline", "v1.18", safe, 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")', { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" }],
  ["baseline", "v1.26", { ...safe, securityContext: { sysctls: [{ name: "net.ipv4.ip_local_reserved_ports", value: "1" }, { name: "kernel.msgmax", value: "1" }] } }, "forbidden sysctls (net.ipv4.ip_local_reserved_ports, kernel.msgmax)"],
  ["baseline", "latest", container({ windowsOptions: { hostProcess: true } }), 'hostProcess (container "a" must not set securityContext.windowsOptions.hostProcess=true)'],
  ["baseline", "latest", container({ appArmorProfile: { type: "Unconfined" } }), 'forbidden AppArmor profiles (container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")', { "container.apparmor.security.beta.kubernetes.io/a": "unconfined" }],
  ["restricted", "latest", container({ allowPrivilegeEscalation: undefined }), 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)'],
  ["restricted", "latest", { ...container({ runAsNonRoot: false }), securityContext: { seccompProfile: { type: "Localhost" }, runAsNonRoot: true } }, 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)'],
  ["restricted", "latest", container({ runAsUser: 0 }), 'runAsUser=0 (container "a" must not set runAsUser=0)'],
  ["restricted", "v1.22", container({ runAsUser: 0 }), ""],
  ["restricted", "v9.99".replace("9.99", "1.99"), { ...container({ seccompProfile: { type: "Unconfined" } }), os: { name: "windows" } }, ""],
  ["restricted", "latest", { ...safe, initContainers: [{ name: "i", securityContext: { privileged: true } }] }, 'privileged (container "i" must not set securityContext.privileged=true), '
    + 'allowPrivilegeEscalation != false (container "i" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "i" must set securityContext.capabilities.drop=["ALL"])'],
];

for (const [level, version, spec, violations, annotations = {}] of table) {
  test(`${level}:${version} says "${violations.slice(0, 80)}"`, () => {
    assert.equal(printViolations(findViolations({ level, version }, { metadata: { annotations }, spec })), violations);
  });
}

test("warn follows a stricter enforce unless it is set, and broken labels are strict only where pods are refused", () => {
  const label = (name: string, value: string) => ({ [`pod-security.kubernetes.io/${name}`]: value });
  const print = (labels: Readonly<Record<string, string>>): string => {
    const { enforce, audit, warn } = policyOf(labels).policy;
    return [enforce, audit, warn].map(printStandard).join(" ");
  };
  assert.equal(print({}), "privileged:latest privileged:latest privileged:latest");
  assert.equal(print({ ...label("enforce", "baseline"), ...label("enforce-version", "v1.20") }), "baseline:v1.20 privileged:latest baseline:v1.20");
  assert.equal(print({ ...label("enforce", "restricted"), ...label("warn", "baseline") }), "restricted:latest privileged:latest baseline:latest");
  assert.equal(print({ ...label("enforce", "x"), ...label("audit", "x"), ...label("warn", "x") }), "restricted:latest privileged:latest privileged:latest");
});
