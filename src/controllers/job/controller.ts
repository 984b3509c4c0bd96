import type { Controller, ControllerContext, Reader, Writer } from "../../control/controller.ts";
import { isApiError, isNamespaceEnding } from "../../model/api-error.ts";
import { JobKind } from "../../model/kinds/batch.ts";
import type { Job } from "../../model/kinds/batch.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { controllerOf, keyOf, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import type { Chance } from "../../world/chance.ts";
import { adoptedReferences, decideClaims, releasedReferences } from "../claims.ts";
import { orphanPods } from "../orphan-pods.ts";
import { ownerKeys } from "../owner-keys.ts";
import { isFinished } from "./assess.ts";
import type { Backoff } from "./backoff.ts";
import { decideJob } from "./decide.ts";
import type { JobDecision, NewPod } from "./decide.ts";
import { jobControllerName, trackingFinalizer } from "./job-pods.ts";
import { podOf } from "./pod-of.ts";
import { letGo } from "./release.ts";
import { trackJob } from "./track.ts";

/** Pods created at once to begin with, doubled after each batch that went well (upstream's SlowStartInitialBatchSize). */
const slowStartFirst = 1;

/** Runs pods until a job's work is done. One value per daemon: it remembers how jobs failed, for the wait before the next try. */
export function createJobController(): Controller<Job> {
  /** By the job's key; forgotten when it ended. After a restart it is read off the pods that are left. */
  const backoffs = new Map<string, { readonly uid: string | undefined; readonly backoff: Backoff }>();
  return {
    name: "job-controller",
    user: jobControllerUser,
    kind: JobKind,
    reads: [JobKind, PodKind],
    indexes: [orphanPods],
    writes: [
      { kind: PodKind, part: "existence" },
      { kind: PodKind, part: "metadata" },
      { kind: JobKind, part: "status" },
    ],
    wakes: [{ kind: PodKind, keys: (pod, previous, reader) => [...ownerKeys(pod, previous, "Job"), ...adoptersOf(pod, reader)] }],
    concurrency: 5,
    async reconcile(ref, job, context) {
      const { reader, writer, world } = context;
      const key = keyOf(ref);
      if (job === undefined || isFinished(job) || isManagedElsewhere(job)) {
        backoffs.delete(key);
        return { kind: "done" };
      }
      const known = backoffs.get(key);
      const backoff = known?.uid === job.metadata.uid ? known?.backoff : undefined;
      const decision = decideJob(job, await claimPods(job, context), { nowMs: world.clock.nowMs(), backoff });
      const problem = await carryOut(job, decision, context);
      // Somebody changed it meanwhile: its own pass follows and counts.
      const latest = reader.get(JobKind, ref);
      if (latest === undefined || latest.metadata.uid !== job.metadata.uid || latest.metadata.generation !== job.metadata.generation) return { kind: "done" };
      const tracked = trackJob(latest, reader.ownedBy(PodKind, job), { nowMs: world.clock.nowMs(), backoff });
      if (!isEqual(latest.status, tracked.status)) await writer.updateStatus(JobKind, { ...latest, status: tracked.status });
      backoffs.set(key, { uid: job.metadata.uid, backoff: tracked.backoff });
      for (const note of tracked.notes) writer.event(job, note);
      await Promise.all(tracked.release.map((pod) => letGo(pod, writer)));
      if (problem !== undefined) throw problem;
      return decision.againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: decision.againMs, reason: "a deadline or the wait after a failure" };
    },
  };
}

/** Whom a job's requests come from. */
export const jobControllerUser = "system:serviceaccount:kube-system:job-controller";

function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== jobControllerName;
}

/** Takes pods that fit and are nobody's, and lets go those that fit no more. Answers the job's pods. */
async function claimPods(job: Job, { reader, writer }: Pick<ControllerContext, "reader" | "writer">): Promise<readonly Pod[]> {
  const candidates = [...reader.ownedBy(PodKind, job), ...reader.indexed(orphanPods, job.metadata.namespace ?? "")];
  const claims = decideClaims(job, selectorOf(job.spec.selector), candidates);
  const adopted: Pod[] = [];
  for (const pod of claims.adopt) adopted.push(await setTies(pod, { owners: adoptedReferences(pod, job), isTracked: true }, writer));
  for (const pod of claims.release) await setTies(pod, { owners: releasedReferences(pod, job.metadata.uid), isTracked: false }, writer);
  return [...claims.owned, ...adopted];
}

interface Ties {
  readonly owners: NonNullable<Pod["metadata"]["ownerReferences"]>;
  readonly isTracked: boolean;
}

/** Ties a pod that is still as it was seen to its job, or unties it: owner and finalizer at once, so that it is never kept for nobody. */
function setTies(pod: Pod, { owners, isTracked }: Ties, writer: Writer): Promise<Pod> {
  const { uid, resourceVersion } = pod.metadata;
  const others = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== trackingFinalizer);
  const finalizers = isTracked ? [...others, trackingFinalizer] : others;
  const body = { metadata: { uid, resourceVersion, ownerReferences: owners.length === 0 ? null : owners.map((owner) => ({ ...owner })), finalizers: finalizers.length === 0 ? null : finalizers } };
  return writer.patch(PodKind, refOf(pod), { type: "merge", body });
}

/** Jobs that could adopt a pod nobody controls. */
function adoptersOf(pod: ApiObject, reader: Reader): readonly ObjectRef[] {
  if (controllerOf(pod) !== undefined) return [];
  return reader.list(JobKind, pod.metadata.namespace ?? "").filter((job) => matchesSelector(selectorOf(job.spec.selector), pod.metadata.labels)).map(refOf);
}

/** Answers what failed, if something did. */
function carryOut(job: Job, decision: JobDecision, context: ControllerContext): Promise<Error | undefined> {
  return decision.create.length > 0 ? createPods(job, decision.create, context) : removePods(job, decision, context);
}

/** Creates in batches of 1, 2, 4 … until one fails. */
async function createPods(job: Job, pods: readonly NewPod[], { writer, world }: ControllerContext): Promise<Error | undefined> {
  for (let done = 0, batch = slowStartFirst; done < pods.length; done += batch, batch *= 2) {
    const failures = await Promise.all(pods.slice(done, done + batch).map((pod) => createPod(job, pod, { writer, chance: world.chance })));
    const failure = failures.find((found) => found !== undefined);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function createPod(job: Job, pod: NewPod, { writer, chance }: { readonly writer: Writer; readonly chance: Chance }): Promise<Error | undefined> {
  try {
    const created = await writer.create(PodKind, podOf(job, pod, chance));
    writer.event(job, { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${created.metadata.name}` });
    return undefined;
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    // Nothing can be made in a namespace that ends; its own controller removes the job.
    if (!isNamespaceEnding(error)) writer.event(job, { type: "Warning", reason: "FailedCreate", message: `Error creating: ${failure.message}` });
    return failure;
  }
}

/** Ends pods one after the other, as long as the job is as it was decided for. */
async function removePods(job: Job, { remove, isUncounted }: JobDecision, { reader, writer }: ControllerContext): Promise<Error | undefined> {
  for (const pod of remove) {
    if (reader.get(JobKind, refOf(job))?.metadata.generation !== job.metadata.generation) return undefined;
    try {
      if (isUncounted) await letGo(pod, writer);
      await writer.remove(PodKind, refOf(pod), { preconditions: { uid: pod.metadata.uid ?? "" } });
      writer.event(job, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata.name}` });
    } catch (error) {
      if (isApiError(error, "NotFound")) continue;
      const failure = error instanceof Error ? error : new Error(String(error));
      writer.event(job, { type: "Warning", reason: "FailedDelete", message: `Error deleting: ${failure.message}` });
      return failure;
    }
  }
  return undefined;
}
