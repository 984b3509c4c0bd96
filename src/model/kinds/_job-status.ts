import { isEqual } from "../../value/equal.ts";
import { invalid, required } from "../checks.ts";
import { isConditionTrue, parseTime } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { Job } from "../generated/batch-v1.ts";
import { checkNotNegative } from "./_counts.ts";

const counts = ["active", "succeeded", "failed", "ready", "terminating"] as const;

/** A rule of a job's status: true where it is broken, and what is said then. */
type Rule = readonly [boolean, FieldError];

/**
 * Checks what a controller, this server's own or another's (spec.managedBy), says of a job: what it claims must fit together, and an end is an end.
 * @see kubernetes pkg/apis/batch/validation/validation.go ValidateJobStatusUpdate
 */
export function checkJobStatus(job: Job, old: Job): readonly FieldError[] {
  if (isEqual(job.status, old.status)) return [];
  const negative = counts.flatMap((field) => checkNotNegative(`status.${field}`, job.status[field]));
  return [...negative, ...[...endRules(job), ...countRules(job), ...changeRules(job, old)].flatMap(([isBroken, error]) => (isBroken ? [error] : []))];
}

function is({ status }: Job, type: string): boolean {
  return isConditionTrue(status.conditions, type);
}

function conditionsError(detail: string): FieldError {
  return { type: "Invalid", path: "status.conditions", detail };
}

function endRules(job: Job): readonly Rule[] {
  const { status: { startTime, completionTime } } = job;
  const [isComplete, isFailed, isMet, isTarget] = ["Complete", "Failed", "SuccessCriteriaMet", "FailureTarget"].map((type) => is(job, type));
  const [startMs, completionMs] = [parseTime(startTime), parseTime(completionTime)];
  return [
    [isComplete === true && isFailed === true, conditionsError("cannot set Complete=True and Failed=true conditions")],
    [isComplete === true && isTarget === true, conditionsError("cannot set Complete=True and FailureTarget=true conditions")],
    [isMet === true && isFailed === true, conditionsError("cannot set SuccessCriteriaMet=True and Failed=true conditions")],
    [isMet === true && isTarget === true, conditionsError("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")],
    [isFailed === true && isTarget !== true, conditionsError("cannot set Failed=True condition without the FailureTarget=true condition")],
    [isComplete === true && isMet !== true, conditionsError("cannot set Complete=True condition without the SuccessCriteriaMet=true condition")],
    [completionTime !== undefined && isComplete !== true, invalid("status.completionTime", completionTime, "cannot set completionTime when there is no Complete=True condition")],
    [completionTime === undefined && isComplete === true, required("status.completionTime", "completionTime is required for Complete jobs")],
    [startMs !== undefined && completionMs !== undefined && completionMs < startMs, invalid("status.completionTime", completionTime, "completionTime cannot be set before startTime")],
    [startTime === undefined && (isComplete === true || isFailed === true), required("status.startTime", "startTime is required for finished job")],
  ];
}

function countRules(job: Job): readonly Rule[] {
  const { spec, status: { active = 0, ready = 0, terminating = 0, completedIndexes, failedIndexes, uncountedTerminatedPods: uncounted } } = job;
  const isFinished = is(job, "Complete") || is(job, "Failed");
  const uncountedCount = (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0);
  return [
    [isFinished && active > 0, invalid("status.active", active, "active>0 is invalid for finished job")],
    [isFinished && terminating > 0, invalid("status.terminating", terminating, "terminating>0 is invalid for finished job")],
    [isFinished && uncountedCount > 0, invalid("status.uncountedTerminatedPods", uncounted, "uncountedTerminatedPods needs to be empty for finished job")],
    [ready > active, invalid("status.ready", ready, "cannot set more ready pods than active")],
    [spec.completionMode !== "Indexed" && (completedIndexes ?? "") !== "", invalid("status.completedIndexes", completedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode")],
    [spec.backoffLimitPerIndex === undefined && failedIndexes !== undefined, invalid("status.failedIndexes", failedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")],
  ];
}

/** What was said stays said. An Indexed job may be made smaller, and with it the number of its successes. */
function changeRules(job: Job, old: Job): readonly Rule[] {
  const { failed = 0, succeeded = 0, completionTime } = job.status;
  const before = old.status;
  return [
    ...["Failed", "Complete", "FailureTarget"].map((type): Rule => [is(old, type) && !is(job, type), conditionsError(`cannot disable the terminal ${type}=True condition`)]),
    [is(old, "SuccessCriteriaMet") && !is(job, "SuccessCriteriaMet"), conditionsError("cannot disable the SuccessCriteriaMet=True condition")],
    [failed < (before.failed ?? 0), invalid("status.failed", failed, "cannot decrease the failed counter")],
    [job.spec.completionMode !== "Indexed" && succeeded < (before.succeeded ?? 0), invalid("status.succeeded", succeeded, "cannot decrease the succeeded counter")],
    [before.completionTime !== undefined && completionTime !== undefined && completionTime !== before.completionTime, invalid("status.completionTime", completionTime, "completionTime cannot be mutated")],
    [before.startTime !== undefined && job.status.startTime === undefined && job.spec.suspend !== true, required("status.startTime", "startTime cannot be removed for unsuspended job")],
  ];
}
