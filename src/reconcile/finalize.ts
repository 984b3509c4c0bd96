import type { ControllerContext, Outcome } from "../control/controller.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { refOf } from "../model/object.ts";
import { inventoryIds } from "./application-status.ts";
import { evaluate, liveReader } from "./evaluate.ts";
import { executePlan } from "./execute.ts";
import { wantedOf } from "./memory.ts";
import type { Loop } from "./loop.ts";
import { applicationKey, pruneFinalizer, trackedBy } from "./tracking.ts";

/** Objects that wait for their own finalizers are looked at again after this; their changes wake the application anyway. */
const finalizeLookMs = 1_000;

/** Removes what an application deployed, then lets the application go. */
export async function finalizeApplication(loop: Loop, application: Application, context: ControllerContext): Promise<Outcome> {
  const live = liveReader(context.reader, loop.kinds);
  const left = inventoryIds(application.status.inventory ?? []).filter((id) => {
    const object = live(id);
    return object !== undefined && trackedBy(object) === applicationKey(application);
  });
  const { plan } = evaluate({
    application, wanted: wantedOf("", "", []), priors: new Map(), reader: context.reader, memories: loop.memories,
    generation: (application.status.planGeneration ?? 0) + 1, mayPrune: true, kinds: loop.kinds,
  });
  if (plan.prune.length > 0) {
    await executePlan(plan, { client: loop.client, find: (apiVersion, kind) => loop.kinds.find(apiVersion, kind), clock: context.world.clock, signal: context.signal, isSuperseded: () => false, isHealthy: () => true, onDone: async () => {} });
  }
  if (left.length > plan.prune.length || plan.prune.length > 0) {
    const isKept = left.length > 0 && plan.prune.length === 0 && left.every((id) => live(id)?.metadata.deletionTimestamp === undefined);
    if (!isKept) return { kind: "wait", afterMs: finalizeLookMs, reason: "its objects are going" };
  }
  const finalizers = (application.metadata.finalizers ?? []).filter((finalizer) => finalizer !== pruneFinalizer);
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { finalizers } } });
  return { kind: "done" };
}
