import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Node } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { decideSlices } from "./decide.ts";
import type { Backends } from "./decide.ts";
import { endpointsPerSliceMax } from "./pack-endpoints.ts";
import type { SliceDecision } from "./recycle.ts";

function service(extra: Partial<Service["spec"]> = {}, uid = "s"): Service {
  return {
    apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "n", uid, labels: { app: "web" } },
    spec: { selector: { app: "web" }, clusterIP: "127.96.0.1", ipFamilies: ["IPv4"], ports: [{ port: 80, targetPort: "http", protocol: "TCP" }], ...extra }, status: {},
  };
}

interface PodDetails {
  readonly port?: number;
  readonly isReady?: boolean;
  readonly isEnding?: boolean;
  readonly nodeName?: string;
  readonly ips?: readonly string[];
}

function pod(index: number, { port = 8080, isReady = true, isEnding = false, nodeName = "one", ips = [`10.0.${Math.floor(index / 256)}.${index % 256}`] }: PodDetails = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod", metadata: { name: `p${index}`, namespace: "n", uid: `u${index}`, ...(isEnding ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    spec: { nodeName, containers: [{ name: "c", ports: [{ name: "http", containerPort: port, protocol: "TCP" }] }] },
    status: { podIP: ips[0] ?? "", podIPs: ips.map((ip) => ({ ip })), phase: "Running", conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] },
  };
}

/** The node "one" is in a zone, "two" in none, and no other is known. */
function nodeOf(name: string): Node | undefined {
  const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = { one: { "topology.kubernetes.io/zone": "east" }, two: {} };
  const own = labels[name];
  return own === undefined ? undefined : { apiVersion: "v1", kind: "Node", metadata: { name, labels: own }, spec: {}, status: {} };
}

const of = (...pods: readonly Pod[]): Backends => ({ pods, nodeOf });

/** Slices as they are after a decision. */
function after(slices: readonly EndpointSlice[], decision: SliceDecision, round = 0): readonly EndpointSlice[] {
  const updated = new Map(decision.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter((slice) => !decision.remove.includes(slice)).map((slice) => updated.get(slice.metadata.name) ?? slice);
  return [...kept, ...decision.create.map((slice, index) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${round}-${index}-${slice.addressType}` } }))];
}

const namesIn = (slice: EndpointSlice | undefined) => (slice?.endpoints ?? []).map((endpoint) => endpoint.targetRef?.name);
const many = (from: number, to: number) => Array.from({ length: to - from }, (_unused, index) => pod(from + index));

test("ready, serving and terminating say what they mean", () => {
  const pods = [pod(0), pod(1, { isReady: false }), pod(2, { isEnding: true })];
  const conditions = (subject: Service) => decideSlices(subject, of(...pods), []).create[0]?.endpoints?.map((endpoint) => endpoint.conditions);
  assert.deepEqual(conditions(service()), [
    { ready: true, serving: true, terminating: false }, { ready: false, serving: false, terminating: false }, { ready: false, serving: true, terminating: true },
  ]);
  assert.deepEqual(conditions(service({ publishNotReadyAddresses: true }))?.map((condition) => condition?.ready), [true, true, true]);
});

test("an endpoint says where it is, and hints at whom it is for where the Service asks for traffic that stays close", () => {
  const endpoints = (trafficDistribution?: string) => decideSlices(service(trafficDistribution === undefined ? {} : { trafficDistribution }), of(pod(0), pod(1, { nodeName: "two" }), pod(2, { isReady: false })), []).create[0]?.endpoints ?? [];
  assert.deepEqual(endpoints().map(({ nodeName, zone, hints }) => [nodeName, zone, hints]), [["one", "east", undefined], ["two", undefined, undefined], ["one", "east", undefined]]);
  const east = { forZones: [{ name: "east" }] };
  assert.deepEqual(endpoints("PreferClose").map(({ hints }) => hints), [east, undefined, undefined]);
  assert.deepEqual(endpoints("PreferSameNode").map(({ hints }) => hints), [{ ...east, forNodes: [{ name: "one" }] }, { forNodes: [{ name: "two" }] }, undefined]);
});

test("a pod of a node nobody knows is left out, unless the Service publishes what is not ready", () => {
  const lost = pod(0, { nodeName: "gone" });
  assert.deepEqual(decideSlices(service(), of(lost, pod(1)), []).create.map(namesIn), [["p1"]]);
  assert.deepEqual(decideSlices(service({ publishNotReadyAddresses: true }), of(lost), []).create.map(namesIn), [["p0"]]);
});

test("pods whose named port has another number are in a slice of their own", () => {
  const { create } = decideSlices(service(), of(pod(0), pod(1, { port: 9090 }), pod(2)), []);
  assert.deepEqual(create.map((slice) => [slice.ports?.[0]?.port, slice.endpoints?.length]), [[8080, 2], [9090, 1]]);
});

test("a slice carries the Service's labels and its own, follows them, and names the Service as its owner", () => {
  const [first] = after([], decideSlices(service(), of(pod(0)), []));
  assert.deepEqual(first?.metadata.labels, { app: "web", "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" });
  assert.deepEqual([first?.metadata.generateName, first?.metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller])], ["web-", [["Service", "s", true]]]);
  const renamed = { ...service(), metadata: { ...service().metadata, labels: { app: "shop" } } };
  assert.deepEqual(decideSlices(renamed, of(pod(0)), first === undefined ? [] : [first]).update.map(({ metadata }) => metadata.labels?.["app"]), ["shop"]);
  assert.equal(decideSlices(service({ clusterIP: "None" }), of(pod(0)), []).create[0]?.metadata.labels?.["service.kubernetes.io/headless"], "");
});

test("a Service without pods has one empty slice of each of its families, which is left alone and is the first to be filled", () => {
  const dual = service({ ipFamilies: ["IPv4", "IPv6"] });
  const empty = after([], decideSlices(dual, of(), []));
  assert.deepEqual(empty.map(({ addressType, ports, endpoints }) => [addressType, ports, endpoints]), [["IPv4", [], []], ["IPv6", [], []]]);
  assert.deepEqual(decideSlices(dual, of(), empty), { create: [], update: [], remove: [] });
  const filled = decideSlices(dual, of(pod(0, { ips: ["10.0.0.1", "fd00::1"] })), empty);
  assert.deepEqual([filled.create, filled.remove, filled.update.map(({ metadata, endpoints, ports }) => [metadata.name, endpoints?.[0]?.addresses, ports?.length])], [[], [], [
    ["web-0-0-IPv4", ["10.0.0.1"], 1], ["web-0-1-IPv6", ["fd00::1"], 1],
  ]]);
  const again = decideSlices(dual, of(), after(empty, filled));
  assert.deepEqual([again.create, again.remove, again.update.map(({ ports, endpoints }) => [ports, endpoints])], [[], [], [[[], []], [[], []]]]);
});

test("the slices of a family the Service no longer has go", () => {
  const slices = after([], decideSlices(service({ ipFamilies: ["IPv4", "IPv6"] }), of(pod(0)), []));
  assert.deepEqual(decideSlices(service(), of(pod(0)), slices).remove.map(({ addressType }) => addressType), ["IPv6"]);
});

test("the slices of an earlier Service of the name go and are not filled", () => {
  const slices = after([], decideSlices(service({}, "old"), of(pod(0)), []));
  const { create, update, remove } = decideSlices(service(), of(pod(0)), slices);
  assert.deepEqual([create.map(namesIn), update, remove], [[["p0"]], [], slices]);
});

test("nothing to change changes nothing", () => {
  const pods = of(pod(0), pod(1));
  const slices = after([], decideSlices(service(), pods, []));
  assert.deepEqual(decideSlices(service(), pods, slices), { create: [], update: [], remove: [] });
});

test("new pods go where something changes anyway, then where they fit best, then into a new slice", () => {
  const slices = after([], decideSlices(service(), of(...many(0, 240)), []));
  assert.deepEqual(slices.map((slice) => slice.endpoints?.length), [100, 100, 40]);
  const swapped = decideSlices(service(), of(...many(1, 240), pod(240)), slices);
  assert.deepEqual([swapped.create, swapped.remove, swapped.update.map((slice) => [slice.metadata.name, namesIn(slice).at(-1)])], [[], [], [["web-0-0-IPv4", "p240"]]]);
  const grown = decideSlices(service(), of(...many(0, 300)), slices);
  assert.deepEqual([grown.create, grown.update.map((slice) => [slice.metadata.name, slice.endpoints?.length])], [[], [["web-0-2-IPv4", 100]]]);
  const much = decideSlices(service(), of(...many(0, 301)), slices);
  assert.deepEqual([much.create.map((slice) => slice.endpoints?.length), much.update], [[61], []]);
});

test("a slice nothing is left in goes, or takes what a new one would hold", () => {
  const slices = after([], decideSlices(service(), of(...many(0, 150)), []));
  assert.deepEqual(decideSlices(service(), of(...many(0, 100)), slices).remove.map(({ metadata }) => metadata.name), ["web-0-1-IPv4"]);
  const replaced = decideSlices(service(), of(...many(0, 100), ...many(200, 250)), slices);
  assert.deepEqual([replaced.create, replaced.remove, replaced.update.map((slice) => [slice.metadata.name, slice.endpoints?.length])], [[], [], [["web-0-1-IPv4", 50]]]);
});

test("of a thousand pods a change of one writes one slice", () => {
  const pods = many(0, 1_000);
  const slices = after([], decideSlices(service(), of(...pods), []));
  assert.equal(slices.length, 10);
  const changes: readonly (readonly Pod[])[] = [pods.with(500, pod(500, { isReady: false })), pods.toSpliced(500, 1), [...pods, pod(1_000)], pods.with(3, pod(3, { isEnding: true }))];
  for (const changed of changes) {
    const { create, update, remove } = decideSlices(service(), of(...changed), slices);
    assert.equal(create.length + update.length + remove.length, 1);
  }
});

/** Pods that come, go and change; some of them share a port another has not. */
const podsOfRound = fc.uniqueArray(fc.record({ index: fc.nat(260), isReady: fc.boolean(), isEnding: fc.boolean(), port: fc.constantFrom(8080, 8080, 9090) }), { maxLength: 240, selector: ({ index }) => index })
  .map((drawn) => drawn.map(({ index, ...details }) => pod(index, details)));

test("whatever comes and goes, each pod is an endpoint exactly once, no slice is too big, and what need not change does not", () => {
  fc.assert(fc.property(fc.array(podsOfRound, { minLength: 1, maxLength: 5 }), (rounds) => {
    let slices: readonly EndpointSlice[] = [];
    for (const [round, pods] of rounds.entries()) {
      const before = slices;
      const decision = decideSlices(service(), of(...pods), before);
      slices = after(before, decision, round);
      const names = slices.flatMap(namesIn);
      assert.equal(names.length, pods.length);
      assert.deepEqual(new Set(names), new Set(pods.map(({ metadata }) => metadata.name)));
      assert.ok(slices.length > 0 && slices.every((slice) => (slice.endpoints ?? []).length <= endpointsPerSliceMax && (slices.length === 1 || (slice.endpoints ?? []).length > 0)));
      for (const changed of decision.update) assert.notDeepEqual(changed, before.find(({ metadata }) => metadata.name === changed.metadata.name));
      assert.deepEqual(decideSlices(service(), of(...pods), slices), { create: [], update: [], remove: [] });
      const [gone] = pods;
      const less = decideSlices(service(), of(...pods.slice(1)), slices);
      assert.ok(gone === undefined || less.create.length + less.update.length + less.remove.length === 1);
    }
  }), { numRuns: 30 });
});
