import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../value/json.ts";
import { applyDefaults } from "../defaults.ts";
import { findKind } from "../kinds.ts";
import type { ApiObject } from "../object.ts";
import { warnOfFinalizers } from "../custom/finalizer-warnings.ts";

function object(apiVersion: string, kind: string, rest: JsonObject): JsonObject {
  const { metadata, ...parts } = rest;
  return { apiVersion, kind, metadata: { name: "x", namespace: "default", ...(metadata as JsonObject | undefined) }, ...parts };
}

function warningsOf(body: JsonObject, before?: JsonObject): readonly string[] {
  const { apiVersion, kind: kindName } = body as unknown as ApiObject;
  const kind = findKind(apiVersion, kindName);
  assert.ok(kind !== undefined);
  const [now, old] = [body, before].map((one) => (one === undefined ? undefined : applyDefaults(kind, one as unknown as ApiObject)));
  assert.ok(now !== undefined);
  return [...(old === undefined ? kind.warnOfName?.(now.metadata.name) ?? [] : []), ...kind.warn?.(now, old) ?? []];
}

const container = { name: "c", image: "i" };
const pod = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => object("v1", "Pod", { metadata, spec: { containers: [container], ...spec } });
const withContainer = (more: JsonObject): JsonObject => pod({ containers: [{ ...container, ...more }] });
const template = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ metadata: { labels: { a: "b" }, ...metadata }, spec: { containers: [container], ...spec } });
const deployment = (spec: JsonObject, more: JsonObject = {}): JsonObject => object("apps/v1", "Deployment", { spec: { selector: { matchLabels: { a: "b" } }, template: template(spec), ...more } });
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const expression = (key: string): JsonObject => ({ matchExpressions: [{ key, operator: "Exists" }] });

/** What is written, and all that is said of it, in upstream's words. */
const cases: readonly (readonly [string, JsonObject, ...(readonly string[])])[] = [
  ["a pod like any other", pod({})],
  ["a pod's name with a dot", pod({}, { name: "a.b" }), `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${label}]`],
  ["a Deployment's name with a dot", object("apps/v1", "Deployment", { metadata: { name: "a.b" }, spec: { template: template({}) } }), `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${label}]`],
  ["an old label of nodes", pod({ nodeSelector: { "beta.kubernetes.io/os": "linux", other: "x" } }), 'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["old labels in affinities", pod({ affinity: { nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [expression("failure-domain.beta.kubernetes.io/zone")] },
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: expression("node-role.kubernetes.io/master") }],
  } } }),
  'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: node-role.kubernetes.io/master is use "node-role.kubernetes.io/control-plane" instead'],
  ["selectors that select nothing", pod({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "DoNotSchedule" }], affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "z" }], preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: "z" } }] } } }),
    "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
    "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod",
    "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod"],
  ["annotations nobody reads", pod({}, { annotations: { "scheduler.alpha.kubernetes.io/critical-pod": "", "seccomp.security.alpha.kubernetes.io/pod": "x", "container.seccomp.security.alpha.kubernetes.io/c": "x" } }),
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead'],
  ["volumes of drivers that are gone", pod({ volumes: [{ name: "v", gitRepo: { repository: "r" } }, { name: "w", cephfs: { monitors: [] } }] }), "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+", "spec.volumes[1].cephfs: deprecated in v1.28, non-functional in v1.31+"],
  ["two files at one place", pod({ volumes: [{ name: "v", configMap: { name: "m", items: [{ key: "a", path: "p" }, { key: "b", path: "p/q" }] } }] }), 'volume "v" (ConfigMap "m"): overlapping paths: "p/q" with "p"'],
  ["two sources for one place, and none", pod({ volumes: [{ name: "v", projected: { sources: [{}, { secret: { name: "s", items: [{ key: "a", path: "token" }] } }, { serviceAccountToken: { path: "token" } }] } }] }),
    'volume "v" (Projected) has no sources provided', 'volume "v" (Projected): overlapping paths: "token" (ServiceAccountToken) with "token" (Secret "s")'],
  ["what stands twice", pod({ hostAliases: [{ ip: "1.1.1.1" }, { ip: "1.1.1.1" }], imagePullSecrets: [{ name: "s" }, { name: "s" }, { name: "" }] }),
    'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"', 'spec.imagePullSecrets[1].name: duplicate name "s"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
  ["parts of a byte", withContainer({ resources: { limits: { memory: "1500m" }, requests: { "ephemeral-storage": "1" } } }),
    'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer', 'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer'],
  ["variables that take the place of others", withContainer({ env: [{ name: "A", value: "1" }, { name: "A", value: "$(A)2" }, { name: "A", value: "3" }, { name: "A", value: "$(A)" }] }),
    'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply', 'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply'],
  ["ports that meet", pod({ initContainers: [{ name: "i", image: "i", ports: [{ containerPort: 80, name: "http" }] }], containers: [{ ...container, ports: [{ containerPort: 80, hostIP: "1.1.1.1" }, { containerPort: 80, hostPort: 8080 }, { containerPort: 80, hostPort: 8080, hostIP: "1.1.1.2", name: "http" }] }] }),
    "spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}",
    "spec.containers[0].ports[0]: overlapping port definition with spec.initContainers[0].ports[0]",
    "spec.containers[0].ports[1]: overlapping port definition with spec.initContainers[0].ports[0]", "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]",
    "spec.containers[0].ports[2]: overlapping port definition with spec.initContainers[0].ports[0]", "spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]", "spec.containers[0].ports[2]: dangerously ambiguous port definition with spec.containers[0].ports[1]",
    'spec.containers[0].ports[2]: duplicate port name "http" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]'],
  ["a port that stands twice", withContainer({ ports: [{ containerPort: 80 }, { containerPort: 80, name: "b" }] }), "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"],
  ["a template's own", deployment({ terminationGracePeriodSeconds: -1 }), "spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"],
  ["a template's profile in an annotation", object("apps/v1", "DaemonSet", { spec: { template: template({}, { annotations: { "container.apparmor.security.beta.kubernetes.io/c": "unconfined" } }) } }), 'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead'],
  ["a CronJob's template", object("batch/v1", "CronJob", { spec: { schedule: "@daily", jobTemplate: { spec: { template: template({ nodeSelector: { "beta.kubernetes.io/arch": "x" } }) } } } }), 'spec.jobTemplate.spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["a huge Job", object("batch/v1", "Job", { spec: { completionMode: "Indexed", completions: 100_001, parallelism: 10_001, template: template({}) } }), "spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"],
  ["an Ingress of a class by annotation", object("networking.k8s.io/v1", "Ingress", { metadata: { annotations: { "kubernetes.io/ingress.class": "nginx" } }, spec: {} }), "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"],
  ["a claim of parts of a byte, by annotation", object("v1", "PersistentVolumeClaim", { metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": "x" } }, spec: { resources: { requests: { storage: "1m" } } } }),
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead', 'spec.resources.requests[storage]: fractional byte value "1m" is invalid, must be an integer'],
  ["a volume that is used again", object("v1", "PersistentVolume", { spec: { persistentVolumeReclaimPolicy: "Recycle", rbd: {} } }),
    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.", "spec.rbd: deprecated in v1.28, non-functional in v1.31+"],
  ["a RuntimeClass for old labels", object("node.k8s.io/v1", "RuntimeClass", { handler: "h", scheduling: { nodeSelector: { "beta.kubernetes.io/os": "x" } } }), 'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["a StorageClass for old labels", object("storage.k8s.io/v1", "StorageClass", { provisioner: "p", allowedTopologies: [{ matchLabelExpressions: [{ key: "beta.kubernetes.io/os", values: [] }] }] }), 'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["slices of names", object("discovery.k8s.io/v1", "EndpointSlice", { addressType: "FQDN", endpoints: [] }), "spec.addressType: FQDN endpoints are deprecated"],
  ["an account that lists what is mounted", object("v1", "ServiceAccount", { metadata: { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } } }), "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"],
];

for (const [title, body, ...expected] of cases) {
  test(`of ${title} ${expected.length === 0 ? "nothing is said" : "whoever creates it is told"}`, () => assert.deepEqual(warningsOf(body), expected));
}

test("a template is spoken of again when its workload's spec has changed, and a pod no more", () => {
  const odd = { nodeSelector: { "beta.kubernetes.io/os": "x" } };
  assert.deepEqual([warningsOf(deployment(odd), deployment(odd)).length, warningsOf(deployment(odd, { replicas: 3 }), deployment(odd)).length, warningsOf(pod(odd), pod({})).length], [0, 1, 0]);
  const annotated = object("v1", "ServiceAccount", { metadata: { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } } });
  assert.deepEqual(warningsOf(annotated, annotated), []);
  const zoned = object("batch/v1", "CronJob", { spec: { schedule: "TZ=UTC @daily", jobTemplate: { spec: { template: template({}) } } } });
  assert.match(warningsOf(zoned, zoned).join(), /^cannot use TZ or CRON_TZ in spec\.spec\.schedule, use timeZone instead/);
});

test("finalizers of custom objects that others may use as well are told of once", () => {
  const one = (...finalizers: readonly string[]): ApiObject => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", finalizers } });
  assert.deepEqual(warnOfFinalizers(one("b", "a.b", "example.com/x", "orphan"), one("b")), ['metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers']);
  assert.deepEqual(warnOfFinalizers(one("b"), undefined), ['metadata.finalizers: "b": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers']);
});
