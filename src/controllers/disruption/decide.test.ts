import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PodDisruptionBudgetSpec } from "../../model/generated/policy-v1.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { PodDisruptionBudget } from "../../model/kinds/policy.ts";
import { decideBudget, deletionTimeoutMs } from "./decide.ts";
import type { PodOwner } from "./decide.ts";

const nowMs = Date.UTC(2026, 0, 1, 12);

function budget(spec: PodDisruptionBudgetSpec, status: PodDisruptionBudget["status"] = {}): PodDisruptionBudget {
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "b", namespace: "n", generation: 3 }, spec, status };
}

function pod(name: string, options: { readonly isReady?: boolean; readonly isEnding?: boolean } = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "n", uid: name, ...(options.isEnding === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    spec: { containers: [] }, status: { phase: "Running", conditions: [{ type: "Ready", status: options.isReady === false ? "False" : "True" }] },
  };
}

const four: PodOwner = { uid: "set", name: "ReplicaSet set", replicas: 4 };

function decide(spec: PodDisruptionBudgetSpec, pods: readonly Pod[], options: { readonly owner?: PodOwner; readonly status?: PodDisruptionBudget["status"] } = {}) {
  return decideBudget({ budget: budget(spec, options.status), pods, ownerOf: () => options.owner, nowMs });
}

const table: readonly { readonly spec: PodDisruptionBudgetSpec; readonly ready: number; readonly unready?: number; readonly owner?: PodOwner; readonly says: readonly [expected: number, desired: number, healthy: number, allowed: number] }[] = [
  { spec: { minAvailable: 2 }, ready: 3, says: [3, 2, 3, 1] },
  { spec: { minAvailable: 2 }, ready: 2, says: [2, 2, 2, 0] },
  { spec: { minAvailable: 2 }, ready: 1, unready: 3, says: [4, 2, 1, 0] },
  { spec: { minAvailable: 0 }, ready: 0, says: [0, 0, 0, 0] },
  { spec: { minAvailable: "50%" }, ready: 4, owner: four, says: [4, 2, 4, 2] },
  { spec: { minAvailable: "30%" }, ready: 4, owner: four, says: [4, 2, 4, 2] },
  { spec: { minAvailable: "100%" }, ready: 4, owner: four, says: [4, 4, 4, 0] },
  { spec: { maxUnavailable: 1 }, ready: 4, owner: four, says: [4, 3, 4, 1] },
  { spec: { maxUnavailable: 1 }, ready: 3, unready: 1, owner: four, says: [4, 3, 3, 0] },
  { spec: { maxUnavailable: 9 }, ready: 2, owner: four, says: [4, 0, 2, 2] },
  { spec: { maxUnavailable: "30%" }, ready: 4, owner: four, says: [4, 2, 4, 2] },
  { spec: { maxUnavailable: 1 }, ready: 2, says: [0, 0, 2, 0] },
  { spec: {}, ready: 2, says: [0, 0, 2, 0] },
];

for (const { spec, ready, unready = 0, owner, says } of table) {
  test(`${JSON.stringify(spec)} over ${ready} ready and ${unready} unready pods of ${owner === undefined ? "nobody" : "an owner of four"} allows ${says[3]}`, () => {
    const pods = [...Array.from({ length: ready }, (_, index) => pod(`r${index}`)), ...Array.from({ length: unready }, (_, index) => pod(`u${index}`, { isReady: false }))];
    const { status } = decide(spec, pods, owner === undefined ? {} : { owner });
    assert.deepEqual([status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed], says);
    assert.deepEqual([status.observedGeneration, status.conditions?.map(({ type, status: is, reason }) => [type, is, reason])], [3, [["DisruptionAllowed", says[3] > 0 ? "True" : "False", says[3] > 0 ? "SufficientPods" : "InsufficientPods"]]]);
  });
}

test("an ending pod is not healthy, and neither is one just evicted until its deletion is overdue", () => {
  assert.equal(decide({ minAvailable: 1 }, [pod("a"), pod("b", { isEnding: true })]).status.currentHealthy, 1);
  const at = (agoMs: number) => decide({ minAvailable: 1 }, [pod("a"), pod("b")], { status: { disruptedPods: { b: new Date(nowMs - agoMs).toISOString(), gone: new Date(nowMs).toISOString() } } });
  const soon = at(1_000);
  assert.deepEqual([soon.status.currentHealthy, Object.keys(soon.status.disruptedPods ?? {}), soon.againMs], [1, ["b"], deletionTimeoutMs - 1_000]);
  const late = at(deletionTimeoutMs);
  assert.deepEqual([late.status.currentHealthy, late.status.disruptedPods, late.againMs], [2, undefined, undefined]);
});

test("while an owner does not say how many it wants, nothing may go", () => {
  const { status, events } = decide({ maxUnavailable: 1 }, [pod("a")], { owner: { uid: "x", name: "Rollout x", replicas: undefined }, status: { disruptionsAllowed: 5, observedGeneration: 2 } });
  assert.deepEqual([status.disruptionsAllowed, status.observedGeneration, status.conditions?.[0]?.reason, status.conditions?.[0]?.message], [0, 2, "SyncFailed", "Rollout x does not say how many pods it wants"]);
  assert.deepEqual(events.map(({ reason }) => reason), ["CalculateExpectedPodCountFailed"]);
});

test("a budget over no pods and one over unmanaged pods say so", () => {
  assert.deepEqual(decide({ minAvailable: 1 }, []).events, [{ type: "Normal", reason: "NoPods", message: "No matching pods found" }]);
  assert.deepEqual(decide({ maxUnavailable: 1 }, [pod("b"), pod("a")]).events.map(({ reason, message }) => [reason, message.includes("a, b")]), [["UnmanagedPods", true]]);
});

test("whatever a minimum allows to go leaves the minimum healthy, and a second look changes nothing", () => {
  fc.assert(fc.property(fc.nat(6), fc.array(fc.record({ isReady: fc.boolean(), isEnding: fc.boolean() }), { maxLength: 8 }), (minAvailable, states) => {
    const pods = states.map((state, index) => pod(`p${index}`, state));
    const { status } = decide({ minAvailable }, pods);
    const healthy = states.filter(({ isReady, isEnding }) => isReady && !isEnding).length;
    assert.equal(status.disruptionsAllowed, Math.max(0, healthy - minAvailable));
    assert.deepEqual(decide({ minAvailable }, pods, { status }).status, status);
  }));
});
