import { findCondition, isConditionTrue, parseTime } from "../../model/conditions.ts";
import type { Job } from "../../model/kinds/batch.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { isActive } from "../../model/pods.ts";
import { backoffAfter, finishedAtMs, noBackoff } from "./backoff.ts";
import type { Backoff } from "./backoff.ts";
import { countIndexes, hasIndex, indexSetOf, parseIndexes, unionOf } from "./index-set.ts";
import type { IndexSet } from "./index-set.ts";
import { failuresBefore, indexOf, isFailed, isIndexed, isTerminating, isTracked } from "./job-pods.ts";
import { judgeFailure } from "./pod-failure.ts";
import { metSuccessRule } from "./success-policy.ts";

/** How a job will end: the reason and message of its last condition. */
export interface Verdict {
  readonly kind: "success" | "failure";
  readonly reason: string;
  readonly message: string;
}

/** What is known beside the job and its pods. */
export interface JobFacts {
  readonly nowMs: number;
  /** How the job failed so far; undefined when nobody remembers, as after a restart. */
  readonly backoff: Backoff | undefined;
}

/** A job and its pods in numbers. Counts have what ended but is not counted in the status yet. */
export interface JobAssessment {
  readonly active: readonly Pod[];
  /** Pods on their way out that may still run. */
  readonly terminating: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  readonly backoff: Backoff;
  /** Of an Indexed job. */
  readonly completedIndexes: IndexSet;
  /** Of a job with backoffLimitPerIndex. */
  readonly failedIndexes: IndexSet | undefined;
  /** By index, the failed pod that is kept until the pod that replaces it exists: it knows how often its index failed. */
  readonly held: ReadonlyMap<number, Pod>;
  readonly verdict: Verdict | undefined;
}

/** True for a job that ended. */
export function isFinished({ status: { conditions } }: Job): boolean {
  return isConditionTrue(conditions, "Complete") || isConditionTrue(conditions, "Failed");
}

/**
 * Judges a job by its pods. Pure.
 * @param pods all the job's pods, ended and ending ones, too
 * @see kubernetes pkg/controller/job/job_controller.go syncJob
 */
export function assessJob(job: Job, pods: readonly Pod[], facts: JobFacts): JobAssessment {
  const { uncountedTerminatedPods: uncounted, succeeded = 0, failed = 0 } = job.status;
  const counted = new Set([...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])]);
  const isNew = (pod: Pod): boolean => isTracked(pod) && !counted.has(pod.metadata.uid ?? "") && (!isIndexed(job) || indexOf(pod, job) !== undefined);
  const ended = { succeeded: pods.filter((pod) => pod.status.phase === "Succeeded"), failed: pods.filter((pod) => isFailed(pod, job)) };
  const newFailed = ended.failed.filter(isNew);
  const newSucceeded = ended.succeeded.filter(isNew);
  const before = facts.backoff ?? backoffAfter(noBackoff, { succeeded: ended.succeeded.filter((pod) => !isNew(pod)), failed: ended.failed.filter((pod) => !isNew(pod)) });
  const active = pods.filter(isActive);
  const indexes = assessIndexes(job, { active, tracked: pods.filter(isTracked) });
  const numbers = {
    active, terminating: pods.filter(isTerminating), ...indexes,
    succeeded: isIndexed(job) ? countIndexes(indexes.completedIndexes) : succeeded + newSucceeded.length + (uncounted?.succeeded?.length ?? 0),
    failed: failed + newFailed.filter((pod) => judgeFailure(job, pod).isCounted).length + (uncounted?.failed?.length ?? 0),
    backoff: backoffAfter(before, { succeeded: newSucceeded, failed: newFailed }),
  };
  return { ...numbers, verdict: judge(job, pods, { ...numbers, nowMs: facts.nowMs }) };
}

type IndexAssessment = Pick<JobAssessment, "completedIndexes" | "failedIndexes" | "held">;

function assessIndexes(job: Job, { active, tracked }: { readonly active: readonly Pod[]; readonly tracked: readonly Pod[] }): IndexAssessment {
  if (!isIndexed(job)) return { completedIndexes: [], failedIndexes: undefined, held: new Map() };
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const indexesOf = (chosen: readonly Pod[]): IndexSet => indexSetOf(chosen.flatMap((pod) => indexOf(pod, job) ?? []));
  const completedIndexes = unionOf(parseIndexes(job.status.completedIndexes, completions), indexesOf(tracked.filter((pod) => pod.status.phase === "Succeeded")));
  if (backoffLimitPerIndex === undefined) return { completedIndexes, failedIndexes: undefined, held: new Map() };
  const failed = tracked.filter((pod) => isFailed(pod, job));
  const given = failed.filter((pod) => isIndexGivenUp(job, pod, backoffLimitPerIndex));
  const failedIndexes = unionOf(parseIndexes(job.status.failedIndexes, completions), indexesOf(given));
  const settled = unionOf(completedIndexes, failedIndexes, indexesOf(active));
  return { completedIndexes, failedIndexes, held: heldPods(job, failed.filter((pod) => !hasIndex(settled, indexOf(pod, job) ?? -1))) };
}

function isIndexGivenUp(job: Job, pod: Pod, limit: number): boolean {
  const failure = judgeFailure(job, pod);
  return failure.isIndexFailed || (failure.isCounted && failuresBefore(pod).counted >= limit);
}

/** Of each index the pod that failed last. */
function heldPods(job: Job, failed: readonly Pod[]): ReadonlyMap<number, Pod> {
  const held = new Map<number, Pod>();
  for (const pod of failed) {
    const index = indexOf(pod, job);
    const other = index === undefined ? undefined : held.get(index);
    if (index !== undefined && (other === undefined || isLater(pod, other))) held.set(index, pod);
  }
  return held;
}

function isLater(pod: Pod, other: Pod): boolean {
  const [own, others] = [pod, other].map((one) => failuresBefore(one).counted + failuresBefore(one).ignored);
  return (own ?? 0) >= (others ?? 0) && finishedAtMs(pod) >= finishedAtMs(other);
}

type Numbers = Omit<JobAssessment, "verdict"> & { readonly nowMs: number };

/** What was decided before stays; else the first that holds, in upstream's order. */
function judge(job: Job, pods: readonly Pod[], numbers: Numbers): Verdict | undefined {
  return earlierVerdict(job) ?? failureOf(job, pods, numbers) ?? successOf(job, numbers);
}

function earlierVerdict({ status: { conditions } }: Job): Verdict | undefined {
  for (const [type, kind] of [["SuccessCriteriaMet", "success"], ["FailureTarget", "failure"]] as const) {
    const condition = findCondition(conditions, type);
    if (condition?.status === "True") return { kind, reason: condition.reason ?? "", message: condition.message ?? "" };
  }
  return undefined;
}

function failureOf(job: Job, pods: readonly Pod[], { failed, failedIndexes, completedIndexes, nowMs }: Numbers): Verdict | undefined {
  const message = job.spec.podFailurePolicy === undefined ? undefined : pods.filter((pod) => isFailed(pod, job)).map((pod) => judgeFailure(job, pod).message).find((found) => found !== undefined);
  if (message !== undefined) return failure("PodFailurePolicy", message);
  if (failed > (job.spec.backoffLimit ?? backoffLimitDefault) || isPastRestarts(job, pods)) return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  const deadlineMs = msUntilDeadline(job, nowMs);
  if (deadlineMs !== undefined && deadlineMs <= 0) return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  const failedCount = countIndexes(failedIndexes ?? []);
  if (job.spec.maxFailedIndexes !== undefined && failedCount > job.spec.maxFailedIndexes) return failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  const isSettled = failedCount > 0 && failedCount + countIndexes(completedIndexes) >= (job.spec.completions ?? 0);
  return isSettled ? failure("FailedIndexes", "Job has failed indexes") : undefined;
}

/** As the API defaults it. */
const backoffLimitDefault = 6;

function failure(reason: string, message: string): Verdict {
  return { kind: "failure", reason, message };
}

function successOf(job: Job, { succeeded, active, completedIndexes }: Numbers): Verdict | undefined {
  const rule = isIndexed(job) ? metSuccessRule(job, completedIndexes) : undefined;
  if (rule !== undefined) return { kind: "success", reason: "SuccessPolicy", message: rule };
  // Without a number of completions, one success is enough, and pods that still run decide for themselves when they end.
  const isReached = job.spec.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions;
  return isReached && active.length === 0 ? { kind: "success", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" } : undefined;
}

/** Containers that restart in their pods count against the limit, too. */
function isPastRestarts({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== "OnFailure") return false;
  const limit = spec.backoffLimit ?? backoffLimitDefault;
  const restarts = pods.filter(({ status: { phase } }) => phase === "Running" || phase === "Pending")
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds a job may still be active, 0 or less when it may not; undefined without a deadline, or while it is suspended. */
export function msUntilDeadline({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend === true) return undefined;
  return (parseTime(status.startTime) ?? nowMs) + spec.activeDeadlineSeconds * 1000 - nowMs;
}
