import { findCondition, parseTime, withCondition } from "../../model/conditions.ts";
import type { Condition } from "../../model/generated/meta-v1.ts";
import type { PodDisruptionBudgetStatus } from "../../model/generated/policy-v1.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { PodDisruptionBudget } from "../../model/kinds/policy.ts";
import { isReady } from "../../model/pods.ts";
import { scaledValue } from "../../value/int-or-string.ts";

/** An evicted pod that is still there after this time counts as healthy again: its deletion did not happen (upstream's DeletionTimeout). */
export const deletionTimeoutMs = 120_000;

/** The condition that says whether one more pod may go. */
const allowedType = "DisruptionAllowed";

/** What controls a budget's pods: its uid, and the pods it wants; undefined where nobody can tell. */
export interface PodOwner {
  readonly uid: string;
  readonly name: string;
  readonly replicas: number | undefined;
}

export interface BudgetFacts {
  readonly budget: PodDisruptionBudget;
  /** The pods its selector names. */
  readonly pods: readonly Pod[];
  /** Who controls a pod in the end: of a Deployment's pod the Deployment. Undefined for a pod nobody controls. */
  readonly ownerOf: (pod: Pod) => PodOwner | undefined;
  readonly nowMs: number;
}

export interface BudgetDecision {
  readonly status: PodDisruptionBudgetStatus;
  readonly events: readonly { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }[];
  /** When a pod that should have gone counts again. */
  readonly againMs?: number;
}

/**
 * Decides how many of a budget's pods may go now. Pure.
 *
 * @see kubernetes pkg/controller/disruption/disruption.go trySync, getExpectedPodCount, countHealthyPods
 */
export function decideBudget(facts: BudgetFacts): BudgetDecision {
  const { budget, pods, nowMs } = facts;
  const expected = expectPods(facts);
  const events = [
    ...(pods.length === 0 ? [{ type: "Normal", reason: "NoPods", message: "No matching pods found" } as const] : []),
    ...expected.events,
  ];
  if (expected.kind === "unknown") return { status: failedStatus(budget, expected.why, nowMs), events };
  const { disruptedPods, againMs } = keepDisrupted(facts);
  const currentHealthy = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined && isReady(pod)).length;
  const spare = currentHealthy - expected.desiredHealthy;
  const disruptionsAllowed = expected.expectedPods > 0 && spare > 0 ? spare : 0;
  const observedGeneration = budget.metadata.generation ?? 0;
  const condition = {
    type: allowedType, observedGeneration, message: "",
    ...(disruptionsAllowed > 0 ? { status: "True", reason: "SufficientPods" } as const : { status: "False", reason: "InsufficientPods" } as const),
  };
  const status: PodDisruptionBudgetStatus = {
    observedGeneration, disruptionsAllowed, currentHealthy, desiredHealthy: expected.desiredHealthy, expectedPods: expected.expectedPods,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    conditions: withDisruption(budget, condition, nowMs),
  };
  return { status, events, ...(againMs === undefined ? {} : { againMs }) };
}

type Expectation =
  | { readonly kind: "known"; readonly expectedPods: number; readonly desiredHealthy: number; readonly events: BudgetDecision["events"] }
  | { readonly kind: "unknown"; readonly why: string; readonly events: BudgetDecision["events"] };

/** How many pods there should be, and how many of them healthy. A plain minimum needs to know of no owner. */
function expectPods({ budget, pods, ownerOf }: BudgetFacts): Expectation {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable === undefined && typeof minAvailable === "number") return { kind: "known", expectedPods: pods.length, desiredHealthy: minAvailable, events: [] };
  const share = maxUnavailable ?? minAvailable;
  if (share === undefined) return { kind: "known", expectedPods: 0, desiredHealthy: 0, events: [] };
  const owners = new Map<string, PodOwner>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = ownerOf(pod);
    if (owner === undefined) unmanaged.push(pod.metadata.name);
    else owners.set(owner.uid, owner);
  }
  const events = unmanaged.length === 0 ? [] : [{
    type: "Warning", reason: "UnmanagedPods", message: `No controller says how many there should be of ${unmanaged.toSorted().join(", ")}: this budget counts without them. A number in .spec.minAvailable needs no controller.`,
  } as const];
  const unknown = [...owners.values()].find(({ replicas }) => replicas === undefined);
  if (unknown !== undefined) {
    const why = `${unknown.name} does not say how many pods it wants`;
    return { kind: "unknown", why, events: [...events, { type: "Warning", reason: "CalculateExpectedPodCountFailed", message: `Failed to calculate the number of expected pods: ${why}` }] };
  }
  const expectedPods = [...owners.values()].reduce((sum, { replicas = 0 }) => sum + replicas, 0);
  const part = scaledValue(share, expectedPods, "up") ?? 0;
  return { kind: "known", expectedPods, desiredHealthy: maxUnavailable === undefined ? part : Math.max(0, expectedPods - part), events };
}

/** Evicted pods that are still about to go: those that went, or should have gone by now, are forgotten. */
function keepDisrupted({ budget, pods, nowMs }: BudgetFacts): { readonly disruptedPods: Readonly<Record<string, string>>; readonly againMs?: number } {
  const kept: Record<string, string> = {};
  let firstMs = Infinity;
  for (const { metadata } of pods) {
    const sinceText = budget.status.disruptedPods?.[metadata.name];
    const sinceMs = parseTime(sinceText);
    if (sinceText === undefined || sinceMs === undefined || metadata.deletionTimestamp !== undefined || sinceMs + deletionTimeoutMs <= nowMs) continue;
    kept[metadata.name] = sinceText;
    firstMs = Math.min(firstMs, sinceMs + deletionTimeoutMs - nowMs);
  }
  return { disruptedPods: kept, ...(firstMs === Infinity ? {} : { againMs: firstMs }) };
}

/** Nothing may go while nobody can tell how many there should be. */
function failedStatus(budget: PodDisruptionBudget, why: string, nowMs: number): PodDisruptionBudgetStatus {
  const condition = { type: allowedType, status: "False", reason: "SyncFailed", message: why, observedGeneration: budget.status.observedGeneration ?? 0 } as const;
  return { ...budget.status, disruptionsAllowed: 0, conditions: withDisruption(budget, condition, nowMs) };
}

function withDisruption({ status }: PodDisruptionBudget, condition: Omit<Condition, "lastTransitionTime">, nowMs: number): readonly Condition[] {
  const lastTransitionTime = findCondition(status.conditions, allowedType)?.lastTransitionTime ?? "";
  return withCondition(status.conditions, { ...condition, lastTransitionTime }, nowMs);
}
