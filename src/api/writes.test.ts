import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ServiceKind } from "../model/kinds/service.ts";
import { testApi } from "../../test/api/api.ts";
import { configMap, deployment, namespace, pod } from "../../test/api/objects.ts";
import { isApiError } from "../model/api-error.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import type { Deployment } from "../model/kinds/deployment.ts";
import { EndpointSliceKind } from "../model/kinds/endpoint-slice.ts";
import { JobKind } from "../model/kinds/batch.ts";
import type { Job } from "../model/kinds/batch.ts";
import { LeaseKind } from "../model/kinds/lease.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { encodeObject } from "./encode.ts";
import { objectKey } from "./keys.ts";
import { jsonOf } from "./shape.ts";

const ref = { namespace: "default", name: "a" };

test("a create is stamped with what only the server knows, whatever the client sent", async () => {
  const { client } = await testApi();
  const sent = deployment("a", 2);
  const made = await client.create(DeploymentKind, {
    ...sent, metadata: { ...sent.metadata, uid: "mine", generation: 9, creationTimestamp: "2000-01-01T00:00:00Z", deletionTimestamp: "2000-01-01T00:00:00Z" }, status: { replicas: 5 },
  });
  assert.notEqual(made.metadata.uid, "mine");
  assert.equal(made.metadata.generation, 1);
  assert.equal(made.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
  assert.equal(made.metadata.deletionTimestamp, undefined);
  assert.deepEqual(made.status, {});
  assert.equal(made.spec.revisionHistoryLimit, 10, "the server's defaults are in");
});

test("generateName gives a name of 58 letters at most and a random ending", async () => {
  const { client } = await testApi();
  const long = "x".repeat(70);
  const { metadata } = await client.create(ConfigMapKind, configMap("", {}, { generateName: `${long}-` }));
  assert.match(metadata.name, /^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const other = await client.create(ConfigMapKind, configMap("", {}, { generateName: "a-" }));
  assert.match(other.metadata.name, /^a-.{5}$/);
});

test("what the client sends and what it gets share nothing, and what it gets is frozen", async () => {
  const { client } = await testApi();
  const data = { x: "1" };
  const made = await client.create(ConfigMapKind, configMap("a", data));
  data.x = "2";
  assert.equal((await client.get(ConfigMapKind, ref))?.data?.["x"], "1");
  assert.throws(() => { Object.assign(made.data ?? {}, { x: "3" }); }, TypeError);
});

test("the generation counts changes of the spec, not of metadata and status", async () => {
  const { client } = await testApi();
  const made = await client.create(DeploymentKind, deployment("a", 1));
  const labelled = await client.patch(DeploymentKind, ref, { type: "merge", body: { metadata: { labels: { x: "y" } } } });
  const reported = await client.updateStatus(DeploymentKind, { ...labelled, status: { replicas: 1, observedGeneration: 1 } });
  const scaled = await client.patch(DeploymentKind, ref, { type: "merge", body: { spec: { replicas: 2 } } });
  assert.deepEqual([made, labelled, reported, scaled].map(({ metadata }) => metadata.generation), [1, 1, 1, 2]);
});

test("the main resource never changes the status, and the status subresource nothing else", async () => {
  const { client } = await testApi();
  const made = await client.create(DeploymentKind, deployment("a", 1));
  const updated = await client.update(DeploymentKind, { ...made, spec: { ...made.spec, replicas: 2 }, status: { replicas: 7 } });
  assert.equal(updated.status.replicas, undefined);
  const reported = await client.updateStatus(DeploymentKind, { ...updated, metadata: { ...updated.metadata, labels: { no: "no" } }, spec: { ...updated.spec, replicas: 9 }, status: { replicas: 2 } });
  assert.deepEqual([reported.spec.replicas, reported.status.replicas, reported.metadata.labels], [2, 2, undefined]);
});

test("a write of the status may change labels and annotations too, but for what a kind keeps", async () => {
  const { client } = await testApi();
  await client.create(DeploymentKind, deployment("a", 1));
  const note = { type: "merge", body: { metadata: { annotations: { seen: "yes" }, labels: { x: "y" } }, spec: { replicas: 5 }, status: { replicas: 1 } } } as const;
  const { metadata, spec, status } = await client.patch(DeploymentKind, ref, note, { subresource: "status" });
  assert.deepEqual([metadata.annotations, metadata.labels, spec.replicas, status.replicas], [{ seen: "yes" }, undefined, 1, 1]);
  const service = await client.create(ServiceKind, { apiVersion: "v1", kind: "Service", metadata: { name: "a", namespace: "default" }, spec: { ports: [{ port: 1 }] }, status: {} });
  const noted = await client.updateStatus(ServiceKind, { ...service, metadata: { ...service.metadata, annotations: { seen: "yes" }, labels: { x: "y" } } });
  assert.deepEqual([noted.metadata.annotations, noted.metadata.labels], [{ seen: "yes" }, { x: "y" }]);
});

test("a write that changes nothing makes no revision", async () => {
  const { client, store } = await testApi();
  const made = await client.create(ConfigMapKind, configMap("a", { x: "1" }));
  const before = store.revision;
  const same = await client.update(ConfigMapKind, { ...made, data: { ...made.data } });
  await client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { x: "1" } } });
  await client.transact({ writes: [{ verb: "update", object: made }] });
  assert.equal(store.revision, before);
  assert.deepEqual(same, made);
});

test("uid, names and times stay when an update leaves them out", async () => {
  const { client } = await testApi();
  const made = await client.create(ConfigMapKind, configMap("a"));
  const updated = await client.update(ConfigMapKind, configMap("a", { x: "1" }));
  assert.equal(updated.metadata.uid, made.metadata.uid);
  assert.equal(updated.metadata.creationTimestamp, made.metadata.creationTimestamp);
});

test("a dry run answers the whole result and commits nothing", async () => {
  const { client, store } = await testApi();
  const made = await client.create(ConfigMapKind, configMap("a", { x: "1" }));
  const before = store.revision;
  const created = await client.create(ConfigMapKind, configMap("b"), { dryRun: true });
  const patched = await client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { x: "2" } } }, { dryRun: true });
  await client.remove(ConfigMapKind, ref, { dryRun: true });
  await client.transact({ dryRun: true, writes: [{ verb: "create", object: configMap("c") }] });
  assert.deepEqual([created.metadata.resourceVersion, patched.data?.["x"]], [undefined, "2"]);
  assert.equal(store.revision, before);
  assert.deepEqual(await client.get(ConfigMapKind, ref), made);
});

test("concurrent unconditional patches and conditional updates lose nothing", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 24 }), async (isPatch) => {
    const { client } = await testApi();
    await client.create(ConfigMapKind, configMap("a", { count: "0" }));
    await Promise.all(isPatch.map(async (patches, index) => {
      if (patches) { await client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { [`p${index}`]: "1" } } }); return; }
      for (;;) {
        const current = await client.get(ConfigMapKind, ref);
        assert.ok(current);
        try {
          await client.update(ConfigMapKind, { ...current, data: { ...current.data, count: String(Number(current.data?.["count"]) + 1) } });
          return;
        } catch (error) {
          if (!isApiError(error, "Conflict")) throw error;
        }
      }
    }));
    const end = await client.get(ConfigMapKind, ref);
    assert.equal(end?.data?.["count"], String(isPatch.filter((patches) => !patches).length));
    assert.equal(Object.keys(end?.data ?? {}).length - 1, isPatch.filter(Boolean).length);
  }), { numRuns: 30 });
});

test("a scale is read and written as autoscaling/v1 Scale under its own right", async () => {
  const { client, verbs } = await testApi({ rules: [{ subject: { user: "scaler" }, rules: [{ verbs: ["get", "patch"], apiGroups: ["apps"], resources: ["deployments/scale"] }] }] });
  await client.create(DeploymentKind, deployment("a", 1));
  const scaler = { user: { name: "scaler", groups: [] } };
  const { stored } = await verbs.patch(scaler, DeploymentKind, ref, { type: "merge", body: { spec: { replicas: 4 } } }, { subresource: "scale" });
  assert.equal((await client.get(DeploymentKind, ref))?.spec.replicas, 4);
  assert.equal(stored.object().metadata.generation, 2);
  await verbs.get(scaler, DeploymentKind, ref, { subresource: "scale" });
  await assert.rejects(async () => verbs.get(scaler, DeploymentKind, ref), { reason: "Forbidden" });
  await assert.rejects(async () => verbs.get({ user: { name: "admin", groups: ["system:masters"] } }, PodKind, ref, { subresource: "scale" }), { reason: "NotFound" });
});

test("each type of patch changes what it names", async () => {
  const { client } = await testApi();
  await client.create(DeploymentKind, deployment("a", 1));
  const containersOf = (object: Deployment) => object.spec.template.spec?.containers.map(({ name, image }) => [name, image]);
  const strategic = await client.patch(DeploymentKind, ref, { type: "strategic", body: { spec: { template: { spec: { containers: [{ name: "side", image: "side:1" }] } } } } });
  assert.deepEqual(containersOf(strategic), [["side", "side:1"], ["main", "demo:1"]]);
  const json = await client.patch(DeploymentKind, ref, { type: "json", body: [{ op: "replace", path: "/spec/replicas", value: 3 }] });
  assert.equal(json.spec.replicas, 3);
  const merge = await client.patch(DeploymentKind, ref, { type: "merge", body: { spec: { template: { spec: { containers: [{ name: "main", image: "demo:2" }] } } } } });
  assert.deepEqual(containersOf(merge), [["main", "demo:2"]]);
  const scaled = await client.patch(DeploymentKind, ref, { type: "strategic", body: { spec: { replicas: 5 } } }, { subresource: "scale" });
  assert.equal(scaled.spec.replicas, 5);
});

test("a list that a patch empties is not there any more", async () => {
  const { client } = await testApi();
  await client.create(DeploymentKind, { ...deployment("a", 1), metadata: { name: "a", namespace: "default", finalizers: ["example.com/a", "example.com/b"], labels: {} } });
  const { metadata } = await client.patch(DeploymentKind, ref, { type: "strategic", body: { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/b"] } } });
  assert.deepEqual(["finalizers" in metadata, "labels" in metadata], [false, false]);
});

test("a PUT of a Lease that is not there creates it", async () => {
  const { verbs, caller } = await testApi();
  const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "a", namespace: "default" }, spec: {} };
  const { isCreated, stored } = await verbs.update(caller, LeaseKind, ref, body);
  assert.equal(isCreated, true);
  assert.equal((await verbs.update(caller, LeaseKind, ref, { ...body, metadata: { ...body.metadata, resourceVersion: `${stored.revision}` } })).isCreated, false);
});

test("a transaction is all or nothing, and later writes see earlier ones", async () => {
  const { client, store } = await testApi();
  const inNew = configMap("a", {}, { namespace: "fresh" });
  const { resourceVersion, objects } = await client.transact({ writes: [{ verb: "create", object: namespace("fresh") }, { verb: "create", object: inNew }] });
  assert.deepEqual(objects.map((object) => object?.metadata.resourceVersion), [resourceVersion, resourceVersion]);
  const before = store.revision;
  await assert.rejects(client.transact({ writes: [{ verb: "create", object: configMap("b") }, { verb: "create", object: inNew }] }), { reason: "AlreadyExists" });
  assert.equal(store.revision, before);
  assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: "b" }), undefined);
});

test("a transaction updates and removes under the revisions it names", async () => {
  const { client } = await testApi();
  const a = await client.create(ConfigMapKind, configMap("a", { x: "1" }));
  await client.create(ConfigMapKind, configMap("b"));
  const { objects } = await client.transact({ writes: [
    { verb: "update", object: configMap("a", { x: "2" }) },
    { verb: "remove", kind: ConfigMapKind, ref: { namespace: "default", name: "b" } },
  ] });
  assert.deepEqual(jsonOf(objects[0] ?? a)["data"], { x: "2" });
  assert.equal(objects[1], undefined);
  await assert.rejects(client.transact({ writes: [{ verb: "update", object: a }] }), { reason: "Conflict" });
});

test("several writes of one object in a transaction build on each other, and leave nothing wrong behind", async () => {
  const { client } = await testApi();
  const a = await client.create(ConfigMapKind, configMap("a", { x: "1" }));
  await assert.rejects(client.transact({ writes: [
    { verb: "update", object: configMap("a", { x: "2" }, { labels: { kept: "yes" } }) },
    { verb: "update", object: { ...configMap("a"), metadata: { namespace: "default", name: "a", labels: { "not a label": "" } } } },
  ] }), { reason: "Invalid" });
  assert.deepEqual(await client.get(ConfigMapKind, ref), a);
  const { objects } = await client.transact({ writes: [
    { verb: "create", object: configMap("b", { x: "1" }) },
    { verb: "update", object: configMap("b", { x: "2" }) },
    { verb: "remove", kind: ConfigMapKind, ref },
    { verb: "create", object: configMap("a", { x: "3" }) },
  ] });
  const b = await client.get(ConfigMapKind, { namespace: "default", name: "b" });
  assert.deepEqual([b?.data, b, b], [{ x: "2" }, objects[0], objects[1]]);
  const again = await client.get(ConfigMapKind, ref);
  assert.deepEqual(again, objects[3]);
  assert.notEqual(again?.metadata.uid, a.metadata.uid);
});

test("a store that no longer answers is 503 for every verb", async () => {
  const { client, store } = await testApi();
  await store.close();
  for (const attempt of [client.create(ConfigMapKind, configMap("a")), client.get(ConfigMapKind, ref), client.list(ConfigMapKind), client.transact({ writes: [{ verb: "create", object: configMap("a") }] })]) {
    await assert.rejects(attempt, { code: 503, reason: "ServiceUnavailable" });
  }
});

test("a transaction of an older generation is fenced off", async () => {
  const { client } = await testApi();
  await client.transact({ writes: [{ verb: "create", object: configMap("a") }], fence: { name: "default/app", generation: 2 } });
  await assert.rejects(client.transact({ writes: [{ verb: "create", object: configMap("b") }], fence: { name: "default/app", generation: 1 } }), {
    reason: "Conflict", message: 'Operation cannot be fulfilled on plan "default/app": generation 1 is superseded by generation 2',
  });
  await client.transact({ writes: [{ verb: "create", object: configMap("b") }], fence: { name: "default/app", generation: 2 } });
});

test("a namespace goes when its finalizers are gone, and takes no content meanwhile", async () => {
  const { client } = await testApi();
  const name = { namespace: "", name: "team" };
  const made = await client.create(NamespaceKind, namespace("team"));
  assert.deepEqual([made.spec.finalizers, made.status.phase], [["kubernetes"], "Active"]);
  const dying = await client.remove(NamespaceKind, name);
  assert.equal(dying?.status.phase, "Terminating");
  assert.deepEqual((await client.update(NamespaceKind, { ...dying, spec: {} })).spec.finalizers, ["kubernetes"], "only finalize may change them");
  await client.patch(NamespaceKind, name, { type: "merge", body: { spec: { finalizers: null } } }, { subresource: "finalize" });
  assert.equal(await client.get(NamespaceKind, name), undefined);
});

test("a namespace that begins to terminate while an object is created in it wins", async () => {
  const { client } = await testApi();
  await client.create(NamespaceKind, namespace("team"));
  const [removed, created] = await Promise.allSettled([
    client.remove(NamespaceKind, { namespace: "", name: "team" }), client.create(ConfigMapKind, configMap("a", {}, { namespace: "team" })),
  ]);
  assert.equal(removed.status, "fulfilled");
  assert.equal(created.status, "rejected");
});

test("resources that a client leaves out or sends empty are the same, and saying so is no change", async () => {
  const { client } = await testApi();
  const containers = [{ name: "main", image: "demo:1" }];
  const web = deployment("web", 1);
  const made = await client.create(DeploymentKind, { ...web, spec: { ...web.spec, template: { ...web.spec.template, spec: { containers } } } });
  assert.deepEqual(made.spec.template.spec?.containers[0]?.resources, {});
  for (const said of [containers, [{ name: "main", image: "demo:1", resources: {} }], [{ name: "main", image: "demo:1", resources: { limits: {} } }]]) {
    const written = await client.update(DeploymentKind, { ...made, spec: { ...made.spec, template: { ...made.spec.template, spec: { containers: said } } } });
    assert.deepEqual([written.metadata.generation, written.metadata.resourceVersion], [1, made.metadata.resourceVersion]);
  }
});

test("what an older daemon did not fill in yet is no change: neither a generation, nor of what may not change", async () => {
  const { client, store } = await testApi();
  const template = { spec: { restartPolicy: "Never" as const, containers: [{ name: "main", image: "demo:1" }] } };
  const job: Job = { apiVersion: "batch/v1", kind: "Job", metadata: { namespace: "default", name: "a" }, spec: { template }, status: {} };
  const made = await client.create(JobKind, job);
  const bare = made.spec.template.spec?.containers.map(({ resources: _later, ...container }) => container) ?? [];
  const stored = { ...made, spec: { ...made.spec, template: { ...made.spec.template, spec: { ...made.spec.template.spec, containers: bare } } } };
  await store.commit({ conditions: [], operations: [{ kind: "put", key: objectKey(JobKind, ref), value: encodeObject(JobKind, jsonOf(stored)) }] });
  const named = await client.patch(JobKind, ref, { type: "merge", body: { metadata: { labels: { a: "b" } } } });
  assert.deepEqual([named.spec.template.spec?.containers[0]?.resources, named.metadata.generation], [{}, 1]);
  assert.equal((await client.patch(JobKind, ref, { type: "merge", body: { spec: { parallelism: 2 } } })).metadata.generation, 2);
});

test("pods get the account, priority and tolerations upstream gives them", async () => {
  const { client } = await testApi();
  const { spec } = await client.create(PodKind, pod("a", { tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }] }));
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount, spec.priority, spec.preemptionPolicy], ["default", "default", 0, "PreemptLowerPriority"]);
  assert.deepEqual(spec.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]), [["node.kubernetes.io/not-ready", 5], ["node.kubernetes.io/unreachable", 300]]);
});

test("a pod written anew without its priority and the tolerations it was given keeps them", async () => {
  const { client } = await testApi();
  const { metadata, spec } = await client.create(PodKind, pod("a"));
  const { priority: _value, preemptionPolicy: _policy, ...said } = spec;
  const own = { key: "own", operator: "Exists" as const };
  const written = await client.update(PodKind, { ...pod("a"), metadata, spec: { ...said, tolerations: [own] } });
  assert.deepEqual([written.spec.priority, written.spec.preemptionPolicy, written.metadata.generation], [0, "PreemptLowerPriority", 2]);
  assert.deepEqual(written.spec.tolerations, [own, ...spec.tolerations ?? []]);
  await assert.rejects(client.update(PodKind, { ...written, spec: { ...written.spec, priority: 5 } }), { reason: "Invalid" });
});

test("a slice of another Service is a new generation, another annotation is none", async () => {
  const { client } = await testApi();
  const made = await client.create(EndpointSliceKind, { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { namespace: "default", name: "s" }, addressType: "IPv4", endpoints: [], ports: [] });
  const noted = await client.update(EndpointSliceKind, { ...made, metadata: { ...made.metadata, annotations: { a: "b" } } });
  const moved = await client.update(EndpointSliceKind, { ...noted, metadata: { ...noted.metadata, labels: { "kubernetes.io/service-name": "web" } } });
  assert.deepEqual([made, noted, moved].map(({ metadata }) => metadata.generation), [1, 1, 2]);
});
