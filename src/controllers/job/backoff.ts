import { findCondition, parseTime } from "../../model/conditions.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { isSidecar } from "../../model/pods.ts";

/** The wait after a first failure; it doubles with each failure that follows. @see kubernetes pkg/controller/job/job_controller.go DefaultJobPodFailureBackOff */
export const backoffFirstMs = 10_000;
/** The longest wait, as Kubernetes documents it for Jobs (six minutes). */
export const backoffMaxMs = 360_000;

/** How a job, or one of its indexes, failed lately. */
export interface Backoff {
  /** Failures since the last success. */
  readonly failures: number;
  readonly lastFailureMs: number;
}

/** Nothing failed. */
export const noBackoff: Backoff = Object.freeze({ failures: 0, lastFailureMs: 0 });

/**
 * What follows for the wait from pods that ended since: a success ends the count of failures before it. Pure.
 * @see kubernetes pkg/controller/job/backoff_utils.go newBackoffRecord
 */
export function backoffAfter(before: Backoff, { succeeded, failed }: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] }): Backoff {
  const lastSuccessMs = succeeded.length === 0 ? undefined : Math.max(...succeeded.map(finishedAtMs));
  const failures = failed.map(finishedAtMs).filter((atMs) => lastSuccessMs === undefined || atMs > lastSuccessMs);
  const from = lastSuccessMs === undefined ? before : noBackoff;
  if (failures.length === 0) return from;
  return { failures: from.failures + failures.length, lastFailureMs: Math.max(...failures) };
}

/**
 * Milliseconds until the next pod may be made; 0 when it may now. A failure that lies further ahead than its wait is long was told by a clock that has been set
 * back since: nobody waits for it.
 */
export function msUntilRetry({ failures, lastFailureMs }: Backoff, nowMs: number): number {
  if (failures === 0) return 0;
  const waitMs = Math.min(backoffFirstMs * 2 ** (failures - 1), backoffMaxMs);
  const leftMs = lastFailureMs + waitMs - nowMs;
  return leftMs > 2 * waitMs ? 0 : Math.max(0, leftMs);
}

/**
 * When a pod ended: when its last container did, else when it was last ready, deleted or made.
 * @see kubernetes pkg/controller/job/backoff_utils.go getFinishedTime
 */
export function finishedAtMs({ metadata, spec, status }: Pod): number {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const containers = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))];
  const ends = containers.map(({ state }) => parseTime(state?.terminated?.finishedAt));
  if (ends.length > 0 && !ends.includes(undefined)) return Math.max(...ends.map(Number));
  const ready = findCondition(status.conditions, "Ready");
  const unreadyMs = ready?.status === "False" ? parseTime(ready.lastTransitionTime) : undefined;
  const deletedMs = parseTime(metadata.deletionTimestamp);
  return unreadyMs ?? (deletedMs === undefined ? parseTime(metadata.creationTimestamp) ?? 0 : deletedMs - (metadata.deletionGracePeriodSeconds ?? 0) * 1000);
}
