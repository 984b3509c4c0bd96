import { parseTime } from "../../model/conditions.ts";
import type { JobCondition, JobStatus } from "../../model/generated/batch-v1.ts";
import type { Job } from "../../model/kinds/batch.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { isActive, isReady } from "../../model/pods.ts";
import { printTime } from "../../world/clock.ts";
import { withoutZeros } from "../without-zeros.ts";
import { assessJob } from "./assess.ts";
import type { JobAssessment, JobFacts, Verdict } from "./assess.ts";
import type { Backoff } from "./backoff.ts";
import { printIndexes } from "./index-set.ts";
import { indexOf, isFailed, isIndexed, isTracked } from "./job-pods.ts";
import { judgeFailure } from "./pod-failure.ts";

/** Pods that are counted in one pass at most: their uids stand in the status meanwhile, 20 kB of them (upstream's MaxUncountedPods). */
export const uncountedMax = 500;

/** What somebody is told of a job. */
export interface JobNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** A job's status, and what holds once it is written. */
export interface TrackedJob {
  readonly status: JobStatus;
  /** Pods whose finalizer goes, after the status is written: it knows them. */
  readonly release: readonly Pod[];
  readonly notes: readonly JobNote[];
  readonly backoff: Backoff;
}

/**
 * Counts a job's pods into its status, each exactly once although pods go and the daemon may stop at any moment: what ended stands in
 * `uncountedTerminatedPods` first, then loses the finalizer that keeps it, and is a number once no pod with the finalizer has its uid. Pure.
 *
 * @see kubernetes pkg/controller/job/job_controller.go trackJobStatusAndRemoveFinalizers
 */
export function trackJob(job: Job, pods: readonly Pod[], facts: JobFacts): TrackedJob {
  const assessment = assessJob(job, pods, facts);
  const { verdict, active, terminating, failedIndexes } = assessment;
  const counts = countPods(job, pods, assessment);
  const isSettled = counts.release.length === 0 && counts.uncounted.succeeded.length + counts.uncounted.failed.length === 0;
  const ended = verdict !== undefined && isSettled && terminating.length === 0 && active.length === 0 ? verdict : undefined;
  const { conditions, notes } = conditionsOf(job, { verdict, ended, nowMs: facts.nowMs });
  const isStarted = job.status.startTime !== undefined && !notes.some(({ reason }) => reason === "Resumed");
  // What ended has begun, also where it was suspended and had nothing to do.
  const startTime = isStarted || (job.spec.suspend === true && ended === undefined) ? job.status.startTime : printTime(facts.nowMs);
  const completedIndexes = printIndexes(assessment.completedIndexes);
  const succeeded = isIndexed(job) ? assessment.succeeded : counts.succeeded;
  const status: JobStatus = {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    // A clock that was put back in between must not make an end come before its beginning.
    ...(ended?.kind === "success" ? { completionTime: printTime(Math.max(facts.nowMs, parseTime(startTime) ?? 0)) } : {}),
    ...withoutZeros({ active: active.length, succeeded, failed: counts.failed }),
    terminating: terminating.length,
    ...(completedIndexes === "" ? {} : { completedIndexes }),
    ...(failedIndexes === undefined ? {} : { failedIndexes: printIndexes(failedIndexes) }),
    uncountedTerminatedPods: withoutEmpty(counts.uncounted),
    ready: active.filter(isReady).length,
  };
  return { status, release: counts.release, backoff: assessment.backoff, notes: [...notes, ...(ended === undefined ? [] : notesOfEnd(job, ended, succeeded))] };
}

interface PodCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  readonly release: readonly Pod[];
}

function countPods(job: Job, pods: readonly Pod[], assessment: JobAssessment): PodCounts {
  const tracked = pods.filter(isTracked);
  const uids = new Set(tracked.map(({ metadata }) => metadata.uid ?? ""));
  const before = { succeeded: job.status.uncountedTerminatedPods?.succeeded ?? [], failed: job.status.uncountedTerminatedPods?.failed ?? [] };
  const succeeded = before.succeeded.filter((uid) => uids.has(uid));
  const failed = before.failed.filter((uid) => uids.has(uid));
  const release: Pod[] = [];
  for (const pod of tracked) {
    if (release.length >= uncountedMax) break;
    const uid = pod.metadata.uid ?? "";
    const isKnown = before.succeeded.includes(uid) || before.failed.includes(uid);
    if (!isKnown && !mayRelease(job, pod, assessment)) continue;
    release.push(pod);
    if (isKnown) continue;
    // Of an Indexed job, the index in the status is what keeps a success from being counted twice.
    if (pod.status.phase === "Succeeded") { if (!isIndexed(job)) succeeded.push(uid); } else if (isCountedFailure(job, pod, assessment.verdict)) failed.push(uid);
  }
  return {
    release, uncounted: { succeeded, failed },
    succeeded: (job.status.succeeded ?? 0) + before.succeeded.filter((uid) => !uids.has(uid)).length,
    failed: (job.status.failed ?? 0) + before.failed.filter((uid) => !uids.has(uid)).length,
  };
}

/** True when nothing more is to be learnt from the pod; the one that failed last of its index is kept until the next exists. */
function mayRelease(job: Job, pod: Pod, { verdict, held }: JobAssessment): boolean {
  if (pod.status.phase === "Succeeded" || job.metadata.deletionTimestamp !== undefined) return true;
  if (verdict !== undefined) return !isActive(pod);
  return isFailed(pod, job) && held.get(indexOf(pod, job) ?? -1) !== pod;
}

/** When a job fails, what it ends by that counts as failed; when it succeeds early, what it ends counts as nothing. */
function isCountedFailure(job: Job, pod: Pod, verdict: Verdict | undefined): boolean {
  if (isIndexed(job) && indexOf(pod, job) === undefined) return false;
  const hasFailed = verdict?.kind === "success" ? pod.status.phase === "Failed" : verdict !== undefined || isFailed(pod, job);
  return hasFailed && judgeFailure(job, pod).isCounted;
}

function withoutEmpty({ succeeded, failed }: PodCounts["uncounted"]): NonNullable<JobStatus["uncountedTerminatedPods"]> {
  return { ...(succeeded.length === 0 ? {} : { succeeded }), ...(failed.length === 0 ? {} : { failed }) };
}

interface Ending {
  readonly verdict: Verdict | undefined;
  /** The verdict once nothing is left to wait for. */
  readonly ended: Verdict | undefined;
  readonly nowMs: number;
}

function conditionsOf(job: Job, { verdict, ended, nowMs }: Ending): { readonly conditions: readonly JobCondition[]; readonly notes: readonly JobNote[] } {
  const before = job.status.conditions ?? [];
  if (verdict === undefined) {
    if (job.metadata.deletionTimestamp !== undefined) return { conditions: before, notes: [] };
    const isSuspended = job.spec.suspend === true;
    const note = isSuspended ? "Suspended" : "Resumed";
    const conditions = withJobCondition(before, { type: "Suspended", status: isSuspended ? "True" : "False", reason: `Job${note}`, message: `Job ${note.toLowerCase()}` }, nowMs);
    return { conditions, notes: conditions === before ? [] : [{ type: "Normal", reason: note, message: `Job ${note.toLowerCase()}` }] };
  }
  const { reason, message } = verdict;
  const [interim, last] = verdict.kind === "success" ? ["SuccessCriteriaMet", "Complete"] : ["FailureTarget", "Failed"];
  const planned = withJobCondition(before, { type: interim, status: "True", reason, message }, nowMs);
  return { conditions: ended === undefined ? planned : withJobCondition(planned, { type: last, status: "True", reason, message }, nowMs), notes: [] };
}

/** The list with a condition as it now is; the very same list when that is nothing new. What is false from the start is not said. */
function withJobCondition(list: readonly JobCondition[], condition: JobCondition, nowMs: number): readonly JobCondition[] {
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  const next: JobCondition = { ...condition, lastProbeTime: printTime(nowMs), lastTransitionTime: printTime(nowMs) };
  if (old === undefined) return condition.status === "False" ? list : [...list, next];
  const isSame = old.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  return isSame ? list : list.with(index, next);
}

function notesOfEnd({ spec }: Job, { kind, reason, message }: Verdict, succeeded: number): readonly JobNote[] {
  if (kind === "failure") return [{ type: "Warning", reason, message }];
  const completed: JobNote = { type: "Normal", reason: "Completed", message: "Job completed" };
  if (spec.completions === undefined || succeeded <= spec.completions) return [completed];
  return [{ type: "Warning", reason: "TooManySucceededPods", message: "Too many succeeded pods running after completion count reached" }, completed];
}
