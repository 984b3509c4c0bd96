import type { Writer } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { refOf } from "../../model/object.ts";
import { isTracked, trackingFinalizer } from "./job-pods.ts";

/** Takes the tracking finalizer off a pod that is still as it was seen; one that is gone already is let go. Throws Conflict when it changed. */
export async function letGo(pod: Pod, writer: Writer): Promise<void> {
  if (!isTracked(pod)) return;
  const { uid, resourceVersion, finalizers = [] } = pod.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== trackingFinalizer);
  try {
    await writer.patch(PodKind, refOf(pod), { type: "merge", body: { metadata: { uid, resourceVersion, finalizers: others.length === 0 ? null : others } } });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}
