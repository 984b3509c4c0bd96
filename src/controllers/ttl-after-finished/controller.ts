import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { JobKind } from "../../model/kinds/batch.ts";
import type { Job } from "../../model/kinds/batch.ts";
import { refOf } from "../../model/object.ts";
import { msUntilRemoval } from "./decide.ts";

/** Removes Jobs that ended, with their pods, once nobody wants to look at them any more (spec.ttlSecondsAfterFinished). */
export const ttlAfterFinishedController: Controller<Job> = {
  name: "ttl-after-finished-controller",
  user: "system:serviceaccount:kube-system:ttl-after-finished-controller",
  kind: JobKind,
  reads: [JobKind],
  writes: [{ kind: JobKind, part: "existence" }],
  concurrency: 5,
  async reconcile(ref, job, { live, writer, world }) {
    const afterMs = job === undefined ? undefined : msUntilRemoval(job, world.clock.nowMs());
    if (afterMs === undefined) return { kind: "done" };
    if (afterMs > 0) return { kind: "wait", afterMs, reason: "somebody may look at it" };
    // Somebody may just have given it more time: what is removed is removed for good.
    const latest = await live.get(JobKind, ref);
    const leftMs = latest === undefined ? undefined : msUntilRemoval(latest, world.clock.nowMs());
    if (latest === undefined || leftMs === undefined) return { kind: "done" };
    if (leftMs > 0) return { kind: "wait", afterMs: leftMs, reason: "somebody may look at it" };
    try {
      await writer.remove(JobKind, refOf(latest), { propagation: "Foreground", preconditions: { uid: latest.metadata.uid ?? "", resourceVersion: latest.metadata.resourceVersion ?? "" } });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
    return { kind: "done" };
  },
};
