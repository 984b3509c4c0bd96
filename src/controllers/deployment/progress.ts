import type { Deployment } from "../../model/kinds/deployment.ts";
import type { DeploymentCondition, DeploymentStatus } from "../../model/generated/apps-v1.ts";
import { findCondition, parseTime, withoutCondition } from "../../model/conditions.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { printTime } from "../../world/clock.ts";
import { withoutZeros } from "../without-zeros.ts";
import { availablePods, fencepostsOf, replicasOf, wishedPods } from "./replica-counts.ts";

/** No deadline: kubectl writes the largest int32 for "never". */
const noDeadlineSeconds = 2_147_483_647;

/** What a condition of a Deployment says. */
export interface ConditionNote {
  readonly type: "Available" | "Progressing" | "ReplicaFailure";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

type Conditions = readonly DeploymentCondition[];

/**
 * Conditions with one set anew. Same status and reason change nothing; same status keeps the time of its transition.
 * @see kubernetes pkg/controller/deployment/util/deployment_util.go SetDeploymentCondition
 */
export function withCondition(conditions: Conditions, note: ConditionNote, nowMs: number): Conditions {
  const current = findCondition(conditions, note.type);
  if (current?.status === note.status && current.reason === note.reason) return conditions;
  return replaceCondition(conditions, note, nowMs);
}

function replaceCondition(conditions: Conditions, note: ConditionNote, nowMs: number): Conditions {
  const current = findCondition(conditions, note.type);
  const now = printTime(nowMs);
  const lastTransitionTime = current?.status === note.status ? current.lastTransitionTime ?? now : now;
  return [...withoutCondition(conditions, note.type), { ...note, lastUpdateTime: now, lastTransitionTime }];
}

/** Milliseconds a rollout may stand still, or undefined for no limit. */
export function deadlineMs({ spec }: Deployment): number | undefined {
  const seconds = spec.progressDeadlineSeconds ?? 600;
  return seconds >= noDeadlineSeconds ? undefined : seconds * 1000;
}

/**
 * The counts of a Deployment's status, and its Available condition.
 * @see kubernetes pkg/controller/deployment/sync.go calculateStatus
 */
export function countStatus(deployment: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet | undefined, nowMs: number): DeploymentStatus {
  const available = availablePods(sets);
  const hasMinimum = available >= replicasOf(deployment.spec) - fencepostsOf(deployment).maxUnavailable;
  const note: ConditionNote = hasMinimum
    ? { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }
    : { type: "Available", status: "False", reason: "MinimumReplicasUnavailable", message: "Deployment does not have minimum availability." };
  const terminating = sum(sets, (set) => set.status.terminatingReplicas);
  const { collisionCount } = deployment.status;
  return {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    // As upstream's JSON, a count of nothing is left out; only terminatingReplicas tells none from unknown.
    ...withoutZeros({
      replicas: sum(sets, (set) => set.status.replicas),
      updatedReplicas: newSet?.status.replicas ?? 0,
      readyReplicas: sum(sets, (set) => set.status.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wishedPods(sets) - available),
    }),
    terminatingReplicas: terminating,
    conditions: withCondition(deployment.status.conditions ?? [], note, nowMs),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function sum(sets: readonly ReplicaSet[], countOf: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (countOf(set) ?? 0), 0);
}

/** True when every wished pod is of the newest template and available, and nothing else is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wished = replicasOf(deployment.spec);
  return (status.updatedReplicas ?? 0) === wished && (status.replicas ?? 0) === wished && (status.availableReplicas ?? 0) === wished
    && (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

/** True when the rollout moved since the status before. */
function isProgressing(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const [oldBefore, oldNow] = [before, now].map((status) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0));
  return (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) || (oldNow ?? 0) < (oldBefore ?? 0)
    || (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) || (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0);
}

/** True when nothing moved for longer than the deadline; what is complete cannot time out, what timed out stays so until it moves. */
function isTimedOut(deployment: Deployment, condition: DeploymentCondition | undefined, nowMs: number): boolean {
  const limit = deadlineMs(deployment);
  if (limit === undefined || condition === undefined || condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === "ProgressDeadlineExceeded") return true;
  return nowMs > timeOf(condition) + limit;
}

function timeOf(condition: DeploymentCondition): number {
  return parseTime(condition.lastUpdateTime ?? condition.lastTransitionTime) ?? 0;
}

/**
 * The status with its Progressing and ReplicaFailure conditions brought up to date.
 * @see kubernetes pkg/controller/deployment/progress.go syncRolloutStatus
 */
export function judgeProgress(
  { deployment, status, newSet, sets }: { readonly deployment: Deployment; readonly status: DeploymentStatus; readonly newSet: ReplicaSet | undefined; readonly sets: readonly ReplicaSet[] },
  nowMs: number,
): DeploymentStatus {
  const conditions = status.conditions ?? [];
  const current = findCondition(conditions, "Progressing");
  const subject = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  return { ...status, conditions: withFailure(progressed(), [...(newSet === undefined ? [] : [newSet]), ...sets]) };

  function progressed(): Conditions {
    if (deadlineMs(deployment) === undefined) return withoutCondition(conditions, "Progressing");
    if (status.replicas === status.updatedReplicas && current?.reason === "NewReplicaSetAvailable") return conditions;
    if (isComplete(deployment, status)) {
      return withCondition(conditions, { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: `${subject} has successfully progressed.` }, nowMs);
    }
    if (isProgressing(deployment.status, status)) {
      return replaceCondition(conditions, { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: `${subject} is progressing.` }, nowMs);
    }
    if (isTimedOut(deployment, current, nowMs)) {
      return withCondition(conditions, { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: `${subject} has timed out progressing.` }, nowMs);
    }
    return conditions;
  }
}

/** The failure of the newest set that has one, as the Deployment's own. */
function withFailure(conditions: Conditions, sets: readonly ReplicaSet[]): Conditions {
  const failure = sets.flatMap((set) => set.status.conditions ?? []).find((condition) => condition.type === "ReplicaFailure" && condition.status === "True");
  if (failure === undefined) return withoutCondition(conditions, "ReplicaFailure");
  const current = findCondition(conditions, "ReplicaFailure");
  if (current !== undefined && current.reason === failure.reason && current.message === failure.message) return conditions;
  const { lastTransitionTime } = failure;
  return [...withoutCondition(conditions, "ReplicaFailure"), { ...failure, ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }) }];
}

/** Milliseconds until the rollout would be late, or undefined when it cannot be. */
export function msUntilDeadline(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const limit = deadlineMs(deployment);
  const condition = findCondition(status.conditions ?? [], "Progressing");
  if (limit === undefined || condition === undefined || isComplete(deployment, status)) return undefined;
  if (condition.reason === "ProgressDeadlineExceeded" || condition.reason === "NewReplicaSetAvailable" || condition.reason === "DeploymentPaused") return undefined;
  // One second more: the condition's time is in whole seconds.
  return Math.max(0, timeOf(condition) + limit - nowMs) + 1000;
}

/** The condition a pause or its end leaves, if it changes; a rollout that timed out keeps its verdict. */
export function pauseNote(deployment: Deployment): ConditionNote | undefined {
  if (deadlineMs(deployment) === undefined) return undefined;
  const current = findCondition(deployment.status.conditions ?? [], "Progressing");
  if (current?.reason === "ProgressDeadlineExceeded") return undefined;
  const isPaused = deployment.spec.paused === true;
  if (isPaused === (current?.reason === "DeploymentPaused")) return undefined;
  return isPaused
    ? { type: "Progressing", status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" }
    : { type: "Progressing", status: "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed" };
}

