import type { Job } from "../../model/kinds/batch.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { removalOrder } from "../replicas/removal-order.ts";
import { assessJob, msUntilDeadline } from "./assess.ts";
import type { JobAssessment, JobFacts } from "./assess.ts";
import { finishedAtMs, msUntilRetry } from "./backoff.ts";
import { firstMissing, indexSetOf, unionOf } from "./index-set.ts";
import { failuresBefore, indexOf, isIndexed, isReplacingFailedOnly } from "./job-pods.ts";
import { judgeFailure } from "./pod-failure.ts";

/** At most this many pods are made or removed in one pass, as upstream's MaxPodCreateDeletePerSync. */
export const podsPerPassMax = 500;

/** One pod to make. */
export interface NewPod {
  /** Of an Indexed job. */
  readonly index?: number;
  /** Of a job with backoffLimitPerIndex: how often its index failed before. */
  readonly failures?: { readonly counted: number; readonly ignored: number };
}

/** What a job needs of its pods now. */
export interface JobDecision {
  readonly create: readonly NewPod[];
  /** Active pods to end. */
  readonly remove: readonly Pod[];
  /** True when those pods are let go first, so that they do not count as failed: it was not their fault. */
  readonly isUncounted: boolean;
  /** When it changes by time alone. */
  readonly againMs: number | undefined;
}

const nothing: JobDecision = Object.freeze({ create: [], remove: [], isUncounted: true, againMs: undefined });

/**
 * Decides which pods a job makes or ends. Pure.
 * @param pods all the job's pods, ended and ending ones, too
 * @see kubernetes pkg/controller/job/job_controller.go manageJob
 */
export function decideJob(job: Job, pods: readonly Pod[], facts: JobFacts): JobDecision {
  if (job.metadata.deletionTimestamp !== undefined) return nothing;
  const assessment = assessJob(job, pods, facts);
  const { active, verdict } = assessment;
  if (verdict !== undefined) return { ...nothing, remove: active.slice(0, podsPerPassMax), isUncounted: false };
  const againMs = msUntilDeadline(job, facts.nowMs);
  const wanted = job.spec.suspend === true ? 0 : wantedPods(job, assessment);
  const surplus = surplusPods(job, { active, wanted, nowMs: facts.nowMs });
  if (surplus.length > 0) return { ...nothing, remove: surplus.slice(0, podsPerPassMax), againMs };
  const leaving = isReplacingFailedOnly(job) ? assessment.terminating.length : 0;
  const missing = Math.min(wanted - active.length - leaving, podsPerPassMax);
  if (missing <= 0) return { ...nothing, againMs };
  const { create, retryMs } = isIndexed(job) ? newIndexedPods(job, missing, { assessment, nowMs: facts.nowMs }) : newPods(missing, msUntilRetry(assessment.backoff, facts.nowMs));
  return { ...nothing, create, againMs: earliest(againMs, retryMs) };
}

/** How many pods are to be active. */
function wantedPods({ spec }: Job, { active, succeeded }: JobAssessment): number {
  const parallelism = spec.parallelism ?? 1;
  // Once one succeeded, nothing new begins: what runs may end.
  if (spec.completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(spec.completions - succeeded, parallelism));
}

/** Pods with an index that is not the job's or is another's already, then the less useful ones. */
function surplusPods(job: Job, { active, wanted, nowMs }: { readonly active: readonly Pod[]; readonly wanted: number; readonly nowMs: number }): readonly Pod[] {
  const indexes = isIndexed(job) ? active.map((pod) => indexOf(pod, job)) : [];
  const isEveryIndexFit = !indexes.includes(undefined) && new Set(indexes).size === indexes.length;
  if (active.length <= wanted && isEveryIndexFit) return [];
  const ordered = removalOrder(active, { related: active, nowMs });
  const unfit = isEveryIndexFit ? new Set<Pod>() : unfitPods(job, ordered);
  const others = ordered.filter((pod) => !unfit.has(pod));
  return [...unfit, ...others.slice(0, Math.max(0, others.length - wanted))];
}

/** Pods without an index of the job, or with one that a more useful pod has. */
function unfitPods(job: Job, ordered: readonly Pod[]): ReadonlySet<Pod> {
  const taken = new Set<number>();
  return new Set(ordered.toReversed().filter((pod) => {
    const index = indexOf(pod, job);
    if (index === undefined || taken.has(index)) return true;
    taken.add(index);
    return false;
  }));
}

interface NewPods {
  readonly create: readonly NewPod[];
  readonly retryMs: number | undefined;
}

function newPods(count: number, retryMs: number): NewPods {
  return retryMs > 0 ? { create: [], retryMs } : { create: Array.from({ length: count }, () => ({})), retryMs: undefined };
}

function newIndexedPods(job: Job, count: number, { assessment, nowMs }: { readonly assessment: JobAssessment; readonly nowMs: number }): NewPods {
  const { active, terminating, completedIndexes, failedIndexes, held, backoff } = assessment;
  const present = isReplacingFailedOnly(job) ? [...active, ...terminating] : active;
  const taken = unionOf(completedIndexes, failedIndexes ?? [], indexSetOf(present.flatMap((pod) => indexOf(pod, job) ?? [])));
  const indexes = firstMissing(taken, count, job.spec.completions ?? 0);
  if (failedIndexes === undefined) {
    const retryMs = msUntilRetry(backoff, nowMs);
    return retryMs > 0 && indexes.length > 0 ? { create: [], retryMs } : { create: indexes.map((index) => ({ index })), retryMs: undefined };
  }
  const waits = indexes.map((index) => ({ index, pod: held.get(index), ms: msUntilIndexRetry(held.get(index), nowMs) }));
  const due = waits.filter(({ ms }) => ms === 0);
  const retryMs = due.length === waits.length ? undefined : Math.min(...waits.flatMap(({ ms }) => (ms > 0 ? [ms] : [])));
  return { create: due.map(({ index, pod }) => ({ index, failures: failuresAfter(job, pod) })), retryMs };
}

function msUntilIndexRetry(pod: Pod | undefined, nowMs: number): number {
  if (pod === undefined) return 0;
  const { counted, ignored } = failuresBefore(pod);
  return msUntilRetry({ failures: counted + ignored + 1, lastFailureMs: finishedAtMs(pod) }, nowMs);
}

/** How often an index has failed once this pod of it failed. */
function failuresAfter(job: Job, pod: Pod | undefined): { readonly counted: number; readonly ignored: number } {
  if (pod === undefined) return { counted: 0, ignored: 0 };
  const { counted, ignored } = failuresBefore(pod);
  return judgeFailure(job, pod).isCounted ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 };
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
