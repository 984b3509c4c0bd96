import type { Controller, Reader } from "../../control/controller.ts";
import { JobKind } from "../../model/kinds/batch.ts";
import type { Job } from "../../model/kinds/batch.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { controllerOf, refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { isOfKind } from "../../api/shape.ts";
import { isFinished } from "./assess.ts";
import { jobControllerUser } from "./controller.ts";
import { isTracked } from "./job-pods.ts";
import { letGo } from "./release.ts";

/**
 * Takes the tracking finalizer off pods that no running job counts any more: their job is gone, has ended, or is not theirs.
 * @see kubernetes pkg/controller/job/job_controller.go syncOrphanPod
 */
export const jobPodReleaseController: Controller<Pod> = {
  name: "job-pod-release-controller",
  user: jobControllerUser,
  kind: PodKind,
  reads: [PodKind, JobKind],
  writes: [{ kind: PodKind, part: "metadata" }],
  isWokenByItself: false,
  wakes: [
    { kind: PodKind, keys: (pod, _previous, reader) => (isOfKind<Pod>(PodKind, pod) && isTracked(pod) && !isCounted(pod, reader) ? [refOf(pod)] : []) },
    { kind: JobKind, keys: (job, previous, reader) => (isOfKind<Job>(JobKind, job) ? podsOfEnded(job, previous, reader) : []) },
  ],
  concurrency: 5,
  async reconcile(_ref, pod, { reader, live, writer }) {
    if (pod === undefined || !isTracked(pod) || isCounted(pod, reader)) return { kind: "done" };
    // The cache may lag: a job it does not have is asked of the API before its pod is given up.
    const owner = controllerOf(pod);
    const job = owner?.kind === JobKind.kind ? await live.get(JobKind, { namespace: pod.metadata.namespace ?? "", name: owner.name }) : undefined;
    if (job === undefined || job.metadata.uid !== owner?.uid || isFinished(job)) await letGo(pod, writer);
    return { kind: "done" };
  },
};

/** True when the pod's job is there and has not ended: it lets the pod go itself. */
function isCounted(pod: Pod, reader: Reader): boolean {
  const owner = controllerOf(pod);
  const job = owner?.kind === JobKind.kind ? reader.get(JobKind, { namespace: pod.metadata.namespace ?? "", name: owner.name }) : undefined;
  return job !== undefined && job.metadata.uid === owner?.uid && !isFinished(job);
}

/** The pods of a job that is gone, has made way for another of its name, or has ended. */
function podsOfEnded(job: Job, previous: ApiObject | undefined, reader: Reader): readonly { readonly namespace: string; readonly name: string }[] {
  const isGone = reader.get(JobKind, refOf(job)) === undefined;
  const ended = [...(isGone || isFinished(job) ? [job] : []), ...(previous !== undefined && previous.metadata.uid !== job.metadata.uid ? [previous] : [])];
  return ended.flatMap((owner) => reader.ownedBy(PodKind, owner)).filter(isTracked).map(refOf);
}
