import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceListeners } from "../../src/agent/network/service-table.ts";
import type { Client } from "../../src/api/client.ts";
import { endpointSliceController } from "../../src/controllers/endpoint-slice/controller.ts";
import { endpointSliceMirroringController } from "../../src/controllers/endpoint-slice-mirroring/controller.ts";
import { endpointsController } from "../../src/controllers/endpoints/controller.ts";
import { namespaceController } from "../../src/controllers/namespace/controller.ts";
import type { Endpoints } from "../../src/model/generated/core-v1.ts";
import { hasOwnObjects } from "../../src/model/kind.ts";
import { kinds } from "../../src/model/kinds.ts";
import { EndpointsKind } from "../../src/model/kinds/core-limits.ts";
import { EndpointSliceKind } from "../../src/model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../src/model/kinds/endpoint-slice.ts";
import { EventKind } from "../../src/model/kinds/event.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { NodeKind } from "../../src/model/kinds/node.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import { pod, service } from "../api/objects.ts";
import { addNode, testCluster } from "./test-cluster.ts";

const controllers = [endpointSliceController, endpointSliceMirroringController, endpointsController];
const stored = kinds.filter(hasOwnObjects);
const web = service("web", { selector: { app: "web" } });

/** A pod that runs on the node "one" and is ready. */
async function runPod(client: Client, index: number, ip = `10.0.${Math.floor(index / 250)}.${1 + (index % 250)}`): Promise<void> {
  const ref = { namespace: "default", name: `p${index}` };
  const made = await client.create(PodKind, pod(ref.name, { nodeName: "one" }, { labels: { app: "web" } }));
  await client.updateStatus(PodKind, { ...made, status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] } });
}

async function slicesOf(client: Client, name: string): Promise<readonly EndpointSlice[]> {
  return (await client.list(EndpointSliceKind, { namespace: "default", labelSelector: `kubernetes.io/service-name=${name}` })).items;
}

const addressesIn = (slices: readonly EndpointSlice[]) => slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)).toSorted();

test("a Service has a slice before it has a pod, the same one fills, and empties when the pod goes", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  await addNode(client, "one");
  await client.create(ServiceKind, web);
  await settle();
  const [empty, ...others] = await slicesOf(client, "web");
  assert.deepEqual([empty?.addressType, empty?.endpoints, empty?.ports, others], ["IPv4", [], [], []]);
  assert.deepEqual((await client.get(EndpointsKind, { namespace: "default", name: "web" }))?.subsets, undefined);
  await runPod(client, 1);
  await settle();
  const [filled] = await slicesOf(client, "web");
  assert.deepEqual([filled?.metadata.name, addressesIn(filled === undefined ? [] : [filled])], [empty?.metadata.name, ["10.0.0.2"]]);
  assert.deepEqual((await client.get(EndpointsKind, { namespace: "default", name: "web" }))?.subsets?.[0]?.addresses?.map(({ ip }) => ip), ["10.0.0.2"]);
  await client.remove(PodKind, { namespace: "default", name: "p1" }, { gracePeriodSeconds: 0 });
  await settle();
  assert.deepEqual((await slicesOf(client, "web")).map(({ metadata, endpoints }) => [metadata.name, endpoints]), [[empty?.metadata.name, []]]);
  await stop();
});

test("a Service of many pods has several slices, all of which take traffic, and a change of one pod writes one", async () => {
  const { client, world, settle, stop } = await testCluster(controllers);
  await addNode(client, "one");
  for (let index = 0; index < 230; index++) await runPod(client, index);
  await client.create(ServiceKind, web);
  await settle();
  const slices = await slicesOf(client, "web");
  assert.deepEqual(slices.map(({ endpoints }) => endpoints?.length ?? 0).toSorted((a, b) => a - b), [30, 100, 100]);
  const listeners = serviceListeners((await client.list(ServiceKind)).items, slices, { nodeIP: "127.0.0.1" });
  assert.deepEqual(listeners.map(({ targets }) => new Set(targets.map(({ ip }) => ip)).size), [230]);
  // The old form is written whole for each change: it gathers them.
  const listed = async () => (await client.get(EndpointsKind, { namespace: "default", name: "web" }))?.subsets?.[0]?.addresses?.length;
  const later = async () => {
    await world.clock.advance(1_000);
    await settle();
  };
  await later();
  assert.equal(await listed(), 230);
  const changed = async (act: () => Promise<unknown>): Promise<number> => {
    const before = new Set((await slicesOf(client, "web")).map(({ metadata }) => `${metadata.name} ${String(metadata.resourceVersion)}`));
    await act();
    await settle();
    return (await slicesOf(client, "web")).filter(({ metadata }) => !before.has(`${metadata.name} ${String(metadata.resourceVersion)}`)).length;
  };
  const ref = { namespace: "default", name: "p7" };
  assert.equal(await changed(() => client.patch(PodKind, ref, { type: "merge", body: { status: { conditions: [{ type: "Ready", status: "False" }] } } }, { subresource: "status" })), 1);
  assert.equal(await changed(() => client.patch(PodKind, ref, { type: "merge", body: { metadata: { annotations: { a: "b" } } } })), 0);
  assert.equal(await changed(() => client.remove(PodKind, ref, { gracePeriodSeconds: 0 })), 1);
  assert.equal(await listed(), 230);
  await later();
  assert.equal(await listed(), 229);
  assert.equal(await changed(() => runPod(client, 230)), 1);
  assert.equal(addressesIn(await slicesOf(client, "web")).length, 230);
  await stop();
});

test("a node that moves to another zone, or comes late, is seen in the slices of its pods", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  await client.create(ServiceKind, service("web", { selector: { app: "web" }, trafficDistribution: "PreferClose" }));
  await runPod(client, 1);
  await settle();
  assert.deepEqual(addressesIn(await slicesOf(client, "web")), []);
  await addNode(client, "one");
  await settle();
  assert.deepEqual((await slicesOf(client, "web"))[0]?.endpoints?.map(({ zone, hints }) => [zone, hints]), [[undefined, undefined]]);
  await client.patch(NodeKind, { namespace: "", name: "one" }, { type: "merge", body: { metadata: { labels: { "topology.kubernetes.io/zone": "east" } } } });
  await settle();
  assert.deepEqual((await slicesOf(client, "web"))[0]?.endpoints?.map(({ zone, hints }) => [zone, hints]), [["east", { forZones: [{ name: "east" }] }]]);
  await stop();
});

test("without a selector and behind a name of elsewhere no slice is made, and one there is stays", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  await client.create(ServiceKind, service("hand"));
  await client.create(ServiceKind, service("far", { type: "ExternalName", externalName: "example.com", selector: { app: "web" } }));
  const made = await client.create(ServiceKind, web);
  await settle();
  assert.deepEqual([await slicesOf(client, "hand"), await slicesOf(client, "far")], [[], []]);
  const before = await slicesOf(client, "web");
  const { selector: _selector, ...spec } = made.spec;
  await client.update(ServiceKind, { ...made, spec });
  await settle();
  assert.deepEqual(await slicesOf(client, "web"), before);
  await stop();
});

function hand(ip: string, metadata: Partial<Endpoints["metadata"]> = {}): Endpoints {
  return { apiVersion: "v1", kind: "Endpoints", metadata: { name: "hand", namespace: "default", ...metadata }, subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }] };
}

test("an Endpoints made by hand takes traffic through a slice that follows it, and goes with it", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  const ref = { namespace: "default", name: "hand" };
  await client.create(EndpointsKind, hand("10.1.2.3"));
  await settle();
  assert.deepEqual(await slicesOf(client, "hand"), []);
  await client.create(ServiceKind, service("hand"));
  await settle();
  const [first] = await slicesOf(client, "hand");
  assert.equal(first?.metadata.labels?.["endpointslice.kubernetes.io/managed-by"], "endpointslicemirroring-controller.k8s.io");
  assert.deepEqual(serviceListeners((await client.list(ServiceKind)).items, await slicesOf(client, "hand"), { nodeIP: "127.0.0.1" }).map(({ targets }) => targets), [[{ ip: "10.1.2.3", port: 80 }]]);
  await client.update(EndpointsKind, hand("10.1.2.4", { labels: { a: "b" } }));
  await settle();
  const [second, ...others] = await slicesOf(client, "hand");
  assert.deepEqual([second?.metadata.name, second?.metadata.labels?.["a"], addressesIn(second === undefined ? [] : [second]), others], [first?.metadata.name, "b", ["10.1.2.4"], []]);
  await client.update(EndpointsKind, hand("10.1.2.4", { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }));
  await settle();
  assert.deepEqual(await slicesOf(client, "hand"), []);
  await client.update(EndpointsKind, hand("10.1.2.4"));
  await settle();
  assert.deepEqual(addressesIn(await slicesOf(client, "hand")), ["10.1.2.4"]);
  await client.remove(EndpointsKind, ref);
  await settle();
  assert.deepEqual(await slicesOf(client, "hand"), []);
  await stop();
});

test("an Endpoints is not mirrored beside the slices of a selector, and goes with its Service", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  const ref = { namespace: "default", name: "hand" };
  const made = await client.create(ServiceKind, service("hand"));
  await client.create(EndpointsKind, hand("10.1.2.3"));
  await settle();
  assert.deepEqual(addressesIn(await slicesOf(client, "hand")), ["10.1.2.3"]);
  await client.update(ServiceKind, { ...made, spec: { ...made.spec, selector: { app: "hand" } } });
  await settle();
  assert.deepEqual((await slicesOf(client, "hand")).map(({ metadata, endpoints }) => [metadata.labels?.["endpointslice.kubernetes.io/managed-by"], endpoints]), [["endpointslice-controller.k8s.io", []]]);
  assert.equal((await client.get(EndpointsKind, ref))?.subsets, undefined);
  await client.remove(ServiceKind, ref);
  await settle();
  assert.equal(await client.get(EndpointsKind, ref), undefined);
  await stop();
});

test("addresses beyond a thousand are told of in an event", async () => {
  const { client, settle, stop } = await testCluster(controllers);
  await client.create(ServiceKind, service("hand"));
  const addresses = Array.from({ length: 1_001 }, (_unused, index) => ({ ip: `10.1.${Math.floor(index / 250)}.${1 + (index % 250)}` }));
  await client.create(EndpointsKind, { ...hand(""), subsets: [{ addresses, ports: [{ port: 80 }] }] });
  await settle();
  assert.deepEqual((await slicesOf(client, "hand")).map(({ endpoints }) => endpoints?.length), [1_000]);
  assert.deepEqual((await client.list(EventKind, { namespace: "default" })).items.map(({ reason, message }) => [reason, message]), [["TooManyAddressesToMirror", "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 1 addresses were skipped"]]);
  await stop();
});

test("a namespace that ends takes its Services and slices along, and nothing is made in it any more", async () => {
  const { client, world, settle, stop } = await testCluster([...controllers, namespaceController(stored)]);
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" }, spec: { finalizers: ["kubernetes"] }, status: {} });
  await client.create(ServiceKind, service("web", { selector: { app: "web" } }, { namespace: "shop" }));
  await settle();
  await client.remove(NamespaceKind, { namespace: "", name: "shop" });
  for (let pass = 0; pass < 5; pass++) {
    await world.clock.advance(1_000);
    await settle();
  }
  assert.equal(await client.get(NamespaceKind, { namespace: "", name: "shop" }), undefined);
  assert.deepEqual((await client.list(EndpointSliceKind)).items, []);
  await stop();
});
