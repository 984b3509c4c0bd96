import { findCondition, isConditionTrue, parseTime } from "../../model/conditions.ts";
import type { CronJobStatus } from "../../model/generated/batch-v1.ts";
import type { ObjectReference } from "../../model/generated/core-v1.ts";
import type { CronJob, Job } from "../../model/kinds/batch.ts";
import { controllerReference } from "../../model/object.ts";
import { parseSchedule } from "../../value/cron.ts";
import type { Schedule } from "../../value/cron.ts";
import { offsetMs } from "../../value/time-zone.ts";
import { readOr } from "../../value/value-error.ts";
import { printTime } from "../../world/clock.ts";
import { dueStart, timeZoneOf } from "./missed.ts";

/** Annotation of a Job: when it was to start, by the clocks of its CronJob's zone. */
export const scheduledTimeAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/** Annotation of a Job somebody made from a CronJob by hand (kubectl create job --from). */
const manualAnnotation = "cronjob.kubernetes.io/instantiate";
/** So long after a start it is looked for, so that clocks that differ a little do not miss it (upstream's nextScheduleDelta). */
const startDelayMs = 100;

/** What somebody is told of a CronJob. */
export interface CronJobNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface CronJobDecision {
  /** Without the job to be made. */
  readonly status: CronJobStatus;
  readonly create: { readonly job: Job; readonly atMs: number } | undefined;
  readonly remove: readonly Job[];
  readonly notes: readonly CronJobNote[];
  readonly againMs: number | undefined;
}

/**
 * Decides what a CronJob starts and tidies up now. Pure.
 * @param jobs those the CronJob controls
 * @see kubernetes pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob
 */
export function decideCronJob(cronJob: CronJob, jobs: readonly Job[], nowMs: number): CronJobDecision {
  const { status, notes } = followJobs(cronJob, jobs);
  const remove = surplusJobs(cronJob, jobs);
  const kept = { status, create: undefined, remove, notes, againMs: undefined };
  if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend === true) return kept;
  const schedule = readSchedule(cronJob);
  if (typeof schedule === "string") return { ...kept, notes: [...notes, { type: "Warning", reason: "UnparseableSchedule", message: `unparseable schedule: "${cronJob.spec.schedule}" : ${schedule}` }] };
  const due = dueStart({ ...cronJob, status }, schedule, nowMs);
  if (due.nextMs === undefined && due.atMs === undefined) return { ...kept, notes: [...notes, { type: "Warning", reason: "InvalidSchedule", message: `invalid schedule: ${cronJob.spec.schedule} : it never comes` }] };
  const waiting = { ...kept, againMs: due.nextMs === undefined ? undefined : Math.max(0, due.nextMs + startDelayMs - nowMs) };
  if (due.atMs === undefined) return waiting;
  const many: readonly CronJobNote[] = due.areManyMissed
    ? [{ type: "Warning", reason: "TooManyMissedTimes", message: "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew" }] : [];
  return { ...start({ ...waiting, notes: [...notes, ...many] }, { cronJob, jobs, atMs: due.atMs }) };
}

function start(waiting: CronJobDecision, { cronJob, jobs, atMs }: { readonly cronJob: CronJob; readonly jobs: readonly Job[]; readonly atMs: number }): CronJobDecision {
  const name = jobNameOf(cronJob, atMs);
  // Starts of one minute share a name: the first of them is the one.
  if (jobs.some(({ metadata }) => metadata.name === name)) return waiting;
  const running = waiting.status.active ?? [];
  if (cronJob.spec.concurrencyPolicy === "Forbid" && running.length > 0) {
    return { ...waiting, notes: [...waiting.notes, { type: "Normal", reason: "JobAlreadyActive", message: "Not starting job because prior execution is running and concurrency policy is Forbid" }] };
  }
  const create = { job: jobOf(cronJob, name, atMs), atMs };
  if (cronJob.spec.concurrencyPolicy !== "Replace") return { ...waiting, create };
  const replaced = jobs.filter(({ metadata }) => running.some(({ uid }) => uid === metadata.uid));
  return { ...waiting, create, remove: [...waiting.remove, ...replaced], status: withActive(waiting.status, []) };
}

/** The schedule, or what is wrong with it. */
function readSchedule({ spec }: CronJob): Schedule | string {
  return readOr(() => parseSchedule(spec.schedule), ({ message }) => message);
}

/** Brings the status in line with the jobs there are. */
function followJobs({ status }: CronJob, jobs: readonly Job[]): { readonly status: CronJobStatus; readonly notes: readonly CronJobNote[] } {
  const notes: CronJobNote[] = [];
  const known = new Map((status.active ?? []).map((reference) => [reference.uid ?? "", reference]));
  let [lastSuccessMs, lastStartMs] = [parseTime(status.lastSuccessfulTime) ?? 0, parseTime(status.lastScheduleTime) ?? 0];
  for (const job of jobs) {
    const { uid = "", name, annotations } = job.metadata;
    const end = endOf(job);
    if (end === "Complete") lastSuccessMs = Math.max(lastSuccessMs, parseTime(job.status.completionTime) ?? 0);
    if (end !== undefined && known.delete(uid)) notes.push({ type: "Normal", reason: "SawCompletedJob", message: `Saw completed job: ${name}, condition: ${end}` });
    if (end !== undefined || known.has(uid) || annotations?.[manualAnnotation] !== undefined || job.metadata.deletionTimestamp !== undefined) continue;
    const startMs = parseTime(annotations?.[scheduledTimeAnnotation]);
    // Made by a daemon that stopped before it could write so.
    if (startMs === undefined) notes.push({ type: "Warning", reason: "UnexpectedJob", message: `Saw a job that the controller did not create or forgot: ${name}` });
    else known.set(uid, referenceOf(job));
    lastStartMs = Math.max(lastStartMs, startMs ?? 0);
  }
  const uids = new Set(jobs.map(({ metadata }) => metadata.uid));
  for (const [uid, { name = "" }] of known) if (!uids.has(uid) && known.delete(uid)) notes.push({ type: "Normal", reason: "MissingJob", message: `Active job went missing: ${name}` });
  const times = { ...(lastStartMs === 0 ? {} : { lastScheduleTime: printTime(lastStartMs) }), ...(lastSuccessMs === 0 ? {} : { lastSuccessfulTime: printTime(lastSuccessMs) }) };
  return { status: withActive({ ...status, ...times }, [...known.values()]), notes };
}

/** A status with these active jobs. */
export function withActive({ active: _active, ...status }: CronJobStatus, active: readonly ObjectReference[]): CronJobStatus {
  return active.length === 0 ? status : { ...status, active };
}

/** How a job stands in the status of its CronJob. */
export function referenceOf({ apiVersion, kind, metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

function endOf({ status: { conditions } }: Job): "Complete" | "Failed" | undefined {
  return isConditionTrue(conditions, "Complete") ? "Complete" : findCondition(conditions, "Failed")?.status === "True" ? "Failed" : undefined;
}

/** The oldest finished jobs beyond the history somebody wants to see. */
function surplusJobs({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const oldestFirst = jobs.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted((a, b) => startOf(a) - startOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return ([["Complete", spec.successfulJobsHistoryLimit], ["Failed", spec.failedJobsHistoryLimit]] as const).flatMap(([end, limit]) => {
    const ended = oldestFirst.filter((job) => endOf(job) === end);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  });
}

/** Jobs that never began are the newest. */
function startOf({ status }: Job): number {
  return parseTime(status.startTime) ?? Number.MAX_SAFE_INTEGER;
}

/** One name a start, so that it cannot begin twice: minutes since 1970. */
function jobNameOf({ metadata }: CronJob, atMs: number): string {
  return `${metadata.name}-${Math.floor(atMs / 60_000)}`;
}

function jobOf(cronJob: CronJob, name: string, atMs: number): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: "batch/v1", kind: "Job",
    metadata: {
      name, namespace: cronJob.metadata.namespace ?? "", ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [scheduledTimeAnnotation]: printZoned(atMs, timeZoneOf(cronJob)) }, ownerReferences: [controllerReference(cronJob)],
    },
    spec: spec ?? { template: {} },
    status: {},
  };
}

/** RFC 3339 by the clocks of a zone: `2026-01-01T09:00:00+01:00`. */
function printZoned(atMs: number, timeZone: string): string {
  const ahead = offsetMs(atMs, timeZone);
  if (ahead === 0) return printTime(atMs);
  const minutes = Math.abs(ahead) / 60_000;
  const [hour, minute] = [Math.floor(minutes / 60), Math.floor(minutes % 60)].map((part) => String(part).padStart(2, "0"));
  return `${printTime(atMs + ahead).slice(0, -1)}${ahead < 0 ? "-" : "+"}${hour}:${minute}`;
}
