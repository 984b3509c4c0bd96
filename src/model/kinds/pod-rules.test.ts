import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../value/json.ts";
import { applyDefaults } from "../defaults.ts";
import { printFieldError } from "../print-field-error.ts";
import { validateObject } from "../validate.ts";
import { PodKind } from "./pod.ts";
import type { Pod } from "./pod.ts";

const container = { name: "c", image: "i" };

function errorsOf(spec: JsonObject): readonly string[] {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" }, spec: { containers: [container], ...spec }, status: {} };
  return validateObject(PodKind, applyDefaults(PodKind, pod as unknown as Pod)).map(printFieldError);
}

/** The rule in brackets at the end of messages about names is left out. */
function shortened(text: string): string {
  return text.replace(/ \(e\.g\. .*$/s, "");
}

const containerCases: readonly (readonly [change: JsonObject, error: string])[] = [
  [{ env: [{ name: "a=b" }] }, "env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='"],
  [{ env: [{ name: "A", valueFrom: {} }] }, 'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'],
  [{ env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }, 'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  [{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.foo" } } }] }, 'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo'],
  [{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.phase" } } }] }, 'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'],
  [{ env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "3" } } }] }, 'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource'],
  [{ env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "foo" } } }] }, 'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"'],
  [{ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a b" } } }] }, "env[0].valueFrom.secretKeyRef.key: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.'"],
  [{ envFrom: [{}] }, 'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
  [{ envFrom: [{ configMapRef: { name: "a" }, secretRef: { name: "b" } }] }, 'envFrom: Invalid value: "": may not have more than one field specified at a time'],
  [{ envFrom: [{ configMapRef: { name: "" } }] }, "envFrom[0].configMapRef.name: Required value"],
  [{ ports: [{ containerPort: 0 }] }, "ports[0].containerPort: Required value"],
  [{ ports: [{ containerPort: 70_000 }] }, "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
  [{ volumeMounts: [{ name: "no", mountPath: "/a" }] }, 'volumeMounts[0].name: Not found: "no"'],
  [{ resources: { limits: { foo: "1" } } }, 'resources.limits[foo]: Invalid value: "foo": must be a standard resource for containers'],
  [{ resources: { requests: { "example.com/gpu": "1" } } }, "resources.limits: Required value: Limit must be set for non overcommitable resources"],
  [{ resources: { limits: { "example.com/gpu": "1500m" } } }, 'resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer'],
  [{ resources: { limits: { "example.com/gpu": "2" }, requests: { "example.com/gpu": "1" } } }, 'resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
  [{ resources: { limits: { cpu: "1" }, requests: { cpu: "2" } } }, 'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  [{ resources: { limits: { "hugepages-2Mi": "2Mi" } } }, "resources: Forbidden: HugePages require cpu or memory"],
  [{ resources: { claims: [{ name: "x" }] } }, 'resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty'],
  [{ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }, "livenessProbe.successThreshold: Invalid value: 2: must be 1"],
  [{ readinessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 5 } }, "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes"],
  [{ startupProbe: { tcpSocket: { port: 1 }, httpGet: { port: 1 } } }, "startupProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"],
  [{ livenessProbe: { grpc: { port: 0 } } }, "livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive"],
  [{ lifecycle: { preStop: { sleep: { seconds: 60 } } } }, "lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)"],
  [{ securityContext: { runAsUser: -1 } }, "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
  [{ securityContext: { privileged: true, allowPrivilegeEscalation: false } }, 'securityContext: Invalid value: {"allowPrivilegeEscalation":false,"privileged":true}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true'],
  [{ securityContext: { seccompProfile: { type: "Localhost" } } }, "securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost"],
  [{ securityContext: { procMount: "Unmasked" } }, 'securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'],
  [{ resizePolicy: [{ resourceName: "disk", restartPolicy: "NotRequired" }] }, 'resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"'],
];

const withVolume = (source: JsonObject): JsonObject => ({ volumes: [{ name: "v", ...source }] });
const nodeTerm = (expression: JsonObject): JsonObject => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } } });
const term = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]";

const podCases: readonly (readonly [change: JsonObject, error: string])[] = [
  [{ dnsPolicy: "None" }, "dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
  [{ dnsConfig: { nameservers: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } }, 'dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers'],
  [{ dnsConfig: { nameservers: ["x"] } }, 'dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address,'],
  [{ hostAliases: [{ ip: "x" }] }, 'hostAliases[0].ip: Invalid value: "x": must be a valid IP address,'],
  [{ ephemeralContainers: [{ name: "e", image: "i" }] }, "ephemeralContainers: Forbidden: cannot be set on create"],
  [{ schedulingGates: [{ name: "a/b/c" }] }, "schedulingGates[0]: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"],
  [{ tolerations: [{ key: "a", operator: "Exists", value: "x" }] }, "tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'"],
  [{ tolerations: [{ key: "-", operator: "Exists" }] }, "tolerations[0].key: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"],
  [{ os: { name: "beos" } }, 'os: Unsupported value: "beos": supported values: "linux", "windows"'],
  [{ os: { name: "windows" }, hostPID: true }, "hostPID: Forbidden: cannot be set for a windows pod"],
  [{ hostUsers: false, hostNetwork: true }, "hostNetwork: Forbidden: when `hostUsers` is false"],
  [{ shareProcessNamespace: true, hostPID: true }, "securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"],
  [{ securityContext: { fsGroup: -1 } }, "securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
  [{ securityContext: { sysctls: [{ name: "Foo", value: "1" }] } }, 'securityContext.sysctls[0].name: Invalid value: "Foo": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'],
  [withVolume({ emptyDir: {}, hostPath: { path: "/a" } }), "volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
  [withVolume({ hostPath: { path: "a/../b" } }), "volumes[0].hostPath.path: Invalid value: \"a/../b\": must not contain '..'"],
  [withVolume({ secret: {} }), "volumes[0].secret.secretName: Required value"],
  [withVolume({ configMap: { name: "c", defaultMode: 0o1777 } }), "volumes[0].configMap.defaultMode: Invalid value: 1023: must be a number between 0 and 0777 (octal), both inclusive"],
  [withVolume({ configMap: { name: "c", items: [{ key: "k", path: "../x" }] } }), "volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'"],
  [withVolume({ projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 5 } }] } }), "volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes"],
  [withVolume({ downwardAPI: { items: [{ path: "a" }] } }), "volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
  [nodeTerm({ key: "a", operator: "In" }), `${term}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
  [nodeTerm({ key: "a", operator: "Exists", values: ["x"] }), `${term}.values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`],
  [nodeTerm({ key: "a", operator: "Gt", values: ["1", "2"] }), `${term}.values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`],
  [{ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"],
  [{ affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: "a" } }] } } }, "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100"],
  [{ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "a", labelSelector: { matchExpressions: [{ key: "a", operator: "Foo" }] } }] } } }, 'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].operator: Invalid value: "Foo": not a valid selector operator'],
  [{ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "a", whenUnsatisfiable: "DoNotSchedule" }] }, "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"],
  [{ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "a", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 }] }, "topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"],
  [{ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "a", whenUnsatisfiable: "DoNotSchedule", matchLabelKeys: ["k"] }] }, "topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"],
];

function printed(change: Json): string {
  return JSON.stringify(change).slice(0, 160);
}

test("a pod that says nothing special has nothing wrong", () => assert.deepEqual(errorsOf({}), []));

for (const [change, error] of containerCases) {
  test(`a container with ${printed(change)} is refused`, () => {
    assert.ok(errorsOf({ containers: [{ ...container, ...change }] }).map(shortened).includes(`spec.containers[0].${error}`), errorsOf({ containers: [{ ...container, ...change }] }).join("\n"));
  });
}

for (const [change, error] of podCases) {
  test(`a pod with ${printed(change)} is refused`, () => {
    assert.deepEqual(errorsOf(change).map(shortened), [`spec.${error}`]);
  });
}

test("a container that uses all of it rightly is taken", () => {
  assert.deepEqual(errorsOf({
    volumes: [{ name: "v", emptyDir: { sizeLimit: "1Gi" } }, { name: "d", persistentVolumeClaim: { claimName: "c" } }, { name: "t", projected: { sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3607 } }, { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }, { path: "l", fieldRef: { fieldPath: "metadata.labels['a/b']" } }] } }] } }],
    hostAliases: [{ ip: "::1", hostnames: ["a.b"] }], dnsPolicy: "None", dnsConfig: { nameservers: ["8.8.8.8"], searches: ["a_b.c.", "."], options: [{ name: "ndots", value: "2" }] },
    securityContext: { fsGroup: 0, sysctls: [{ name: "net.core/somaxconn", value: "1" }], seccompProfile: { type: "RuntimeDefault" } }, os: { name: "linux" },
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: "a", operator: "In", values: ["not a label"] }] } }] } },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "a", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "b" } }, matchLabelKeys: ["k"], minDomains: 1 }],
    tolerations: [{ operator: "Exists" }, { key: "a", effect: "NoExecute", tolerationSeconds: 5 }],
    containers: [{
      ...container, volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a/b" }], volumeDevices: [{ name: "d", devicePath: "/dev/x" }], resources: { limits: { "example.com/gpu": "1", memory: "1Gi", "hugepages-2Mi": "2Mi" }, requests: { "example.com/gpu": "1", cpu: "1" } },
      env: [{ name: "1.x y" }, { name: "H", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['x']" } } }, { name: "C", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } }], envFrom: [{ prefix: "P_", secretRef: { name: "s" } }],
      livenessProbe: { httpGet: { port: "http", httpHeaders: [{ name: "X-A", value: "1" }] }, terminationGracePeriodSeconds: 1 }, lifecycle: { preStop: { sleep: { seconds: 0 } } }, ports: [{ name: "http", containerPort: 80 }],
    }],
  }), []);
});
