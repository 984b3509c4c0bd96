import type { ControllerContext } from "../control/controller.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Sync } from "../model/kinds/sync.ts";
import { refOf } from "../model/object.ts";
import { asJson } from "../value/json.ts";
import { liveReader } from "./evaluate.ts";
import type { KindLookup } from "./tree-kinds.ts";

/** Writes into the record of a completed sync how long it took from the commit until everything was healthy, once. */
export async function recordReady(newest: Sync | undefined, kinds: KindLookup, context: ControllerContext): Promise<void> {
  if (newest?.status.phase !== "Succeeded" || !isSeen(newest, kinds, context)) return;
  const timings = newest.status.timings ?? [];
  const commit = timings.find((timing) => timing.stretch === "commit");
  if (commit?.startedAt === undefined || timings.some((timing) => timing.stretch === "ready")) return;
  const startedAtMs = Date.parse(commit.startedAt) + commit.durationMs;
  const ready = { stretch: "ready", durationMs: Math.max(0, Math.round(context.world.clock.nowMs() - startedAtMs)) };
  await context.writer.patch(SyncKind, refOf(newest), { type: "merge", body: { status: { timings: [...timings, ready].map(asJson) } } }, { subresource: "status" });
}

/** True when the caches hold what the sync wrote: health before that is the health of what was there before. */
function isSeen(sync: Sync, kinds: KindLookup, context: ControllerContext): boolean {
  const revision = Number(sync.status.storeRevision ?? "0");
  const live = liveReader(context.reader, kinds);
  const written = (sync.status.steps ?? []).filter((step) => step.action !== "Delete")
    .map((step) => live({ group: step.group ?? "", kind: step.kind, namespace: step.namespace ?? "", name: step.name }));
  return written.length === 0 || written.some((object) => Number(object?.metadata.resourceVersion ?? "0") >= revision);
}
