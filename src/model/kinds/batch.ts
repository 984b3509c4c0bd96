import { scheduleProblem } from "../../value/cron.ts";
import { printAge } from "../../value/duration.ts";
import { isEqual } from "../../value/equal.ts";
import { isTimeZone } from "../../value/time-zone.ts";
import { findCondition, isConditionTrue, parseTime } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { CronJob, Job, JobSpec, JobTemplateSpec } from "../generated/batch-v1.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";
import type { Health } from "../health.ts";
import { invalid, required } from "../checks.ts";
import { ageColumn, ageOf, countColumn, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { degraded, healthy, progressing } from "./_health.ts";
import { kindOf } from "./_kind-of.ts";
import { checkIndexedName, checkJobSpec, checkJobUpdate } from "./_job-spec.ts";
import { checkJobStatus } from "./_job-status.ts";
import { containerImages, containerNames, selectorText } from "./_workload.ts";
import { warnOfJob, warnOfPodsName } from "./_workload-warnings.ts";

export type { CronJob, Job } from "../generated/batch-v1.ts";

/** Names of jobs end in a number of up to 11 characters: the rest of a label's 63 is the CronJob's. */
const cronJobNameMax = 52;

const noSelector = { empty: "<none>", broken: "<error>" };

/** Job, `batch/v1`. */
export const JobKind = kindOf<Job>({
  apiVersion: "batch/v1", kind: "Job", plural: "jobs", namespaced: true, categories: ["all"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Status", printStatus),
    textColumn("Completions", printCompletions),
    { name: "Duration", type: "string", priority: 0, value: printDuration },
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", ({ spec }) => selectorText(spec.selector, noSelector), 1),
  ],
  selectableFields: { "status.successful": ({ status }) => String(status.succeeded ?? 0) },
  prepare: (job, old) => (old === undefined ? withOwnSelector(job) : job),
  validate: (job, old) => [...checkJobSpec(job.spec, "spec"), ...checkJobSelector(job), ...checkIndexedName(job), ...(old === undefined ? [] : checkJobUpdate(job.spec, old))],
  validateStatus: checkJobStatus,
  warn: (job, old) => (old !== undefined && isEqual(job.spec, old.spec) ? [] : warnOfJob(job.spec, "spec")), warnOfName: warnOfPodsName,
  immutable: ["spec.selector", "spec.completionMode", "spec.podFailurePolicy", "spec.backoffLimitPerIndex", "spec.managedBy", "spec.successPolicy"],
  defaultPropagation: {
    policy: "Orphan",
    warning: "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  },
  health: assessJob,
});

/** CronJob, `batch/v1`. */
export const CronJobKind = kindOf<CronJob>({
  apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs", namespaced: true, shortNames: ["cj"], categories: ["all"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Schedule", ({ spec }) => spec.schedule),
    textColumn("Timezone", ({ spec }) => spec.timeZone ?? "<none>"),
    { name: "Suspend", type: "boolean", priority: 0, value: ({ spec }) => (spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False") },
    countColumn("Active", "integer", ({ status }) => status.active?.length),
    { name: "Last Schedule", type: "string", priority: 0, value: ({ status }, nowMs) => (status.lastScheduleTime === undefined ? "<none>" : ageOf(status.lastScheduleTime, nowMs)) },
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(jobSpecOf(spec.jobTemplate)?.template), 1),
    textColumn("Images", ({ spec }) => containerImages(jobSpecOf(spec.jobTemplate)?.template), 1),
    textColumn("Selector", ({ spec }) => selectorText(jobSpecOf(spec.jobTemplate)?.selector ?? {}, noSelector), 1),
  ],
  validate: checkCronJob,
  warn: warnOfCronJob, warnOfName: warnOfPodsName,
});

function warnOfCronJob({ spec }: CronJob, old: CronJob | undefined): readonly string[] {
  const job = old !== undefined && isEqual(spec, old.spec) ? undefined : jobSpecOf(spec.jobTemplate);
  return [
    ...(job === undefined ? [] : warnOfJob(job, "spec.jobTemplate.spec")),
    ...(old !== undefined && spec.schedule.includes("TZ") ? ["cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"] : []),
  ];
}

function jobSpecOf(template: JobTemplateSpec | undefined): JobSpec | undefined {
  return template?.spec;
}

function printStatus({ metadata, status: { conditions } }: Job): string {
  const is = (type: string): boolean => isConditionTrue(conditions ?? [], type);
  if (is("Complete")) return "Complete";
  if (is("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(is) ?? "Running";
}

function printCompletions({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function printDuration({ status }: Job, nowMs: number): string {
  const startMs = parseTime(status.startTime);
  return startMs === undefined ? "" : printAge((parseTime(status.completionTime) ?? nowMs) - startMs);
}

/**
 * The selector and labels that tie pods to their job, and the job's own labels from its template.
 * @see kubernetes pkg/registry/batch/job/strategy.go generateSelector
 */
function withOwnSelector(job: Job): Job {
  const { metadata, spec } = job;
  // Without a template it will be refused for that: nothing required has been demanded yet.
  if (spec.manualSelector === true || !("template" in spec)) return job;
  const uid = metadata.uid ?? "";
  const own = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": metadata.name, "controller-uid": uid, "job-name": metadata.name };
  const templateLabels = { ...templateMetadata(spec)?.labels, ...own };
  const selector = spec.selector ?? { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  const template = { ...spec.template, metadata: Object.assign({}, templateMetadata(spec), { labels: templateLabels }) };
  return { ...job, metadata: { ...metadata, labels: metadata.labels ?? templateLabels }, spec: { ...spec, selector, template } };
}

function templateMetadata(spec: JobSpec): ObjectMeta | undefined {
  return spec.template.metadata;
}

function checkJobSelector({ metadata, spec }: Job): readonly FieldError[] {
  if (spec.manualSelector === true || spec.selector === undefined) return [];
  const expected = { "batch.kubernetes.io/controller-uid": metadata.uid ?? "" };
  const isOwn = isEqual(spec.selector.matchLabels, expected) || isEqual(spec.selector.matchLabels, { "controller-uid": metadata.uid ?? "" });
  return isOwn ? [] : [invalid("spec.selector", spec.selector, "`selector` not auto-generated")];
}

function assessJob({ spec, status: { conditions } }: Job): Health {
  const failed = findCondition(conditions, "Failed");
  if (failed?.status === "True") return degraded(failed.message ?? "");
  const complete = findCondition(conditions, "Complete");
  if (complete?.status === "True") return complete.message === undefined ? healthy : { status: "Healthy", message: complete.message };
  if (spec.suspend === true || isConditionTrue(conditions ?? [], "Suspended")) return { status: "Suspended", message: findCondition(conditions, "Suspended")?.message ?? "Job is suspended" };
  return progressing("");
}

function checkCronJob({ metadata, spec }: CronJob): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name.length > cronJobNameMax) errors.push(invalid("metadata.name", metadata.name, `must be no more than ${cronJobNameMax} characters`));
  if (spec.schedule.includes("TZ")) errors.push(invalid("spec.schedule", spec.schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  else {
    const problem = scheduleProblem(spec.schedule);
    if (problem !== undefined) errors.push(invalid("spec.schedule", spec.schedule, problem));
  }
  errors.push(...checkTimeZone(spec.timeZone));
  for (const field of ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] as const) errors.push(...checkNotNegative(`spec.${field}`, spec[field]));
  const job = spec.jobTemplate.spec;
  if (job === undefined) return [...errors, required("spec.jobTemplate.spec.template.spec.containers")];
  errors.push(...checkJobSpec(job, "spec.jobTemplate.spec"));
  if (job.manualSelector === true) errors.push({ type: "NotSupported", path: "spec.jobTemplate.spec.manualSelector", value: true, detail: 'supported values: "nil", "false"' });
  if (job.selector !== undefined) errors.push(invalid("spec.jobTemplate.spec.selector", job.selector, "`selector` will be auto-generated"));
  return errors;
}

function checkTimeZone(zone: string | undefined): readonly FieldError[] {
  if (zone === undefined) return [];
  if (zone === "") return [invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")];
  if (zone.toLowerCase() === "local") return [invalid("spec.timeZone", zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")];
  return isTimeZone(zone) ? [] : [invalid("spec.timeZone", zone, `unknown time zone ${zone}`)];
}
