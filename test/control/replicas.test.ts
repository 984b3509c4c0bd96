import assert from "node:assert/strict";
import { test } from "node:test";
import type { Controller } from "../../src/control/controller.ts";
import { replicaSetController, replicationController } from "../../src/controllers/replicas/controller.ts";
import { createControllers } from "../../src/controllers.ts";
import type { Kind } from "../../src/model/kind.ts";
import { EventKind } from "../../src/model/kinds/event.ts";
import { ResourceQuotaKind } from "../../src/model/kinds/core-limits.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { PodDisruptionBudgetKind } from "../../src/model/kinds/policy.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../src/model/kinds/replication-controller.ts";
import { controllerOf } from "../../src/model/object.ts";
import type { ApiObject } from "../../src/model/object.ts";
import type { ReplicaKeeper } from "../../src/model/replicas.ts";
import { createSchedulerController } from "../../src/scheduler/controller.ts";
import { pod } from "../api/objects.ts";
import { addNode, obedientNode, testCluster } from "./test-cluster.ts";
import type { TestCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "web" };

/** What keeps replicas, with how it selects, what acts on it and what its status tells beyond the counts. */
const keepers: readonly { readonly kind: Kind<ReplicaKeeper>; readonly selector: object; readonly controller: Controller; readonly told: object }[] = [
  { kind: ReplicaSetKind, selector: { matchLabels: { app: "web" } }, controller: replicaSetController, told: { terminatingReplicas: 0 } },
  { kind: ReplicationControllerKind, selector: { app: "web" }, controller: replicationController, told: {} },
];

for (const { kind, selector, controller, told } of keepers) {
  const named = (title: string): string => `${kind.kind}: ${title}`;

  /** All controllers and a node, and the keeper. */
  async function cluster(replicas: number) {
    const made = await testCluster([...createControllers(), createSchedulerController()], { node: obedientNode });
    await addNode(made.client, "one");
    return started(made, replicas);
  }

  /** The keeper is there and has done what it could. */
  async function started(made: TestCluster, replicas: number) {
    const { client, settle } = made;
    const spec = { replicas, selector, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "a:1" }] } } };
    await client.create<ApiObject>(kind, { apiVersion: kind.group === "" ? "v1" : "apps/v1", kind: kind.kind, metadata: { ...ref }, spec, status: {} } as ApiObject);
    await settle();
    return {
      ...made,
      pods: async () => (await client.list(PodKind, { namespace: "default" })).items,
      status: async () => (await client.get(kind, ref))?.status,
      owned: async () => (await client.list(PodKind, { namespace: "default" })).items.filter((one) => controllerOf(one)?.kind === kind.kind).map(({ metadata }) => metadata.name),
      labelled: (name: string, labels: Readonly<Record<string, string | null>>) => client.patch(PodKind, { namespace: "default", name }, { type: "merge", body: { metadata: { labels } } }),
      events: async () => (await client.list(EventKind, { namespace: "default" })).items.filter((event) => event.involvedObject.kind === kind.kind),
    };
  }

  test(named("there are as many pods as it wants, and its status counts them"), async () => {
    const { client, settle, stop, pods, status, events } = await cluster(3);
    assert.deepEqual(await status(), { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1, ...told });
    assert.deepEqual((await pods()).map(({ metadata }) => controllerOf({ apiVersion: "v1", kind: "Pod", metadata })?.kind), [kind.kind, kind.kind, kind.kind]);
    await client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 1 } } }, { subresource: "scale" });
    await settle();
    assert.deepEqual(await status(), { replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 2, ...told });
    assert.equal((await pods()).length, 1);
    await stop();
    assert.deepEqual((await events()).map((event) => `${event.source?.component} ${event.reason}`).toSorted(), [...Array(3).fill(`${controller.name} SuccessfulCreate`), ...Array(2).fill(`${controller.name} SuccessfulDelete`)]);
  });

  test(named("a pod of its labels that nobody owns is adopted, unless it has ended"), async () => {
    // Nobody but the keeper's controller is at work: pods stay as they are.
    const made = await testCluster([controller]);
    for (const name of ["ended", "waiting"]) await made.client.create(PodKind, pod(name, {}, { labels: { app: "web" } }));
    await made.client.patch(PodKind, { namespace: "default", name: "ended" }, { type: "merge", body: { status: { phase: "Succeeded" } } }, { subresource: "status" });
    const { owned, stop } = await started(made, 2);
    assert.deepEqual((await owned()).map((name) => name.replace(/-.*/, "")).toSorted(), ["waiting", "web"]);
    await stop();
  });

  test(named("a pod whose labels no longer match is let go and replaced; with them again it is one too many"), async () => {
    const { settle, stop, owned, pods, labelled } = await cluster(1);
    const [first = ""] = await owned();
    await labelled(first, { app: "other" });
    await settle();
    assert.equal((await pods()).length, 2);
    assert.equal((await owned()).length, 1);
    assert.ok(!(await owned()).includes(first));
    await labelled(first, { app: "web" });
    await settle();
    assert.deepEqual((await pods()).map(({ metadata }) => metadata.name), await owned());
    assert.equal((await owned()).length, 1);
    await stop();
  });

  test(named("of equal pods the cheapest to lose goes first"), async () => {
    const { client, settle, stop, pods } = await cluster(3);
    const names = (await pods()).map(({ metadata }) => metadata.name);
    await client.patch(PodKind, { namespace: "default", name: names[1] ?? "" }, { type: "merge", body: { metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-1" } } } });
    await settle();
    await client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 2 } } });
    await settle();
    assert.deepEqual((await pods()).map(({ metadata }) => metadata.name), [names[0], names[2]]);
    await stop();
  });

  test(named("what a quota refuses is told as a condition, which goes once there is room"), async () => {
    const { client, settle, stop, status, events, world } = await cluster(0);
    await client.create(ResourceQuotaKind, { apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace: "default", name: "q" }, spec: { hard: { pods: "1", [`count/${kind.plural}${kind.group === "" ? "" : ".apps"}`]: "1" } }, status: {} });
    await settle();
    await client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 2 } } });
    await settle();
    const failed = await status();
    assert.deepEqual(failed?.conditions?.map((condition) => [condition.type, condition.status, condition.reason]), [["ReplicaFailure", "True", "FailedCreate"]]);
    assert.equal(failed?.replicas, 1);
    assert.match(failed?.conditions?.[0]?.message ?? "", /exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1/);
    assert.equal(kind.health?.(await client.get(kind, ref) ?? assert.fail("it is there"), 0).status, "Degraded");
    await client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 1 } } });
    await world.clock.advance(1000);
    await settle();
    assert.equal((await status())?.conditions, undefined);
    await stop();
    assert.ok((await events()).some((event) => event.reason === "FailedCreate" && event.source?.component === controller.name));
  });

  test(named("a budget counts on the number it wants"), async () => {
    const { client, settle, stop } = await cluster(4);
    await client.create(PodDisruptionBudgetKind, { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { namespace: "default", name: "b" }, spec: { maxUnavailable: "50%", selector: { matchLabels: { app: "web" } } }, status: {} });
    await settle();
    const budget = await client.get(PodDisruptionBudgetKind, { namespace: "default", name: "b" });
    assert.deepEqual([budget?.status.expectedPods, budget?.status.desiredHealthy, budget?.status.disruptionsAllowed], [4, 2, 2]);
    await stop();
  });

  test(named("its pods go with it, before it, or stay, as the deletion says"), async () => {
    for (const [propagation, left] of [["Background", 0], ["Foreground", 0], ["Orphan", 2]] as const) {
      const { client, settle, stop, pods } = await cluster(2);
      await client.remove(kind, ref, { propagation });
      await settle();
      assert.equal(await client.get(kind, ref), undefined, propagation);
      assert.deepEqual((await pods()).map(({ metadata }) => metadata.ownerReferences?.length ?? 0), Array(left).fill(0), propagation);
      await stop();
    }
  });
}
