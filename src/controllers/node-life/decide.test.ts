import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Toleration } from "../../model/generated/core-v1.ts";
import { printTime } from "../../world/clock.ts";
import { decideNode, evictionTime, graceMs, startupGraceMs } from "./decide.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

function node(ready: "True" | "False" | "Unknown" | undefined, spec: Node["spec"] = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name: "one" }, spec, status: ready === undefined ? {} : { conditions: [{ type: "Ready", status: ready }] } };
}

function pod(tolerations: readonly Toleration[] = []): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "n" }, spec: { containers: [], nodeName: "one", tolerations }, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };
}

function decide(subject: Node, options: { readonly heardMsAgo?: number; readonly areOthersSilent?: boolean; readonly pods?: readonly Pod[] } = {}) {
  return decideNode({ node: subject, pods: options.pods ?? [], heardAtMs: nowMs - (options.heardMsAgo ?? 0), areOthersSilent: options.areOthersSilent ?? false, nowMs });
}

const taintTexts = (decision: ReturnType<typeof decide>): readonly string[] | undefined => decision.taints?.map((taint) => `${taint.key.replace("node.kubernetes.io/", "")}:${taint.effect}`);

test("a node heard of lately is left alone until its grace is over", () => {
  const decision = decide(node("True"), { heardMsAgo: 20_000 });
  assert.deepEqual(decision, { conditions: undefined, taints: undefined, unready: [], evict: [], againMs: graceMs - 20_000 });
});

test("taints follow readiness and cordon", () => {
  const table: readonly (readonly [Node, boolean, readonly string[] | undefined])[] = [
    [node("True"), false, undefined],
    [node("False"), false, ["not-ready:NoSchedule", "not-ready:NoExecute"]],
    [node("Unknown"), false, ["unreachable:NoSchedule", "unreachable:NoExecute"]],
    [node("Unknown"), true, ["unreachable:NoSchedule"]],
    [node(undefined), false, ["not-ready:NoSchedule"]],
    [node("True", { unschedulable: true }), false, ["unschedulable:NoSchedule"]],
    [node("True", { taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }, { key: "mine", effect: "NoSchedule" }] }), false, ["mine:NoSchedule"]],
  ];
  for (const [subject, areOthersSilent, expected] of table) assert.deepEqual(taintTexts(decide(subject, { areOthersSilent })), expected);
});

test("silence makes every condition of the agent Unknown, later for a node that never reported", () => {
  const decision = decide(node("True"), { heardMsAgo: graceMs });
  assert.deepEqual(decision.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`), [
    "Ready Unknown NodeStatusUnknown", "MemoryPressure Unknown NodeStatusNeverUpdated", "DiskPressure Unknown NodeStatusNeverUpdated", "PIDPressure Unknown NodeStatusNeverUpdated",
  ]);
  assert.equal(decide(node(undefined), { heardMsAgo: graceMs }).conditions, undefined);
  assert.equal(decide(node(undefined), { heardMsAgo: startupGraceMs }).conditions?.[0]?.reason, "NodeStatusNeverUpdated");
});

test("pods of a silent node are not ready, but stay when every node is silent", () => {
  const subject = pod();
  const decision = decide(node("True"), { heardMsAgo: graceMs, areOthersSilent: true, pods: [subject] });
  assert.deepEqual(decision.unready, [subject]);
  assert.deepEqual(decision.evict, []);
});

test("a pod goes after the shortest toleration that applies to each taint", () => {
  const taint = { key: "k", effect: "NoExecute" as const, timeAdded: printTime(nowMs - 10_000) };
  const table: readonly (readonly [readonly Toleration[], number])[] = [
    [[], nowMs],
    [[{ key: "k", operator: "Exists" }], Number.POSITIVE_INFINITY],
    [[{ key: "k", operator: "Exists", tolerationSeconds: 30 }], nowMs + 20_000],
    [[{ operator: "Exists", tolerationSeconds: 300 }, { key: "k", operator: "Exists", tolerationSeconds: 20 }], nowMs + 10_000],
    [[{ key: "k", operator: "Exists", effect: "NoSchedule" }], nowMs],
    [[{ key: "k", operator: "Equal", value: "other" }], nowMs],
  ];
  for (const [tolerations, expected] of table) assert.equal(evictionTime(pod(tolerations), [taint], nowMs), expected, JSON.stringify(tolerations));
});
