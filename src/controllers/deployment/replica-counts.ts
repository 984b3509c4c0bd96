import { scaledValue } from "../../value/int-or-string.ts";
import type { Deployment } from "../../model/kinds/deployment.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";

/** Annotation by which a ReplicaSet remembers the count its Deployment wished for when it was last scaled. */
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
/** The same for the count with surge; proportions are taken from it. */
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";

/** One ReplicaSet's new size. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** Pods over and under the wished count a rolling update may have. */
export interface Fenceposts {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/**
 * Surge rounds up, unavailability down; both zero makes one unavailable, else nothing could ever move.
 * @see kubernetes pkg/controller/deployment/util/deployment_util.go ResolveFenceposts
 */
export function fencepostsOf({ spec }: Deployment): Fenceposts {
  const replicas = replicasOf(spec);
  if (!isRolling(spec)) return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = spec.strategy?.rollingUpdate;
  const maxSurge = scaledValue(rolling?.maxSurge ?? "25%", replicas, "up") ?? 0;
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? "25%", replicas, "down") ?? 0;
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** Wished pods; one when absent. */
export function replicasOf(spec: { readonly replicas?: number }): number {
  return spec.replicas ?? 1;
}

/** True unless the strategy is Recreate. */
export function isRolling(spec: Deployment["spec"]): boolean {
  return spec.strategy?.type !== "Recreate";
}

/** Wished pods of several sets together. */
export function wishedPods(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set.spec), 0);
}

/** Available pods of several sets together. */
export function availablePods(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + availableOf(set), 0);
}

/** A set's status may be absent from what an old client wrote. */
export function availableOf(set: ReplicaSet): number {
  return set.status.availableReplicas ?? 0;
}

/**
 * How large the newest set may be now: as far as the surge reaches, never above the wish.
 * @see kubernetes pkg/controller/deployment/util/deployment_util.go NewRSNewReplicas
 */
export function newSetReplicas(deployment: Deployment, sets: readonly ReplicaSet[], newSetNow: number): number {
  const wished = replicasOf(deployment.spec);
  if (!isRolling(deployment.spec)) return wished;
  if (newSetNow >= wished) return wished;
  const room = wished + fencepostsOf(deployment).maxSurge - wishedPods(sets);
  return room <= 0 ? newSetNow : newSetNow + Math.min(room, wished - newSetNow);
}

/**
 * What may go from the old sets without falling below the allowed number of available pods: first pods that never became
 * available, oldest set first, then healthy ones.
 * @see kubernetes pkg/controller/deployment/rolling.go reconcileOldReplicaSets
 */
export function shrinkOldSets(deployment: Deployment, newSet: ReplicaSet, oldSets: readonly ReplicaSet[]): readonly Scaling[] {
  const all = [...oldSets, newSet];
  const minAvailable = replicasOf(deployment.spec) - fencepostsOf(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newSet.spec) - availableOf(newSet);
  const removableMax = wishedPods(all) - minAvailable - newUnavailable;
  if (removableMax <= 0) return [];
  const sizes = new Map(oldSets.toSorted(byAge).map((set) => [set, replicasOf(set.spec)]));
  let removed = 0;
  for (const [set, size] of sizes) {
    const unhealthy = Math.min(removableMax - removed, Math.max(0, size - availableOf(set)));
    sizes.set(set, size - unhealthy);
    removed += unhealthy;
  }
  let healthy = availablePods(all) - minAvailable;
  for (const [set, size] of sizes) {
    const step = Math.max(0, Math.min(size, healthy));
    sizes.set(set, size - step);
    healthy -= step;
  }
  return [...sizes].filter(([set, size]) => size !== replicasOf(set.spec)).map(([set, replicas]) => ({ set, replicas }));
}

/**
 * Spreads a change of the wished count over all sets in proportion to their sizes, so that a rollout in progress stays as balanced as it was.
 * @see kubernetes pkg/controller/deployment/sync.go scale
 */
export function scaleInProportion(deployment: Deployment, sets: readonly ReplicaSet[]): readonly Scaling[] {
  const active = sets.filter((set) => replicasOf(set.spec) > 0);
  const wished = replicasOf(deployment.spec);
  const { maxSurge } = fencepostsOf(deployment);
  const allowed = wished > 0 ? wished + maxSurge : 0;
  const toAdd = allowed - wishedPods(active);
  const ordered = active.toSorted((a, b) => replicasOf(b.spec) - replicasOf(a.spec) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const scalings = ordered.map((set) => {
    const part = partOf({ set, deployment, maxReplicas: wished + maxSurge, rest: toAdd - added });
    added += part;
    return { set, replicas: replicasOf(set.spec) + part };
  });
  return scalings.map(({ set, replicas }, index) => ({ set, replicas: Math.max(0, index === 0 ? replicas + toAdd - added : replicas) }));
}

interface Part {
  readonly set: ReplicaSet;
  readonly deployment: Deployment;
  readonly maxReplicas: number;
  readonly rest: number;
}

/** A set's own share of the change, never more than the rest. */
function partOf({ set, deployment, maxReplicas, rest }: Part): number {
  const size = replicasOf(set.spec);
  if (size === 0 || rest === 0) return 0;
  const share = shareOf({ set, deployment, maxReplicas });
  return rest > 0 ? Math.min(share, rest) : Math.max(share, rest);
}

function shareOf({ set, deployment, maxReplicas }: Omit<Part, "rest">): number {
  const size = replicasOf(set.spec);
  if (replicasOf(deployment.spec) === 0) return -size;
  const annotated = Number(set.metadata.annotations?.[maxReplicasAnnotation] ?? "0");
  const before = annotated > 0 ? annotated : deployment.status.replicas ?? 0;
  if (before === 0) return 0;
  return Math.round((size * maxReplicas) / before) - size;
}

/** Older first; by name when of one second. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [first, second] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (first !== second) return first < second ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
