import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi } from "../../../test/api/api.ts";
import { samplesOf } from "../../../test/golden/samples.ts";
import type { JsonObject } from "../../value/json.ts";
import type { TestApi } from "../../../test/api/api.ts";
import { deployment, pod, service } from "../../../test/api/objects.ts";
import type { LimitRange, LimitRangeItem, ResourceQuota } from "../../model/generated/core-v1.ts";
import { CertificateSigningRequestKind } from "../../model/kinds/certificates.ts";
import type { CertificateSigningRequest } from "../../model/generated/certificates-v1.ts";
import { LimitRangeKind, ResourceQuotaKind } from "../../model/kinds/core-limits.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { IngressClassKind, IngressKind } from "../../model/kinds/networking.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PriorityClassKind, RuntimeClassKind } from "../../model/kinds/scheduling.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { StorageClassKind } from "../../model/kinds/storage.ts";
import { CollectedNotes } from "../notes.ts";
import { jsonOf } from "../shape.ts";

test("a request for a certificate says who made it, and not what it says itself", async () => {
  const { verbs } = await testApi();
  const asker = { ...admin, name: "joe", uid: "7", groups: ["system:masters", "devs"], extra: { scopes: ["a"] } };
  const [sample] = samplesOf(CertificateSigningRequestKind).valid;
  assert.ok(sample !== undefined);
  const forged = { ...jsonOf(sample), spec: { ...(jsonOf(sample)["spec"] as JsonObject), username: "ann", uid: "1", groups: ["system:nodes"], extra: { b: ["c"] } } };
  const { stored } = await verbs.create({ user: asker }, CertificateSigningRequestKind, "", forged);
  const { spec } = stored.object() as CertificateSigningRequest;
  assert.deepEqual([spec.username, spec.uid, spec.groups, spec.extra], ["joe", "7", ["system:masters", "devs"], { scopes: ["a"] }]);
});

function limitRange(...limits: readonly LimitRangeItem[]): LimitRange {
  return { apiVersion: "v1", kind: "LimitRange", metadata: { namespace: "default", name: "limits" }, spec: { limits } };
}

function quota(name: string, hard: Readonly<Record<string, string>>, spec: Partial<ResourceQuota["spec"]> = {}): ResourceQuota {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace: "default", name }, spec: { hard, ...spec }, status: {} };
}

/** A pod whose one container asks for these resources. */
function asking(name: string, resources: NonNullable<Pod["spec"]["containers"][number]["resources"]>, spec: Partial<Pod["spec"]> = {}): Pod {
  return pod(name, { containers: [{ name: "main", image: "demo:1", resources }], ...spec });
}

async function addQuota({ client }: TestApi, added: ResourceQuota): Promise<void> {
  const stored = await client.create(ResourceQuotaKind, added);
  const used = Object.fromEntries(Object.keys(added.spec.hard ?? {}).map((name) => [name, "0"]));
  await client.updateStatus(ResourceQuotaKind, { ...stored, status: { hard: added.spec.hard ?? {}, used } });
}

async function usedOf({ client }: TestApi, name: string): Promise<Readonly<Record<string, string>> | undefined> {
  return (await client.get(ResourceQuotaKind, { namespace: "default", name }))?.status.used;
}

test("containers get the requests and limits a LimitRange gives, and the pod says so and has the class that follows", async () => {
  const { client } = await testApi();
  await client.create(LimitRangeKind, limitRange({ type: "Container", default: { cpu: "500m", memory: "256Mi" }, defaultRequest: { cpu: "100m" } }));
  const made = await client.create(PodKind, asking("a", { limits: { memory: "1Gi" } }));
  assert.deepEqual(made.spec.containers[0]?.resources, { limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "100m", memory: "1Gi" } });
  assert.equal(made.metadata.annotations?.["kubernetes.io/limit-ranger"], "LimitRanger plugin set: cpu request for container main; cpu limit for container main");
  assert.equal(made.status.qosClass, "Burstable");
});

const limits: readonly (readonly [LimitRangeItem, Pod, string])[] = [
  [{ type: "Container", min: { cpu: "100m" } }, asking("p", { requests: { cpu: "50m" }, limits: { cpu: "1" } }), "minimum cpu usage per Container is 100m, but request is 50m"],
  [{ type: "Pod", min: { memory: "1Gi" } }, asking("p", {}), "minimum memory usage per Pod is 1Gi.  No request is specified"],
  [{ type: "Pod", max: { memory: "1Gi" } }, asking("p", {}), "maximum memory usage per Pod is 1Gi.  No limit is specified"],
  [{ type: "Container", max: { cpu: "1" } }, asking("p", { limits: { cpu: "2" }, requests: { cpu: "1" } }), "maximum cpu usage per Container is 1, but limit is 2"],
  [{ type: "Container", maxLimitRequestRatio: { cpu: "2" } }, asking("p", { limits: { cpu: "1" }, requests: { cpu: "300m" } }), "cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333"],
];

for (const [limit, sent, why] of limits) {
  test(`a pod is refused: ${why}`, async () => {
    const { client } = await testApi();
    await client.create(LimitRangeKind, limitRange(limit));
    await assert.rejects(client.create(PodKind, sent), { reason: "Forbidden", message: `pods "p" is forbidden: ${why}` });
  });
}

test("several excesses of a pod are told together", async () => {
  const { client } = await testApi();
  await client.create(LimitRangeKind, limitRange({ type: "Container", max: { cpu: "1", memory: "1Gi" } }));
  await assert.rejects(client.create(PodKind, asking("p", { limits: { cpu: "2", memory: "2Gi" }, requests: { cpu: "1", memory: "1Gi" } })), {
    message: 'pods "p" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
  });
});

test("a quota is charged with what is created, and refuses what goes beyond it", async () => {
  const api = await testApi();
  await addQuota(api, quota("compute", { pods: "2", "requests.cpu": "1", "limits.memory": "2Gi", "count/pods": "3", "services.nodeports": "1", services: "2", "count/deployments.apps": "1" }));
  const small = { requests: { cpu: "400m" }, limits: { memory: "512Mi", cpu: "1" } };
  await api.client.create(PodKind, asking("a", small));
  await api.client.create(ServiceKind, service("s", { type: "NodePort" }));
  await api.client.create(DeploymentKind, deployment("d", 1));
  assert.deepEqual(await usedOf(api, "compute"), { "count/deployments.apps": "1", "count/pods": "1", "limits.memory": "512Mi", pods: "1", "requests.cpu": "400m", services: "1", "services.nodeports": "1" });
  await assert.rejects(api.client.create(PodKind, asking("b", { requests: { cpu: "700m" }, limits: { memory: "2Gi" } })), {
    reason: "Forbidden",
    message: 'pods "b" is forbidden: exceeded quota: compute, requested: limits.memory=2Gi,requests.cpu=700m, used: limits.memory=512Mi,requests.cpu=400m, limited: limits.memory=2Gi,requests.cpu=1',
  });
  await assert.rejects(api.client.create(PodKind, asking("b", {})), { message: 'pods "b" is forbidden: failed quota: compute: must specify limits.memory for: main; requests.cpu for: main' });
  await assert.rejects(api.client.create(DeploymentKind, deployment("e", 1)), { message: /exceeded quota: compute, requested: count\/deployments.apps=1, used: count\/deployments.apps=1, limited: count\/deployments.apps=1$/ });
  const plain = await api.client.create(ServiceKind, service("t"));
  await assert.rejects(api.client.update(ServiceKind, { ...plain, spec: { ...plain.spec, type: "NodePort" } }), { message: /exceeded quota: compute, requested: services.nodeports=1/ });
});

test("fifty creates at once take exactly the places a quota has", async () => {
  const api = await testApi();
  await addQuota(api, quota("few", { pods: "7" }));
  const ends = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => api.client.create(PodKind, pod(`p${index}`))));
  assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 7);
  assert.deepEqual(await usedOf(api, "few"), { pods: "7" });
  assert.equal((await api.client.list(PodKind)).items.length, 7);
});

test("a quota counts only what is in all of its scopes", async () => {
  const api = await testApi();
  await addQuota(api, quota("best-effort", { pods: "10" }, { scopes: ["BestEffort"] }));
  await addQuota(api, quota("ending", { pods: "10" }, { scopes: ["Terminating", "NotBestEffort"] }));
  await addQuota(api, quota("high", { pods: "10" }, { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["system-node-critical"] }] } }));
  await api.client.create(PodKind, pod("a"));
  await api.client.create(PodKind, asking("b", { requests: { cpu: "1m" } }, { activeDeadlineSeconds: 5 }));
  await api.client.create(PodKind, pod("c", { priorityClassName: "system-node-critical" }));
  assert.deepEqual([await usedOf(api, "best-effort"), await usedOf(api, "ending"), await usedOf(api, "high")], [{ pods: "2" }, { pods: "1" }, { pods: "1" }]);
});

test("a dry run charges nothing", async () => {
  const api = await testApi();
  await addQuota(api, quota("few", { pods: "1" }));
  await api.client.create(PodKind, pod("a"), { dryRun: true });
  assert.deepEqual(await usedOf(api, "few"), { pods: "0" });
});

async function labelDefault(api: TestApi, labels: Readonly<Record<string, string>>): Promise<CollectedNotes> {
  const notes = new CollectedNotes();
  const found = await api.client.get(NamespaceKind, { namespace: "", name: "default" });
  assert.ok(found !== undefined);
  await api.verbs.update({ user: admin, notes }, NamespaceKind, { namespace: "", name: "default" }, jsonOf({ ...found, metadata: { ...found.metadata, labels } }));
  return notes;
}

test("a namespace that enforces a level refuses pods below it and warns of their owners", async () => {
  const api = await testApi();
  await labelDefault(api, { "pod-security.kubernetes.io/enforce": "restricted" });
  const why = 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), '
    + 'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), '
    + 'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
  await assert.rejects(api.client.create(PodKind, pod("p")), { reason: "Forbidden", message: `pods "p" is forbidden: ${why}` });
  const notes = new CollectedNotes();
  await api.verbs.create({ user: admin, notes }, DeploymentKind, "default", jsonOf(deployment("d", 1)));
  assert.deepEqual(notes.warnings, [`would ${why.replace("violates", "violate")}`]);
  await api.client.create(PodKind, pod("ok", {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ name: "main", image: "demo:1", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } }],
  }));
});

test("audit and warn note what they would refuse, and a stricter level names the pods that are there", async () => {
  const api = await testApi();
  await labelDefault(api, { "pod-security.kubernetes.io/audit": "baseline", "pod-security.kubernetes.io/warn": "baseline", "pod-security.kubernetes.io/warn-version": "v1.20" });
  const notes = new CollectedNotes();
  await api.verbs.create({ user: admin, notes }, PodKind, "default", jsonOf(pod("p", { hostPID: true })));
  assert.deepEqual(notes.warnings, ['would violate PodSecurity "baseline:v1.20": host namespaces (hostPID=true)']);
  assert.deepEqual(notes.annotations, {
    "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
    "pod-security.kubernetes.io/audit-violations": 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  });
  await api.client.create(PodKind, pod("q", { hostPID: true }));
  const told = await labelDefault(api, { "pod-security.kubernetes.io/enforce": "baseline" });
  assert.deepEqual(told.warnings, ['existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"', "p (and 1 other pod): host namespaces"]);
});

test("a level that is none is refused", async () => {
  await assert.rejects(labelDefault(await testApi(), { "pod-security.kubernetes.io/enforce": "strict" }), {
    reason: "Invalid", message: 'Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
  });
});

test("claims and ingresses get the default class of the cluster", async () => {
  const { client } = await testApi();
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { namespace: "default", name: "c" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } }, status: {} } as const;
  const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { namespace: "default", name: "i" }, spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } }, status: {} } as const;
  assert.equal((await client.create(PersistentVolumeClaimKind, claim, { dryRun: true })).spec.storageClassName, undefined);
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true", "ingressclass.kubernetes.io/is-default-class": "true" };
  await client.create(StorageClassKind, { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "fast", annotations }, provisioner: "x" });
  await client.create(IngressClassKind, { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "web", annotations }, spec: { controller: "example.com/x" } });
  assert.equal((await client.create(PersistentVolumeClaimKind, claim)).spec.storageClassName, "fast");
  assert.equal((await client.create(IngressKind, ingress)).spec?.ingressClassName, "web");
});

test("a pod's priority follows from its class, and from the default one without", async () => {
  const { client } = await testApi();
  const priorityClass = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high" }, value: 1000, globalDefault: true, preemptionPolicy: "Never" } as const;
  await client.create(PriorityClassKind, priorityClass);
  const { spec } = await client.create(PodKind, pod("p"));
  assert.deepEqual([spec.priorityClassName, spec.priority, spec.preemptionPolicy], ["high", 1000, "Never"]);
  await assert.rejects(client.create(PriorityClassKind, { ...priorityClass, metadata: { name: "other" } }), { message: 'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass high is already marked as default. Only one default can exist' });
  await assert.rejects(client.create(PodKind, pod("q", { priorityClassName: "none" })), { message: 'pods "q" is forbidden: no PriorityClass with name none was found' });
});

test("a pod gets the overhead and the place of its RuntimeClass", async () => {
  const { client } = await testApi();
  await client.create(RuntimeClassKind, { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "vm" }, handler: "vm", overhead: { podFixed: { cpu: "100m" } }, scheduling: { nodeSelector: { vm: "yes" } } });
  const { spec } = await client.create(PodKind, pod("p", { runtimeClassName: "vm", nodeSelector: { disk: "ssd" } }));
  assert.deepEqual([spec.overhead, spec.nodeSelector], [{ cpu: "100m" }, { disk: "ssd", vm: "yes" }]);
  await assert.rejects(client.create(PodKind, pod("q", { runtimeClassName: "none" })), { message: 'pods "q" is forbidden: pod rejected: RuntimeClass "none" not found' });
});

test("a pod that asks for an extended resource tolerates a taint of its name, once", async () => {
  const { client } = await testApi();
  const gpu = "example.com/gpu";
  const keysOf = async (made: Pod) => (await client.create(PodKind, made)).spec.tolerations?.filter(({ key = "" }) => !key.startsWith("node.kubernetes.io/"));
  assert.deepEqual(await keysOf(asking("a", { requests: { [gpu]: "1", cpu: "1" }, limits: { [gpu]: "1" } })), [{ key: gpu, operator: "Exists" }]);
  assert.deepEqual(await keysOf(asking("b", { limits: { [gpu]: "1" } }, { tolerations: [{ key: gpu, operator: "Exists" }] })), [{ key: gpu, operator: "Exists" }]);
  assert.deepEqual(await keysOf(asking("c", { requests: { cpu: "1", "hugepages-2Mi": "2Mi" }, limits: { cpu: "1", "hugepages-2Mi": "2Mi" } })), []);
});
