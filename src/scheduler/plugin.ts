import type { Cluster, NodeInfo, PodInfo } from "./cluster.ts";

/** The best score of a plugin for a node. */
export const scoreMax = 100;

/** A plugin's view of one pod: what it needs of the whole cluster is worked out once. */
export interface PodPlugin {
  /** Why the pod cannot go to the node, in upstream's words; none when it can. */
  filter?(node: NodeInfo): readonly string[];
  /** How well the node suits, in any unit. */
  score?(node: NodeInfo): number;
}

/** One reason for or against nodes, as a frozen value. */
export interface SchedulerPlugin {
  readonly name: string;
  /** How much its score counts (upstream pkg/scheduler/apis/config/v1/default_plugins.go). */
  readonly weight: number;
  /** What becomes of raw scores: kept (already 0 to 100), scaled so that the highest is 100, or turned round so that the lowest is. */
  readonly scale: "keep" | "highest" | "lowest";
  /** Undefined when the plugin has nothing to say about the pod. */
  begin(pod: PodInfo, cluster: Cluster): PodPlugin | undefined;
}

/** Scores of all nodes brought to 0 to 100. */
export function scaleScores(scores: readonly number[], scale: SchedulerPlugin["scale"]): readonly number[] {
  if (scale === "keep") return scores;
  const max = Math.max(...scores);
  if (max === 0) return scores.map(() => (scale === "lowest" ? scoreMax : 0));
  return scores.map((score) => (scale === "lowest" ? scoreMax - (score * scoreMax) / max : (score * scoreMax) / max));
}
