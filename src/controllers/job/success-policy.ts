import type { Job } from "../../model/kinds/batch.ts";
import { countIndexes, countShared, parseIndexes } from "./index-set.ts";
import type { IndexSet } from "./index-set.ts";

/**
 * The first rule of the job's successPolicy that these succeeded indexes meet, as the condition says it; undefined when none is met. Pure.
 * @see kubernetes pkg/controller/job/success_policy.go
 */
export function metSuccessRule(job: Job, succeeded: IndexSet): string | undefined {
  const rule = (job.spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeeded.length === 0) return false;
    if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    const required = parseIndexes(succeededIndexes, job.spec.completions ?? 0);
    if (required.length === 0) return false;
    const met = countShared(required, succeeded);
    return met === countIndexes(required) || (succeededCount !== undefined && met >= succeededCount);
  });
  return rule < 0 ? undefined : `Matched rules at index ${rule}`;
}
