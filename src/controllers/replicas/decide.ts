import type { ReplicaSetCondition, ReplicaSetStatus } from "../../model/generated/apps-v1.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import { printTime } from "../../world/clock.ts";
import { findCondition, parseTime } from "../../model/conditions.ts";
import { isActive, isReady } from "../../model/pods.ts";
import type { ReplicaKeeper } from "../../model/replicas.ts";
import { withoutZeros } from "../without-zeros.ts";
import { removalOrder } from "./removal-order.ts";

/** At most this many pods are made or removed in one pass, as upstream's BurstReplicas. */
export const podsPerPassMax = 500;

export interface ReplicaDecision {
  readonly createCount: number;
  /** In the order they go. */
  readonly remove: readonly Pod[];
}

/**
 * Decides how far one keeper of replicas is from its pods. Pure.
 * @param owned pods it controls; finished and terminating ones do not count
 * @param related pods of all sets of one Deployment, to see how crowded nodes are
 * @see kubernetes pkg/controller/replicaset/replica_set.go manageReplicas
 */
export function decideReplicas(keeper: ReplicaKeeper, owned: readonly Pod[], options: { readonly related: readonly Pod[]; readonly nowMs: number }): ReplicaDecision {
  if (keeper.metadata.deletionTimestamp !== undefined) return { createCount: 0, remove: [] };
  const active = owned.filter(isActive);
  const missing = (keeper.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { createCount: Math.min(missing, podsPerPassMax), remove: [] };
  const surplus = Math.min(-missing, podsPerPassMax);
  return { createCount: 0, remove: removalOrder(active, options).slice(0, surplus) };
}

/** A failure to create or delete, as the condition has it. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/**
 * The status with these pods, and when it will change by time alone (a pod becomes available).
 * @see kubernetes pkg/controller/replicaset/replica_set_utils.go calculateStatus
 */
export function countReplicas(
  keeper: ReplicaKeeper, owned: readonly Pod[], options: { readonly nowMs: number; readonly failure: ReplicaFailure | undefined },
): { readonly status: ReplicaSetStatus; readonly againMs: number | undefined } {
  const active = owned.filter(isActive);
  const labels = selectorOf({ matchLabels: keeper.spec.template?.metadata?.labels ?? {} });
  const waits = active.flatMap((pod) => msUntilAvailable(pod, keeper.spec.minReadySeconds ?? 0, options.nowMs) ?? []);
  const pending = waits.filter((ms) => ms > 0);
  const conditions = conditionsOf(keeper.status.conditions ?? [], options);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    // As upstream's JSON, these are left out when there are none.
    ...withoutZeros({
      fullyLabeledReplicas: active.filter((pod) => matchesSelector(labels, pod.metadata.labels)).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: waits.length - pending.length,
    }),
    terminatingReplicas: owned.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length,
    ...(keeper.metadata.generation === undefined ? {} : { observedGeneration: keeper.metadata.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return { status, againMs: pending.length === 0 ? undefined : Math.min(...pending) };
}

function conditionsOf(before: readonly ReplicaSetCondition[], { failure, nowMs }: { readonly failure: ReplicaFailure | undefined; readonly nowMs: number }): readonly ReplicaSetCondition[] {
  const others = before.filter((condition) => condition.type !== "ReplicaFailure");
  if (failure === undefined) return others;
  const current = before.find((condition) => condition.type === "ReplicaFailure");
  if (current?.status === "True" && current.reason === failure.reason) return before;
  return [...others, { type: "ReplicaFailure", status: "True", ...failure, lastTransitionTime: printTime(nowMs) }];
}

/** Milliseconds until a ready pod counts as available, 0 when it does; undefined when it is not ready. */
function msUntilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  const sinceMs = parseTime(findCondition(pod.status.conditions, "Ready")?.lastTransitionTime) ?? nowMs;
  return minReadySeconds === 0 ? 0 : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
