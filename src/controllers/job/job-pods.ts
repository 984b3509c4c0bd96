import type { Pod } from "../../model/kinds/pod.ts";
import type { Job } from "../../model/kinds/batch.ts";
import { isTerminated } from "../../model/pods.ts";

/** Keeps a job's pod until it is counted in the job's status. */
export const trackingFinalizer = "batch.kubernetes.io/job-tracking";
/** Annotation and label of a pod: its completion index. */
export const completionIndexKey = "batch.kubernetes.io/job-completion-index";
/** Annotation of a pod: how often its index failed before. */
export const failureCountAnnotation = "batch.kubernetes.io/job-index-failure-count";
/** Annotation of a pod: how often its index failed before without being counted. */
export const ignoredFailureCountAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";
/** The name by which `spec.managedBy` means this controller. */
export const jobControllerName = "kubernetes.io/job-controller";

const int32Max = 2 ** 31 - 1;

/** True while the pod is not counted in its job's status, or is, but not yet let go. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) === true;
}

/** True for a job whose pods have a completion index each. */
export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === "Indexed";
}

/** The pod's completion index if its job has it; undefined otherwise. */
export function indexOf(pod: Pod, job: Job): number | undefined {
  const text = pod.metadata.annotations?.[completionIndexKey];
  const index = text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
  return index === undefined || index >= (job.spec.completions ?? 0) ? undefined : index;
}

/** True for a job that gets a new pod only when the old one has really ended. */
export function isReplacingFailedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** True for a pod on its way out that may still run. Without grace left it ran out already: only a finalizer holds its object. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !isTerminated(pod) && !isOutOfGrace(pod);
}

/**
 * True for a pod that counts as failed: by its phase, or deleted before it ended. A job with podReplacementPolicy Failed waits until it has really ended.
 * @see kubernetes pkg/controller/job/job_controller.go isPodFailed
 */
export function isFailed(pod: Pod, job: Job): boolean {
  if (pod.status.phase === "Failed") return true;
  if (pod.metadata.deletionTimestamp === undefined || pod.status.phase === "Succeeded") return false;
  return !isReplacingFailedOnly(job) || isOutOfGrace(pod);
}

function isOutOfGrace({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** How often the pod's index failed before this pod: counted, and without being counted. */
export function failuresBefore({ metadata }: Pod): { readonly counted: number; readonly ignored: number } {
  return { counted: countOf(metadata.annotations?.[failureCountAnnotation]), ignored: countOf(metadata.annotations?.[ignoredFailureCountAnnotation]) };
}

/** 0 for anything that is not a count: users may write annotations. */
function countOf(text: string | undefined): number {
  const count = text === undefined || !/^\d+$/.test(text) ? 0 : Number(text);
  return count > int32Max ? 0 : count;
}
