import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Pod } from "../../model/kinds/pod.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { printTime } from "../../world/clock.ts";
import { countReplicas, decideReplicas, podsPerPassMax } from "./decide.ts";
import { deletionCostAnnotation, removalOrder } from "./removal-order.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

interface PodDetail {
  readonly node?: string;
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  readonly readySeconds?: number;
  readonly restarts?: number;
  readonly ageSeconds?: number;
  readonly cost?: string;
  readonly isEnding?: boolean;
}

function pod(name: string, { node = "one", phase = "Running", readySeconds, restarts = 0, ageSeconds = 100, cost, isEnding = false }: PodDetail = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name, namespace: "n", uid: name, creationTimestamp: printTime(nowMs - ageSeconds * 1000), labels: { app: "web" },
      ...(cost === undefined ? {} : { annotations: { [deletionCostAnnotation]: cost } }), ...(isEnding ? { deletionTimestamp: printTime(nowMs) } : {}),
    },
    spec: { containers: [], nodeName: node },
    status: {
      phase, containerStatuses: [{ name: "c", ready: true, restartCount: restarts, image: "", imageID: "" }],
      ...(readySeconds === undefined ? {} : { conditions: [{ type: "Ready", status: "True", lastTransitionTime: printTime(nowMs - readySeconds * 1000) }] }),
    },
  };
}

function replicaSet(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web", namespace: "n", uid: "s", generation: 7 }, status: { replicas: 0 },
    spec: { replicas, minReadySeconds, selector: { matchLabels: { app: "web" } }, template: { metadata: { name: "", labels: { app: "web" } }, spec: { containers: [] } } },
  };
}

test("of two pods the less useful goes first", () => {
  const table: readonly (readonly [string, PodDetail, PodDetail])[] = [
    ["unassigned before assigned", { node: "", phase: "Pending" }, { phase: "Pending" }],
    ["pending before unknown", { phase: "Pending" }, { phase: "Unknown" }],
    ["unknown before running", { phase: "Unknown" }, {}],
    ["not ready before ready", {}, { readySeconds: 5 }],
    ["cheaper first", { readySeconds: 500, cost: "-1" }, { readySeconds: 500 }],
    ["on the crowded node first", { readySeconds: 500 }, { readySeconds: 500, node: "two" }],
    ["ready for shorter first", { readySeconds: 5, node: "two" }, { readySeconds: 500, node: "three" }],
    ["restarted more first", { readySeconds: 5, restarts: 3 }, { readySeconds: 5 }],
    ["newer first", { readySeconds: 5, ageSeconds: 5 }, { readySeconds: 5, ageSeconds: 5000 }],
  ];
  for (const [title, first, second] of table) {
    const pods = [pod("b", second), pod("a", first)];
    const related = [...pods, pod("other", { readySeconds: 1 })];
    assert.deepEqual(removalOrder(pods, { related, nowMs }).map(({ metadata }) => metadata.name), ["a", "b"], title);
  }
});

test("finished and ending pods do not count, and a set being deleted does nothing", () => {
  const owned = [pod("a", { readySeconds: 1 }), pod("b", { phase: "Failed" }), pod("c", { isEnding: true })];
  assert.equal(decideReplicas(replicaSet(3), owned, { related: owned, nowMs }).createCount, 2);
  const ending = { ...replicaSet(3), metadata: { name: "web", deletionTimestamp: printTime(nowMs) } };
  assert.deepEqual(decideReplicas(ending, owned, { related: owned, nowMs }), { createCount: 0, remove: [] });
});

test("the status counts ready, available and terminating pods, and knows when the next becomes available", () => {
  const owned = [pod("a", { readySeconds: 30 }), pod("b", { readySeconds: 5 }), pod("c"), pod("d", { isEnding: true })];
  const { status, againMs } = countReplicas(replicaSet(3, 20), owned, { nowMs, failure: undefined });
  assert.deepEqual(status, { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 1, observedGeneration: 7 });
  assert.equal(againMs, 15_000);
});

test("a pass closes the gap as far as its bound lets it, never creating and removing at once", () => {
  fc.assert(fc.property(fc.nat(1200), fc.nat(40), (wished, present) => {
    const owned = Array.from({ length: present }, (_, index) => pod(`p${index}`, { readySeconds: index }));
    const { createCount, remove } = decideReplicas(replicaSet(wished), owned, { related: owned, nowMs });
    assert.ok(createCount === 0 || remove.length === 0);
    assert.equal(createCount, Math.min(podsPerPassMax, Math.max(0, wished - present)));
    assert.equal(new Set(remove).size, Math.max(0, present - wished));
  }), { numRuns: 50 });
});
