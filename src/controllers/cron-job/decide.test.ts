import assert from "node:assert/strict";
import { test } from "node:test";
import type { CronJob, Job } from "../../model/kinds/batch.ts";
import { decideCronJob, scheduledTimeAnnotation } from "./decide.ts";

const nowMs = Date.parse("2026-01-01T12:00:30Z");

function cronJob(spec: Partial<CronJob["spec"]> = {}, status: CronJob["status"] = {}): CronJob {
  return {
    apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "often", namespace: "n", uid: "cron", creationTimestamp: "2026-01-01T11:30:00Z" }, status,
    spec: { schedule: "0 * * * *", jobTemplate: { metadata: { name: "", labels: { app: "x" } }, spec: { template: { spec: { containers: [] } } } }, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, ...spec },
  };
}

function job(name: string, { end, at, startedAt, isManual = false }: { readonly end?: "Complete" | "Failed"; readonly at?: string; readonly startedAt?: string; readonly isManual?: boolean } = {}): Job {
  const annotations = { ...(at === undefined ? {} : { [scheduledTimeAnnotation]: at }), ...(isManual ? { "cronjob.kubernetes.io/instantiate": "manual" } : {}) };
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "n", uid: name, annotations }, spec: { template: {} },
    status: {
      ...(end === undefined ? {} : { conditions: [{ type: end, status: "True" }] }), ...(startedAt === undefined ? {} : { startTime: startedAt }),
      ...(end === "Complete" ? { completionTime: "2026-01-01T11:00:05Z" } : {}),
    },
  };
}

const reference = (name: string) => ({ kind: "Job", name, uid: name });
const reasons = ({ notes }: ReturnType<typeof decideCronJob>) => notes.map(({ reason }) => reason);

test("a start that is due makes a job named after it", () => {
  const { create, againMs } = decideCronJob(cronJob(), [], nowMs);
  assert.deepEqual(create?.job.metadata, {
    name: "often-29454480", namespace: "n", labels: { app: "x" }, annotations: { [scheduledTimeAnnotation]: "2026-01-01T12:00:00Z" },
    ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "often", uid: "cron", controller: true, blockOwnerDeletion: true }],
  });
  assert.equal(againMs, 3_600_000 - 30_000 + 100);
  const inIndia = decideCronJob(cronJob({ schedule: "30 17 * * *", timeZone: "Asia/Kolkata" }), [], nowMs);
  assert.equal(inIndia.create?.job.metadata.annotations?.[scheduledTimeAnnotation], "2026-01-01T17:30:00+05:30");
});

test("whether a start is due", () => {
  const rows: readonly (readonly [string, Partial<CronJob["spec"]>, CronJob["status"], readonly Job[], string | undefined, readonly string[]])[] = [
    ["nothing passed yet", { schedule: "5 12 * * *" }, {}, [], undefined, []],
    ["it was made already", {}, { lastScheduleTime: "2026-01-01T12:00:00Z" }, [], undefined, []],
    ["it was made and not yet written", {}, {}, [job("often-29454480", { end: "Complete" })], undefined, []],
    ["of those missed only the latest", {}, { lastScheduleTime: "2026-01-01T08:00:00Z" }, [], "2026-01-01T12:00:00Z", []],
    ["too many were missed", { schedule: "* * * * *" }, { lastScheduleTime: "2026-01-01T08:00:00Z" }, [], "2026-01-01T12:00:00Z", ["TooManyMissedTimes"]],
    ["a deadline looks back no further", { schedule: "* * * * *", startingDeadlineSeconds: 600 }, { lastScheduleTime: "2026-01-01T08:00:00Z" }, [], "2026-01-01T12:00:00Z", []],
    ["it is too late", { startingDeadlineSeconds: 20 }, {}, [], undefined, []],
    ["it is suspended", { suspend: true }, {}, [], undefined, []],
    ["it never comes", { schedule: "0 0 31 2 *" }, {}, [], undefined, ["InvalidSchedule"]],
    ["another still runs, and both may", {}, { active: [reference("a")] }, [job("a")], "2026-01-01T12:00:00Z", []],
    ["another still runs, and only one may", { concurrencyPolicy: "Forbid" }, { active: [reference("a")] }, [job("a")], undefined, ["JobAlreadyActive"]],
    ["another has ended", { concurrencyPolicy: "Forbid" }, { active: [reference("a")] }, [job("a", { end: "Failed" })], "2026-01-01T12:00:00Z", ["SawCompletedJob"]],
  ];
  for (const [title, spec, status, jobs, at, notes] of rows) {
    const decision = decideCronJob(cronJob(spec, status), jobs, nowMs);
    assert.deepEqual([decision.create === undefined ? undefined : new Date(decision.create.atMs).toISOString().replace(".000", ""), reasons(decision)], [at, notes], title);
  }
  const replaced = decideCronJob(cronJob({ concurrencyPolicy: "Replace" }, { active: [reference("a")] }), [job("a")], nowMs);
  assert.deepEqual([replaced.create !== undefined, replaced.remove.map(({ metadata }) => metadata.name), replaced.status.active], [true, ["a"], undefined]);
});

test("the status follows the jobs", () => {
  const before = { lastScheduleTime: "2026-01-01T12:00:00Z", active: [reference("done"), reference("gone"), reference("runs")] };
  const jobs = [job("done", { end: "Complete" }), job("runs"), job("forgotten", { at: "2026-01-01T12:00:00Z" }), job("stranger"), job("byhand", { isManual: true })];
  const decision = decideCronJob(cronJob({}, before), jobs, nowMs);
  assert.deepEqual(decision.status.active?.map(({ name }) => name), ["runs", "forgotten"]);
  assert.equal(decision.status.lastSuccessfulTime, "2026-01-01T11:00:05Z");
  assert.deepEqual(reasons(decision), ["SawCompletedJob", "UnexpectedJob", "MissingJob"]);
  assert.equal(decision.create, undefined);
});

test("the oldest finished jobs beyond the history go", () => {
  const jobs = ["1", "3", "2", "4"].flatMap((hour) => [job(`c${hour}`, { end: "Complete", startedAt: `2026-01-01T0${hour}:00:00Z` }), job(`f${hour}`, { end: "Failed", startedAt: `2026-01-01T0${hour}:00:00Z` })]);
  const { remove } = decideCronJob(cronJob({ suspend: true }), jobs, nowMs);
  assert.deepEqual(remove.map(({ metadata }) => metadata.name), ["c1", "f1", "f2", "f3"]);
});
