import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Node } from "../model/kinds/node.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { ClusterState } from "./cluster.ts";
import { plugins } from "./plugins.ts";
import { schedule } from "./schedule.ts";

function node(name: string, { spec = {}, labels = {}, cpu = "4", memory = "8Gi", pods = "110" }: { readonly spec?: Node["spec"]; readonly labels?: Readonly<Record<string, string>>; readonly cpu?: string; readonly memory?: string; readonly pods?: string } = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, spec, status: { allocatable: { cpu, memory, pods } } };
}

function pod(name: string, spec: Partial<Pod["spec"]> & { readonly cpu?: string } = {}, owner?: string): Pod {
  const { cpu, ...rest } = spec;
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: { name, namespace: "n", uid: name, labels: { app: "web" }, ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner, controller: true }] }) },
    spec: { containers: [{ name: "c", ...(cpu === undefined ? {} : { resources: { requests: { cpu } } }) }], ...rest }, status: {},
  };
}

function cluster(nodes: readonly Node[], pods: readonly Pod[] = []): ClusterState {
  const state = new ClusterState();
  for (const item of nodes) state.setNode(item);
  for (const item of pods) state.setPod(item);
  return state;
}

function place(subject: Pod, state: ClusterState): string {
  const result = schedule(subject, state, plugins);
  return result.kind === "fits" ? result.nodeName : result.message;
}

test("a node that cannot take the pod says why", () => {
  const one = node("one");
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In" as const, values: ["ssd"] }] }] } } };
  const taken = pod("other", { nodeName: "one", containers: [{ name: "c", ports: [{ containerPort: 80, hostPort: 80 }] }] });
  const table: readonly (readonly [string, Pod, readonly Node[], readonly Pod[]])[] = [
    ["no nodes available to schedule pods", pod("p"), [], []],
    ["0/1 nodes are available: 1 Insufficient cpu.", pod("p", { cpu: "5" }), [one], []],
    ["0/1 nodes are available: 1 Too many pods.", pod("p"), [node("one", { pods: "1" })], [pod("other", { nodeName: "one" })]],
    ["0/1 nodes are available: 1 node(s) were unschedulable.", pod("p"), [node("one", { spec: { unschedulable: true } })], []],
    ["0/1 nodes are available: 1 node(s) had untolerated taint(s).", pod("p"), [node("one", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } })], []],
    ["0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", pod("p", { nodeSelector: { disk: "ssd" } }), [one], []],
    ["0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", pod("p", { affinity }), [one], []],
    ["0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", pod("p", { containers: [{ name: "c", ports: [{ containerPort: 1, hostPort: 80 }] }] }), [one], [taken]],
    ["0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.", pod("p", { cpu: "5" }), [one, node("two", { spec: { unschedulable: true } })], []],
  ];
  for (const [expected, subject, nodes, pods] of table) assert.equal(place(subject, cluster(nodes, pods)), expected);
});

test("tolerated taints, selected labels and free ports let the pod in", () => {
  const special = node("special", { labels: { disk: "ssd" }, spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] } });
  const subject = pod("p", { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "k", operator: "Equal", value: "v", effect: "NoSchedule" }] });
  assert.equal(place(subject, cluster([node("a"), special])), "special");
});

test("the emptier node is better, a preferred label weighs more, a taint to avoid less", () => {
  const busy = pod("busy", { nodeName: "a", cpu: "3" });
  assert.equal(place(pod("p", { cpu: "1" }), cluster([node("a"), node("b")], [busy])), "b");
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: { matchExpressions: [{ key: "disk", operator: "Exists" as const }] } }] } };
  assert.equal(place(pod("p", { cpu: "1", affinity }), cluster([node("a", { labels: { disk: "ssd" } }), node("b")], [busy])), "a");
  assert.equal(place(pod("p"), cluster([node("a", { spec: { taints: [{ key: "k", effect: "PreferNoSchedule" }] } }), node("b")])), "b");
});

test("pods of one owner spread over nodes, though the other is a little emptier", () => {
  const sibling = pod("sibling", { nodeName: "a" }, "set");
  const stranger = pod("stranger", { nodeName: "b", cpu: "200m" });
  assert.equal(place(pod("p", {}, "set"), cluster([node("a"), node("b")], [sibling, stranger])), "b");
});

test("a spread constraint that must hold keeps the skew", () => {
  const topologySpreadConstraints = [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" as const, labelSelector: { matchLabels: { app: "web" } } }];
  const nodes = [node("a", { labels: { zone: "x" } }), node("b", { labels: { zone: "y" }, cpu: "1" })];
  const subject = pod("p", { topologySpreadConstraints, cpu: "100m" });
  assert.equal(place(subject, cluster(nodes, [pod("one", { nodeName: "a" })])), "b");
  const full = cluster(nodes, [pod("one", { nodeName: "a" }), pod("two", { nodeName: "b", cpu: "1" }), pod("three", { nodeName: "a" })]);
  assert.equal(place(subject, full), "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.");
  assert.equal(place(subject, cluster([node("c")])), "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).");
});

test("an assumed pod counts at once, until it is confirmed, forgotten or gone", () => {
  const state = cluster([node("a", { cpu: "1" })]);
  const first = pod("first", { cpu: "1" });
  state.assume(first, "a");
  assert.equal(place(pod("p", { cpu: "1" }), state), "0/1 nodes are available: 1 Insufficient cpu.");
  state.setPod(first);
  assert.notEqual(place(pod("p", { cpu: "1" }), state), "a");
  state.forgetAssumed(first);
  assert.equal(place(pod("p", { cpu: "1" }), state), "a");
  state.setPod({ ...first, spec: { ...first.spec, nodeName: "a" } });
  assert.notEqual(place(pod("p", { cpu: "1" }), state), "a");
  state.setPod({ ...first, spec: { ...first.spec, nodeName: "a" }, status: { phase: "Succeeded" } });
  assert.equal(place(pod("p", { cpu: "1" }), state), "a");
});

test("no node is ever given more than it has", () => {
  const requests = fc.array(fc.integer({ min: 1, max: 2500 }), { maxLength: 40 });
  fc.assert(fc.property(requests, fc.array(fc.integer({ min: 500, max: 4000 }), { minLength: 1, maxLength: 5 }), (wanted, sizes) => {
    const state = cluster(sizes.map((milli, index) => node(`n${index}`, { cpu: `${milli}m`, pods: "12" })));
    for (const [index, milli] of wanted.entries()) {
      const subject = pod(`p${index}`, { cpu: `${milli}m` }, "set");
      const result = schedule(subject, state, plugins, { tieBreak: 0.5 });
      if (result.kind === "fits") state.assume(subject, result.nodeName);
      else assert.ok(state.nodes.every((info) => (info.requested["cpu"] ?? 0) + milli > (info.allocatable["cpu"] ?? 0) || info.pods.size >= 12));
    }
    for (const info of state.nodes) assert.ok((info.requested["cpu"] ?? 0) <= (info.allocatable["cpu"] ?? 0) && info.pods.size <= 12);
  }), { numRuns: 60 });
});
