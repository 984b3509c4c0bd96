import type { ControllerContext, Outcome } from "../control/controller.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { refOf } from "../model/object.ts";
import { findDenied, isAccountMissing, writerOf } from "./account.ts";
import { inventoryIds } from "./application-status.ts";
import { evaluate, liveReader } from "./evaluate.ts";
import { executePlan } from "./execute.ts";
import { wantedOf } from "./memory.ts";
import type { Loop } from "./loop.ts";
import { stepRemoval } from "./release-events.ts";
import { applicationKey, pruneFinalizer, trackedBy } from "./tracking.ts";

/** Objects that wait for their own finalizers are looked at again after this; their changes wake the application anyway. */
const finalizeLookMs = 1_000;

/** An account that may not remove them is asked again after this: rights are given by people. */
const deniedLookMs = 10_000;

/** Removes what an application deployed, then lets the application go. */
export async function finalizeApplication(loop: Loop, application: Application, context: ControllerContext): Promise<Outcome> {
  const before = await stepRemoval(loop, application, "pre-delete", context);
  if (before !== undefined) return before;
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
    const denied = await findDenied(loop, application, plan);
    if (denied !== undefined) {
      context.writer.event(application, { type: "Warning", reason: "RemovalRefused", message: denied.message });
      // Without the account nobody can remove them in its name: they stay, so that a namespace that takes its accounts along can go.
      return await isAccountMissing(loop, application) ? release(application, context) : { kind: "wait", afterMs: deniedLookMs, reason: denied.message };
    }
    await executePlan(plan, { client: loop.client, writer: writerOf(loop, application), find: (apiVersion, kind) => loop.kinds.find(apiVersion, kind), clock: context.world.clock, signal: context.signal, isSuperseded: () => false, isHealthy: () => true, onDone: async () => {} });
  }
  if (left.length > plan.prune.length || plan.prune.length > 0) {
    const isKept = left.length > 0 && plan.prune.length === 0 && left.every((id) => live(id)?.metadata.deletionTimestamp === undefined);
    if (!isKept) return { kind: "wait", afterMs: finalizeLookMs, reason: "its objects are going" };
  }
  const after = await stepRemoval(loop, application, "post-delete", context);
  if (after !== undefined) return after;
  return release(application, context);
}

async function release(application: Application, context: ControllerContext): Promise<Outcome> {
  const finalizers = (application.metadata.finalizers ?? []).filter((finalizer) => finalizer !== pruneFinalizer);
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { finalizers } } });
  return { kind: "done" };
}
