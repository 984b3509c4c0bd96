import assert from "node:assert/strict";
import { test } from "node:test";
import { createControllers } from "../../src/controllers.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import type { ConfigMap } from "../../src/model/kinds/config-map.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { EventKind } from "../../src/model/kinds/event.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { PriorityClassKind } from "../../src/model/kinds/scheduling.ts";
import { ServiceAccountKind } from "../../src/model/kinds/service-account.ts";
import type { OwnerReference } from "../../src/model/generated/meta-v1.ts";
import type { ApiObject } from "../../src/model/object.ts";
import { createSchedulerController } from "../../src/scheduler/controller.ts";
import { addNode, deploymentOf, obedientNode, testCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "web" };

async function cluster() {
  const made = await testCluster([...createControllers(), createSchedulerController()], { node: obedientNode });
  await addNode(made.client, "one");
  await made.client.create(DeploymentKind, deploymentOf("web"));
  await made.settle();
  return made;
}

function configMap(name: string, owners: readonly OwnerReference[] = []): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default", ownerReferences: owners } };
}

function ownedBy(owner: ApiObject, options: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "", ...options };
}

test("a deleted deployment takes its replica sets and pods along", async () => {
  const { client, settle, stop } = await cluster();
  assert.equal((await client.list(PodKind, { namespace: "default" })).items.length, 3);
  await client.remove(DeploymentKind, ref);
  await settle();
  assert.equal((await client.list(ReplicaSetKind, { namespace: "default" })).items.length, 0);
  assert.equal((await client.list(PodKind, { namespace: "default" })).items.length, 0);
  await stop();
});

test("an orphaning deletion leaves the dependents, without the owner", async () => {
  const { client, settle, stop } = await cluster();
  await client.remove(DeploymentKind, ref, { propagation: "Orphan" });
  await settle();
  assert.equal(await client.get(DeploymentKind, ref), undefined);
  const sets = (await client.list(ReplicaSetKind, { namespace: "default" })).items;
  assert.deepEqual(sets.map((set) => set.metadata.ownerReferences ?? []), [[]]);
  assert.equal((await client.list(PodKind, { namespace: "default" })).items.length, 3);
  await stop();
});

test("a foreground deletion ends where the owners form a circle", async () => {
  const { client, settle, stop } = await testCluster(createControllers());
  const names = ["a", "b", "c"];
  const made = await Promise.all(names.map((name) => client.create(ConfigMapKind, configMap(name))));
  for (const [index, name] of names.entries()) {
    const owner = made[(index + 2) % 3];
    assert.ok(owner !== undefined);
    await client.patch(ConfigMapKind, { namespace: "default", name }, { type: "merge", body: { metadata: { ownerReferences: [{ ...ownedBy(owner, { controller: true, blockOwnerDeletion: true }) }] } } });
  }
  await settle();
  await client.remove(ConfigMapKind, { namespace: "default", name: "a" }, { propagation: "Foreground" });
  await settle();
  assert.deepEqual((await client.list(ConfigMapKind, { namespace: "default" })).items.filter(({ metadata }) => names.includes(metadata.name)), []);
  await stop();
});

test("a foreground deletion ends after its dependents", async () => {
  const { client, settle, stop } = await cluster();
  const seen: string[] = [];
  const abort = new AbortController();
  const { resourceVersion } = await client.list(DeploymentKind);
  const watching = Promise.all([DeploymentKind, ReplicaSetKind, PodKind].map(async (kind) => {
    for await (const event of client.watch<ApiObject>(kind, { resourceVersion }, abort.signal)) if (event.type === "DELETED") seen.push(kind.kind);
  }));
  await client.remove(DeploymentKind, ref, { propagation: "Foreground" });
  await settle();
  assert.deepEqual(seen, ["Pod", "Pod", "Pod", "ReplicaSet", "Deployment"]);
  abort.abort();
  await watching;
  await stop();
});

test("an object with one owner left stays and loses the dangling reference", async () => {
  const { client, settle, stop } = await cluster();
  const [a, b] = [await client.create(ConfigMapKind, configMap("a")), await client.create(ConfigMapKind, configMap("b"))];
  await client.create(ConfigMapKind, configMap("child", [ownedBy(a), ownedBy(b)]));
  await client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await settle();
  const child = await client.get(ConfigMapKind, { namespace: "default", name: "child" });
  assert.deepEqual(child?.metadata.ownerReferences?.map((owner) => owner.name), ["b"]);
  await client.remove(ConfigMapKind, { namespace: "default", name: "b" });
  await settle();
  assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: "child" }), undefined);
  await stop();
});

test("an object of the cluster stays, whatever owner inside a namespace it names", async () => {
  const { client, settle, stop } = await cluster();
  const owner: OwnerReference = { apiVersion: "v1", kind: "ConfigMap", name: "none", uid: "11111111-1111-4111-8111-111111111111" };
  await client.create(PriorityClassKind, { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high", ownerReferences: [owner] }, value: 1 });
  await settle();
  assert.deepEqual((await client.get(PriorityClassKind, { namespace: "", name: "high" }))?.metadata.ownerReferences, [owner]);
  await stop();
});

test("an owner of the same name and another uid is no owner", async () => {
  const { client, settle, stop } = await cluster();
  const owner = await client.create(ConfigMapKind, configMap("a"));
  await client.create(ConfigMapKind, configMap("child", [ownedBy(owner, { uid: "11111111-1111-4111-8111-111111111111" })]));
  await settle();
  assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: "child" }), undefined);
  await stop();
});

test("a deleted namespace is emptied of every kind and goes", async () => {
  const { client, settle, stop, world } = await cluster();
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" }, spec: {}, status: {} });
  await client.create(DeploymentKind, { ...deploymentOf("web"), metadata: { name: "web", namespace: "team" } });
  await client.create(ConfigMapKind, { ...configMap("a"), metadata: { name: "a", namespace: "team" } });
  await settle();
  assert.equal((await client.list(PodKind, { namespace: "team" })).items.length, 3);
  assert.equal((await client.list(ServiceAccountKind, { namespace: "team" })).items.length, 1);
  await client.remove(NamespaceKind, { namespace: "", name: "team" });
  await settle();
  await world.clock.advance(6000);
  await settle();
  assert.equal(await client.get(NamespaceKind, { namespace: "", name: "team" }), undefined);
  for (const kind of [PodKind, ReplicaSetKind, DeploymentKind, ConfigMapKind, EventKind, ServiceAccountKind]) {
    assert.equal((await client.list<ApiObject>(kind, { namespace: "team" })).items.length, 0, kind.kind);
  }
  assert.equal((await client.list(PodKind, { namespace: "default" })).items.length, 3);
  await stop();
});

test("events are gone an hour after they last happened", async () => {
  const { client, settle, stop, world } = await cluster();
  assert.notEqual((await client.list(EventKind, { namespace: "default" })).items.length, 0);
  await world.clock.advance(3_601_000);
  await settle();
  const left = (await client.list(EventKind, { namespace: "default" })).items.filter((event) => event.reason === "SuccessfulCreate");
  assert.equal(left.length, 0);
  await stop();
});
