import { findCondition, parseTime, withCondition } from "../../model/conditions.ts";
import type { NodeCondition, Taint } from "../../model/generated/core-v1.ts";
import type { Node } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { isActive } from "../../model/pods.ts";
import { isTolerating } from "../../model/taints.ts";
import { isEqual } from "../../value/equal.ts";
import { printTime } from "../../world/clock.ts";

/** A node that says nothing for so long is Unknown (upstream's --node-monitor-grace-period). */
export const graceMs = 50_000;
/** One that never said anything gets a little more (--node-startup-grace-period). */
export const startupGraceMs = 60_000;
/** On nodes whose agent says they are not ready, or that have not reported yet. */
export const notReadyTaint = "node.kubernetes.io/not-ready";
/** On silent nodes. */
export const unreachableTaint = "node.kubernetes.io/unreachable";
/** On cordoned nodes. */
export const unschedulableTaint = "node.kubernetes.io/unschedulable";
/** Conditions that nobody vouches for when the agent is silent. */
const agentConditions: readonly string[] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];
const lifeTaints: readonly string[] = [notReadyTaint, unreachableTaint, unschedulableTaint];

export interface NodeView {
  readonly node: Node;
  /** Pods bound to it. */
  readonly pods: readonly Pod[];
  /** When this process last saw a sign of life. Its own clock counts, never the node's. */
  readonly heardAtMs: number;
  /** True when no other node is ready either: then the fault is more likely ours, and nothing is evicted. */
  readonly areOthersSilent: boolean;
  readonly nowMs: number;
}

export interface NodeDecision {
  /** Conditions and taints when they change. */
  readonly conditions: readonly NodeCondition[] | undefined;
  readonly taints: readonly Taint[] | undefined;
  /** Pods that no longer count as ready, since nobody vouches for them. */
  readonly unready: readonly Pod[];
  readonly evict: readonly Pod[];
  /** When to look again though nothing changes. */
  readonly againMs: number | undefined;
}

/**
 * Decides about a node from its last sign of life. Pure.
 * @see kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, pkg/controller/tainteviction
 */
export function decideNode({ node, pods, heardAtMs, areOthersSilent, nowMs }: NodeView): NodeDecision {
  const before = node.status.conditions ?? [];
  const hasReported = findCondition(before, "Ready") !== undefined;
  const silentAtMs = heardAtMs + (hasReported ? graceMs : startupGraceMs);
  const conditions = nowMs >= silentAtMs ? silentConditions(before, nowMs) : before;
  const ready = findCondition(conditions, "Ready")?.status;
  const taints = taintsOf(node, ready, { isEvicting: !(areOthersSilent && ready !== "True"), nowMs });
  const isSilent = ready === "Unknown";
  const evictions = pods.filter(isActive).map((pod) => ({ pod, atMs: evictionTime(pod, taints, nowMs) }));
  const waits = evictions.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs && Number.isFinite(atMs)).map((atMs) => atMs - nowMs);
  if (nowMs < silentAtMs) waits.push(silentAtMs - nowMs);
  return {
    conditions: conditions === before ? undefined : conditions,
    taints: isEqual(taints, node.spec.taints ?? []) ? undefined : taints,
    unready: isSilent ? pods.filter((pod) => isActive(pod) && findCondition(pod.status.conditions, "Ready")?.status === "True") : [],
    evict: evictions.filter(({ atMs }) => atMs <= nowMs).map(({ pod }) => pod),
    againMs: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

function silentConditions(before: readonly NodeCondition[], nowMs: number): readonly NodeCondition[] {
  return agentConditions.reduce((conditions, type) => {
    const known = findCondition(conditions, type);
    if (known?.status === "Unknown") return conditions;
    const note: NodeCondition = known === undefined
      ? { type, status: "Unknown", reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." }
      : { type, status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    return withCondition(conditions, note, nowMs);
  }, before);
}

/** The node's taints as its readiness and cordon ask for; those of others stay, and get a time from which tolerations count. */
function taintsOf(node: Node, ready: string | undefined, { isEvicting, nowMs }: { readonly isEvicting: boolean; readonly nowMs: number }): readonly Taint[] {
  const before = node.spec.taints ?? [];
  const wanted: { readonly key: string; readonly effect: Taint["effect"] }[] = [];
  const key = ready === "True" ? undefined : ready === "Unknown" ? unreachableTaint : notReadyTaint;
  if (key !== undefined) wanted.push({ key, effect: "NoSchedule" });
  if (key !== undefined && ready !== undefined && isEvicting) wanted.push({ key, effect: "NoExecute" });
  if (node.spec.unschedulable === true) wanted.push({ key: unschedulableTaint, effect: "NoSchedule" });
  const others = before.filter((taint) => !lifeTaints.includes(taint.key))
    .map((taint) => (taint.effect === "NoExecute" && taint.timeAdded === undefined ? { ...taint, timeAdded: printTime(nowMs) } : taint));
  const ours = wanted.map((taint) => before.find((known) => known.key === taint.key && known.effect === taint.effect) ?? { ...taint, timeAdded: printTime(nowMs) });
  return [...others, ...ours];
}

/** When a pod has to go because of NoExecute taints: now, after the shortest toleration that applies, or never (Infinity). */
export function evictionTime(pod: Pod, taints: readonly Taint[], nowMs: number): number {
  let atMs = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    if (taint.effect !== "NoExecute") continue;
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => isTolerating(toleration, taint));
    if (tolerations.length === 0) return nowMs;
    const seconds = tolerations.flatMap((toleration) => toleration.tolerationSeconds ?? []);
    if (seconds.length > 0) atMs = Math.min(atMs, (parseTime(taint.timeAdded) ?? nowMs) + Math.max(0, Math.min(...seconds)) * 1000);
  }
  return atMs;
}
