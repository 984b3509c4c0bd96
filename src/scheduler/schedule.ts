import type { Pod } from "../model/kinds/pod.ts";
import { podInfoOf } from "./cluster.ts";
import type { Cluster, NodeInfo } from "./cluster.ts";
import { scaleScores } from "./plugin.ts";
import type { PodPlugin, SchedulerPlugin } from "./plugin.ts";

/** Where a pod goes, or why nowhere. */
export type ScheduleResult =
  | { readonly kind: "fits"; readonly nodeName: string; readonly score: number }
  /** `reasons` has what every node said, by name. */
  | { readonly kind: "unschedulable"; readonly message: string; readonly reasons: ReadonlyMap<string, readonly string[]> };

export interface ScheduleOptions {
  /** Chooses among equally good nodes, in [0, 1); the first one when absent. */
  readonly tieBreak?: number;
}

/**
 * Finds the best node for a pod. Pure.
 * @see kubernetes pkg/scheduler/schedule_one.go
 */
export function schedule(pod: Pod, cluster: Cluster, plugins: readonly SchedulerPlugin[], { tieBreak = 0 }: ScheduleOptions = {}): ScheduleResult {
  const info = podInfoOf(pod);
  const active = plugins.flatMap((plugin) => {
    const begun = plugin.begin(info, cluster);
    return begun === undefined ? [] : [{ plugin, begun }];
  });
  const reasons = new Map<string, readonly string[]>();
  const fitting: NodeInfo[] = [];
  for (const node of cluster.nodes) {
    const problems = firstProblems(active.map(({ begun }) => begun), node);
    if (problems.length === 0) fitting.push(node);
    else reasons.set(node.name, problems);
  }
  if (fitting.length === 0) return { kind: "unschedulable", message: summaryOf(cluster.nodes.length, reasons), reasons };
  const totals = fitting.map(() => 0);
  for (const { plugin, begun } of active) {
    if (begun.score === undefined) continue;
    const raw = fitting.map((node) => begun.score?.(node) ?? 0);
    for (const [index, score] of scaleScores(raw, plugin.scale).entries()) totals[index] = (totals[index] ?? 0) + score * plugin.weight;
  }
  const best = Math.max(...totals);
  const winners = fitting.filter((_, index) => totals[index] === best);
  const winner = winners[Math.min(winners.length - 1, Math.floor(tieBreak * winners.length))];
  return { kind: "fits", nodeName: winner?.name ?? "", score: best };
}

/** What the first plugin that objects says. */
function firstProblems(plugins: readonly PodPlugin[], node: NodeInfo): readonly string[] {
  for (const plugin of plugins) {
    const problems = plugin.filter?.(node) ?? [];
    if (problems.length > 0) return problems;
  }
  return [];
}

/** `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.` */
export function summaryOf(nodeCount: number, reasons: ReadonlyMap<string, readonly string[]>): string {
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const counts = new Map<string, number>();
  for (const reason of [...reasons.values()].flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodeCount} nodes are available: ${parts.join(", ")}.`;
}
