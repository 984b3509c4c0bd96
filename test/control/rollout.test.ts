import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentController } from "../../src/controllers/deployment/controller.ts";
import { replicaSetController } from "../../src/controllers/replicas/controller.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { EventKind } from "../../src/model/kinds/event.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { isActive, isReady } from "../../src/model/pods.ts";
import { createSchedulerController } from "../../src/scheduler/controller.ts";
import { addNode, changeDeployment, deploymentOf, obedientNode, testCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "web" };

function withImage(image: string) {
  return (deployment: ReturnType<typeof deploymentOf>) => ({
    ...deployment, spec: { ...deployment.spec, template: { ...deployment.spec.template, spec: { containers: [{ name: "c", image }] } } },
  });
}

async function cluster() {
  let readyLeast = Number.POSITIVE_INFINITY;
  let isWatching = false;
  const made = await testCluster([deploymentController, replicaSetController, createSchedulerController()], {
    node: async (pod, client, world) => {
      await obedientNode(pod, client, world);
      if (!isWatching) return;
      const { items } = await client.list(PodKind, { namespace: "default" });
      readyLeast = Math.min(readyLeast, items.filter((item) => isActive(item) && isReady(item)).length);
    },
  });
  await addNode(made.client, "one");
  return { ...made, least: () => readyLeast, watchReady: () => { isWatching = true; } };
}

test("a deployment becomes pods on nodes, and its status says so", async () => {
  const { client, settle, stop } = await cluster();
  await client.create(DeploymentKind, deploymentOf("web"));
  await settle();
  const { items } = await client.list(PodKind, { namespace: "default" });
  assert.equal(items.length, 3);
  assert.ok(items.every((pod) => pod.spec.nodeName === "one" && isReady(pod)));
  const deployment = await client.get(DeploymentKind, ref);
  assert.deepEqual({ ready: deployment?.status.readyReplicas, updated: deployment?.status.updatedReplicas, available: deployment?.status.availableReplicas }, { ready: 3, updated: 3, available: 3 });
  assert.equal(deployment?.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  assert.deepEqual(deployment?.status.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`).toSorted(), ["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]);
  await stop();
  const events = (await client.list(EventKind, { namespace: "default" })).items.map((event) => `${event.involvedObject.kind} ${event.reason}`);
  assert.deepEqual([...new Set(events)].toSorted(), ["Deployment ScalingReplicaSet", "Pod Scheduled", "ReplicaSet SuccessfulCreate"]);
});

test("a rolling update never has fewer ready pods than allowed, and a rollback uses the old replica set again", async () => {
  const { client, settle, stop, least, watchReady } = await cluster();
  await client.create(DeploymentKind, deploymentOf("web"));
  await settle();
  const [first] = (await client.list(ReplicaSetKind, { namespace: "default" })).items;
  watchReady();
  await changeDeployment(client, "web", withImage("a:2"));
  await settle();
  assert.equal(least(), 3);
  const sets = (await client.list(ReplicaSetKind, { namespace: "default" })).items;
  assert.deepEqual(sets.map((set) => set.spec.replicas).toSorted((a, b) => (a ?? 0) - (b ?? 0)), [0, 3]);
  await changeDeployment(client, "web", withImage("a:1"));
  await settle();
  assert.equal(least(), 3);
  const after = (await client.list(ReplicaSetKind, { namespace: "default" })).items;
  assert.equal(after.length, 2);
  assert.equal(after.find((set) => set.metadata.uid === first!.metadata.uid)?.spec.replicas, 3);
  const deployment = await client.get(DeploymentKind, ref);
  assert.equal(deployment?.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  assert.deepEqual([deployment?.status.updatedReplicas, deployment?.status.availableReplicas, deployment?.status.replicas], [3, 3, 3]);
  await stop();
});

test("recreate ends every old pod before the first new one begins", async () => {
  const { client, settle, stop } = await cluster();
  await client.create(DeploymentKind, deploymentOf("web", { strategy: { type: "Recreate" } }));
  await settle();
  await changeDeployment(client, "web", withImage("a:2"));
  await settle();
  const pods = (await client.list(PodKind, { namespace: "default" })).items;
  assert.deepEqual(pods.map((pod) => pod.spec.containers[0]?.image), ["a:2", "a:2", "a:2"]);
  await stop();
});

test("a rollout that stands still is late after its deadline", async () => {
  const made = await testCluster([deploymentController, replicaSetController]);
  await made.client.create(DeploymentKind, deploymentOf("web", { progressDeadlineSeconds: 60 }));
  await made.settle();
  await made.world.clock.advance(62_000);
  await made.settle();
  const deployment = await made.client.get(DeploymentKind, ref);
  const progressing = deployment?.status.conditions?.find((condition) => condition.type === "Progressing");
  assert.deepEqual([progressing?.status, progressing?.reason], ["False", "ProgressDeadlineExceeded"]);
  await made.stop();
});
