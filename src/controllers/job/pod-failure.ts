import type { PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "../../model/generated/batch-v1.ts";
import type { ContainerStatus, Pod } from "../../model/generated/core-v1.ts";
import type { Job } from "../../model/kinds/batch.ts";

/** What a job makes of a failed pod. `message` is there when the whole job fails by it. */
export interface PodFailure {
  readonly isCounted: boolean;
  readonly isIndexFailed: boolean;
  readonly message?: string;
}

const counted: PodFailure = Object.freeze({ isCounted: true, isIndexFailed: false });

/**
 * Judges a failed pod by the first rule of the job's podFailurePolicy that matches. Pure.
 * @see kubernetes pkg/controller/job/pod_failure_policy.go
 */
export function judgeFailure(job: Job, pod: Pod): PodFailure {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const reason = matchOf(rule, pod);
    if (reason === undefined) continue;
    switch (rule.action) {
      case "Ignore": return { isCounted: false, isIndexFailed: false };
      case "FailIndex": return { isCounted: true, isIndexFailed: true };
      case "FailJob": return { isCounted: true, isIndexFailed: false, message: `${reason} matching FailJob rule at index ${index}` };
      case "Count": return counted;
    }
  }
  return counted;
}

/** Why a rule matches; undefined when it does not. */
function matchOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, { metadata, status }: Pod): string | undefined {
  const name = `${metadata.namespace ?? ""}/${metadata.name}`;
  if (onExitCodes !== undefined) {
    const container = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find((candidate) => isExitMatching(candidate, onExitCodes));
    return container === undefined ? undefined : `Container ${container.name} for pod ${name} failed with exit code ${container.state?.terminated?.exitCode ?? 0}`;
  }
  const condition = status.conditions?.find(({ type, status: value }) => onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? "True") === value));
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

function isExitMatching({ name, state }: ContainerStatus, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  const exitCode = state?.terminated?.exitCode;
  if (exitCode === undefined || exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
  return values.includes(exitCode) === (operator === "In");
}
