import type { ControllerContext, Outcome } from "../control/controller.ts";
import type { QueueName } from "../jobs/jobs.ts";
import type { Application } from "../model/kinds/application.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Sync } from "../model/kinds/sync.ts";
import { refOf } from "../model/object.ts";
import { printTime } from "../world/clock.ts";
import type { Loop } from "./loop.ts";
import { applicationKey } from "./tracking.ts";

/** When the queue cannot be reached, it is tried again after this. */
const queueRetryMs = 2_000;

/** What is still not done after this is handed over again: the queue may have lost it, or given up. A doubled job is harmless. */
const handAgainMs = 60_000;

/** Hands a job to the queue, once in a while as long as it is asked for; answers when to look again. */
export async function handOver(loop: Loop, application: Application, job: { readonly queue: QueueName; readonly id: string }, nextLook: Outcome, context: ControllerContext): Promise<Outcome> {
  const { clock, log } = context.world;
  const handedMs = loop.enqueued.get(job.id);
  const remainingMs = handedMs === undefined ? 0 : handedMs + handAgainMs - clock.monotonicMs();
  if (remainingMs > 0) return sooner(nextLook, remainingMs, "the queue has it");
  try {
    await loop.jobs.enqueue(job.queue, applicationKey(application), job.id);
    loop.enqueued.set(job.id, clock.monotonicMs());
    return sooner(nextLook, handAgainMs, "the queue has it");
  } catch (error) {
    log.warn("a sync waits for the queue", { application: applicationKey(application), job: job.queue, plan: job.id, error });
    return sooner(nextLook, queueRetryMs, "the queue is away");
  }
}

/** As long as Git still shows the commit gone back from, the rollback's own commit is to be written. */
export async function handOverRollback(loop: Loop, application: Application, syncs: readonly Sync[], nextLook: Outcome, context: ControllerContext): Promise<Outcome> {
  const rollback = syncs.find((sync) => sync.spec.trigger === "Rollback");
  if (application.status.pinnedRevision === undefined || rollback === undefined) return nextLook;
  return handOver(loop, application, { queue: "rollback", id: rollback.metadata.name }, nextLook, context);
}

/** A sync that was recorded is finished, also when nothing is left to change or the newest commit is broken. */
export async function finishNewest(loop: Loop, application: Application, syncs: readonly Sync[], nextLook: Outcome, context: ControllerContext): Promise<Outcome> {
  const newest = syncs[0];
  if (newest === undefined || isFinished(newest)) return nextLook;
  return handOver(loop, application, { queue: "sync", id: newest.spec.planDigest }, nextLook, context);
}

/** A newer plan takes the place of every older one that was never finished: its job may be gone, and its fence is closed. */
export async function closeSuperseded(syncs: readonly Sync[], context: ControllerContext): Promise<void> {
  const newest = syncs[0];
  for (const sync of syncs.slice(1)) {
    if (isFinished(sync)) continue;
    const status = { phase: "Superseded", message: `a newer plan, of sync ${newest?.metadata.name ?? ""}, took its place`, finishedAt: printTime(context.world.clock.nowMs()) };
    await context.writer.patch(SyncKind, refOf(sync), { type: "merge", body: { status } }, { subresource: "status" });
  }
}

/** Nothing more is done about it. */
export function isFinished(sync: Sync): boolean {
  return sync.status.phase === "Succeeded" || sync.status.phase === "Failed" || sync.status.phase === "Superseded";
}

function sooner(outcome: Outcome, afterMs: number, reason: string): Outcome {
  return outcome.kind === "wait" && outcome.afterMs <= afterMs ? outcome : { kind: "wait", afterMs, reason };
}
