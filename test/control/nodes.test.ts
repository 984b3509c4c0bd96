import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../../src/api/client.ts";
import { createControllers } from "../../src/controllers.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { EndpointSliceKind } from "../../src/model/kinds/endpoint-slice.ts";
import { LeaseKind } from "../../src/model/kinds/lease.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { NodeKind } from "../../src/model/kinds/node.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import { printMicroTime, printTime } from "../../src/world/clock.ts";
import { isReady } from "../../src/model/pods.ts";
import { createSchedulerController } from "../../src/scheduler/controller.ts";
import type { FakeWorld } from "../world/fake-world.ts";
import { addNode, deploymentOf, obedientNode, testCluster } from "./test-cluster.ts";

const tolerations = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map((key) => ({ key, operator: "Exists" as const, effect: "NoExecute" as const, tolerationSeconds: 300 }));

async function beat(client: Client, name: string, world: FakeWorld): Promise<void> {
  const ref = { namespace: "kube-node-lease", name };
  const renewTime = printMicroTime(world.clock.nowMs());
  const lease = await client.get(LeaseKind, ref);
  if (lease === undefined) await client.create(LeaseKind, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: ref, spec: { holderIdentity: name, renewTime } });
  else await client.update(LeaseKind, { ...lease, spec: { ...lease.spec, renewTime } });
}

async function report(client: Client, name: string, world: FakeWorld): Promise<void> {
  const node = await client.get(NodeKind, { namespace: "", name });
  const time = printTime(world.clock.nowMs());
  await client.updateStatus(NodeKind, { ...node!, status: { ...node!.status, conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time }] } });
}

async function cluster(names: readonly string[]) {
  const dead = new Set<string>();
  const made = await testCluster([...createControllers(), createSchedulerController()], {
    node: async (pod, client, world) => { if (!dead.has(pod.spec.nodeName ?? "")) await obedientNode(pod, client, world); },
  });
  await made.client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-node-lease" }, spec: {}, status: {} });
  for (const name of names) await addNode(made.client, name);
  const pass = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds; passed += 10) {
      for (const name of names) if (!dead.has(name)) await beat(made.client, name, made.world);
      await made.world.clock.advance(10_000);
      await made.settle();
    }
  };
  await pass(10);
  const template = { metadata: { name: "", labels: { app: "web" } }, spec: { tolerations, containers: [{ name: "c", image: "a:1", ports: [{ name: "http", containerPort: 8080 }] }] } };
  await made.client.create(ServiceKind, { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default" }, spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] }, status: {} });
  await made.client.create(DeploymentKind, deploymentOf("web", { replicas: 4, template }));
  await made.settle();
  return { ...made, dead, pass };
}

async function podsOn(client: Client, name: string): Promise<readonly Pod[]> {
  return (await client.list(PodKind, { namespace: "default" })).items.filter((pod) => pod.spec.nodeName === name);
}

async function readyEndpoints(client: Client): Promise<number> {
  const { items } = await client.list(EndpointSliceKind, { namespace: "default" });
  return items.flatMap((slice) => slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready === true).length;
}

test("pods spread over nodes and are endpoints of their service as soon as they are ready", async () => {
  const { client, stop } = await cluster(["one", "two"]);
  assert.deepEqual([(await podsOn(client, "one")).length, (await podsOn(client, "two")).length], [2, 2]);
  assert.equal(await readyEndpoints(client), 4);
  const [slice] = (await client.list(EndpointSliceKind, { namespace: "default" })).items;
  assert.deepEqual(slice?.ports, [{ name: "", protocol: "TCP", port: 8080 }]);
  assert.equal(slice?.metadata.labels?.["kubernetes.io/service-name"], "web");
  await stop();
});

test("a silent node becomes Unknown, its pods leave the service, then move after their toleration", async () => {
  const { client, stop, dead, pass } = await cluster(["one", "two"]);
  dead.add("two");
  await pass(70);
  const node = await client.get(NodeKind, { namespace: "", name: "two" });
  assert.equal(node?.status.conditions?.find((condition) => condition.type === "Ready")?.status, "Unknown");
  assert.deepEqual(node?.spec.taints?.map((taint) => `${taint.key}:${taint.effect}`), ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]);
  assert.ok((await podsOn(client, "two")).every((pod) => !isReady(pod)));
  assert.equal(await readyEndpoints(client), 2);
  await pass(310);
  assert.ok((await podsOn(client, "two")).every((pod) => pod.metadata.deletionTimestamp !== undefined));
  assert.equal((await podsOn(client, "one")).length, 4);
  await stop();
});

test("when every node is silent nothing is evicted", async () => {
  const { client, stop, dead, pass } = await cluster(["one", "two"]);
  dead.add("one").add("two");
  await pass(600);
  const pods = (await client.list(PodKind, { namespace: "default" })).items;
  assert.equal(pods.length, 4);
  assert.ok(pods.every((pod) => pod.metadata.deletionTimestamp === undefined));
  await stop();
});

test("a node that is back loses its taints", async () => {
  const { client, stop, dead, pass, world } = await cluster(["one", "two"]);
  dead.add("two");
  await pass(70);
  dead.delete("two");
  await report(client, "two", world);
  await pass(10);
  const node = await client.get(NodeKind, { namespace: "", name: "two" });
  assert.deepEqual(node?.spec.taints ?? [], []);
  assert.equal((await podsOn(client, "two")).length, 2);
  await stop();
});

test("pods of a node that was removed go after the quarantine", async () => {
  const { client, stop, pass, dead } = await cluster(["one", "two"]);
  dead.add("two");
  await client.remove(NodeKind, { namespace: "", name: "two" });
  await pass(20);
  assert.equal((await podsOn(client, "two")).length, 2);
  await pass(40);
  assert.equal((await podsOn(client, "two")).length, 0);
  assert.equal((await podsOn(client, "one")).length, 4);
  await stop();
});

test("a pod that fits nowhere says why, and is placed as soon as there is room", async () => {
  const { client, settle, stop } = await cluster(["one"]);
  const pod: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "big", namespace: "default" }, spec: { containers: [{ name: "c", image: "a:1", resources: { requests: { cpu: "16" } } }] }, status: {} };
  await client.create(PodKind, pod);
  await settle();
  const waiting = await client.get(PodKind, { namespace: "default", name: "big" });
  assert.equal(waiting?.status.conditions?.find((condition) => condition.type === "PodScheduled")?.message, "0/1 nodes are available: 1 Insufficient cpu.");
  await addNode(client, "large", { cpu: "32", memory: "8Gi", pods: "10" });
  await settle();
  assert.equal((await client.get(PodKind, { namespace: "default", name: "big" }))?.spec.nodeName, "large");
  await stop();
});
