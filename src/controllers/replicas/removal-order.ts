import type { Pod } from "../../model/kinds/pod.ts";
import { findCondition, parseTime } from "../../model/conditions.ts";
import { isActive, isReady } from "../../model/pods.ts";

/** Users' wish which pods go first: a number, lower first, 0 when absent. */
export const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

const phaseRanks: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Pods in the order they are given up: unassigned, pending, unknown, not ready, cheaper, on crowded nodes, ready for shorter (by powers of ten),
 * restarted more, newer; the name breaks ties. Pure.
 * @see kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks
 */
export function removalOrder(pods: readonly Pod[], { related, nowMs }: { readonly related: readonly Pod[]; readonly nowMs: number }): readonly Pod[] {
  const podsOnNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? "";
    if (isActive(pod) && node !== "") podsOnNode.set(node, (podsOnNode.get(node) ?? 0) + 1);
  }
  return pods.map((pod) => ({ pod, ranks: ranksOf(pod, podsOnNode, nowMs) })).toSorted((a, b) => compareRanks(a.ranks, b.ranks) || compareNames(a.pod, b.pod)).map(({ pod }) => pod);
}

/** Numbers compared one after the other; the smaller goes first. */
function ranksOf(pod: Pod, podsOnNode: ReadonlyMap<string, number>, nowMs: number): readonly number[] {
  const node = pod.spec.nodeName ?? "";
  const ready = isReady(pod);
  const cost = Number(pod.metadata.annotations?.[deletionCostAnnotation] ?? "0");
  return [
    node === "" ? 0 : 1,
    phaseRanks[pod.status.phase ?? "Pending"] ?? 2,
    ready ? 1 : 0,
    Number.isNaN(cost) ? 0 : cost,
    -(podsOnNode.get(node) ?? 0),
    ready ? ageBucket(findCondition(pod.status.conditions, "Ready")?.lastTransitionTime, nowMs) : 0,
    -restartsOf(pod),
    ageBucket(pod.metadata.creationTimestamp, nowMs),
  ];
}

function restartsOf(pod: Pod): number {
  return (pod.status.containerStatuses ?? []).reduce((max, status) => Math.max(max, status.restartCount), 0);
}

/** The order of magnitude of an age in seconds, so that pods of one rollout count as equally old. */
function ageBucket(time: string | undefined, nowMs: number): number {
  const ageSeconds = (nowMs - (parseTime(time) ?? nowMs)) / 1000;
  return ageSeconds >= 1 ? Math.floor(Math.log10(ageSeconds)) + 1 : 0;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareNames(a: Pod, b: Pod): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
