import { controllerOf } from "../../model/object.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { TopologySpreadConstraint } from "../../model/generated/core-v1.ts";
import { isTolerated } from "../../model/taints.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import type { Cluster, NodeInfo } from "../cluster.ts";
import { isNodeSelected } from "../node-selection.ts";
import type { PodPlugin, SchedulerPlugin } from "../plugin.ts";

const hostnameLabel = "kubernetes.io/hostname";
const zoneLabel = "topology.kubernetes.io/zone";
const missedSkew = "node(s) didn't match pod topology spread constraints";
const missedLabel = "node(s) didn't match pod topology spread constraints (missing required label)";

/** Where pods like this one are counted, and how uneven that may become. */
interface Spread {
  readonly domainOf: (node: NodeInfo) => string | undefined;
  readonly counts: ReadonlyMap<string, number>;
  /** Absent for those that only score. */
  readonly limit?: { readonly maxSkew: number; readonly lowest: number; readonly isSelfCounted: boolean };
  readonly maxSkew: number;
}

/**
 * Spreads pods over domains: as a pod's constraints say, else pods of one owner over nodes and zones (scored only, upstream's system defaults).
 * @see kubernetes pkg/scheduler/framework/plugins/podtopologyspread
 */
export const podTopologySpread: SchedulerPlugin = {
  name: "PodTopologySpread",
  weight: 2,
  scale: "lowest",
  begin({ pod }, cluster): PodPlugin | undefined {
    const constraints = pod.spec.topologySpreadConstraints ?? [];
    const spreads = constraints.length > 0 ? constraints.map((constraint) => explicitSpread(pod, constraint, cluster)) : defaultSpreads(pod, cluster);
    if (spreads.length === 0) return undefined;
    return {
      filter: (node) => spreads.flatMap((spread) => problemOf(spread, node)).slice(0, 1),
      score: (node) => spreads.reduce((sum, spread) => sum + scoreOf(spread, node), 0),
    };
  },
};

function problemOf({ domainOf, counts, limit }: Spread, node: NodeInfo): readonly string[] {
  if (limit === undefined) return [];
  const domain = domainOf(node);
  if (domain === undefined) return [missedLabel];
  return (counts.get(domain) ?? 0) + (limit.isSelfCounted ? 1 : 0) - limit.lowest > limit.maxSkew ? [missedSkew] : [];
}

/** More pods alike are worse, the more the more domains there are; what is allowed as skew anyway is added to all alike. */
function scoreOf({ domainOf, counts, limit, maxSkew }: Spread, node: NodeInfo): number {
  if (limit !== undefined) return 0;
  const domain = domainOf(node);
  return domain === undefined ? 0 : (counts.get(domain) ?? 0) * Math.log(counts.size + 2) + maxSkew - 1;
}

function explicitSpread(pod: Pod, constraint: TopologySpreadConstraint, cluster: Cluster): Spread {
  const keyed = Object.fromEntries((constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [[key, value]];
  }));
  const selector = selectorOf(constraint.labelSelector === undefined ? undefined : { ...constraint.labelSelector, matchLabels: { ...constraint.labelSelector.matchLabels, ...keyed } });
  const isAlike = (other: Pod): boolean => other.metadata.namespace === pod.metadata.namespace && matchesSelector(selector, other.metadata.labels);
  const domainOf = (node: NodeInfo): string | undefined => node.node.metadata.labels?.[constraint.topologyKey];
  const eligible = cluster.nodes.filter(({ node }) => (constraint.nodeAffinityPolicy === "Ignore" || isNodeSelected(pod, node))
    && (constraint.nodeTaintsPolicy !== "Honor" || (node.spec.taints ?? []).every((taint) => taint.effect === "PreferNoSchedule" || isTolerated(taint, pod.spec.tolerations))));
  const counts = countAlike(eligible, domainOf, isAlike);
  const { maxSkew } = constraint;
  if (constraint.whenUnsatisfiable !== "DoNotSchedule") return { domainOf, counts, maxSkew };
  const lowest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
  return { domainOf, counts, maxSkew, limit: { maxSkew, lowest, isSelfCounted: isAlike(pod) } };
}

function defaultSpreads(pod: Pod, cluster: Cluster): readonly Spread[] {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return [];
  const isAlike = (other: Pod): boolean => controllerOf(other)?.uid === owner;
  const hosts = (node: NodeInfo): string => node.node.metadata.labels?.[hostnameLabel] ?? node.name;
  const zones = (node: NodeInfo): string | undefined => node.node.metadata.labels?.[zoneLabel];
  return [
    { domainOf: hosts, counts: countAlike(cluster.nodes, hosts, isAlike), maxSkew: 3 },
    { domainOf: zones, counts: countAlike(cluster.nodes, zones, isAlike), maxSkew: 5 },
  ];
}

/** Pods alike in every domain, those that have none included; terminating ones do not count. */
function countAlike(nodes: readonly NodeInfo[], domainOf: (node: NodeInfo) => string | undefined, isAlike: (pod: Pod) => boolean): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = domainOf(node);
    if (domain === undefined) continue;
    let count = 0;
    for (const { pod } of node.pods.values()) if (pod.metadata.deletionTimestamp === undefined && isAlike(pod)) count++;
    counts.set(domain, (counts.get(domain) ?? 0) + count);
  }
  return counts;
}
