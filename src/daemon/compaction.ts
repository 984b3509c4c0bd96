import type { Store } from "../store/store.ts";
import type { World } from "../world/world.ts";

/** History is kept this long, so that a watch cut off for a while can go on where it was; Kubernetes compacts every five minutes. */
const historyKeptMs = 300_000;

/** Looked at this often. */
const compactionIntervalMs = 60_000;

/** Revisions kept at most: a burst of writes must not fill the memory before its time has come. */
const historyRevisionsMax = 100_000;

/** Forgets old revisions as time goes on, until the signal aborts. */
export function startCompaction(store: Store, world: World, signal: AbortSignal): void {
  void compactRegularly(store, world, signal);
}

async function compactRegularly(store: Store, world: World, signal: AbortSignal): Promise<void> {
  const seen: { readonly atMs: number; readonly revision: number }[] = [];
  while (!signal.aborted) {
    try {
      await world.clock.sleep(compactionIntervalMs, signal);
    } catch {
      return;
    }
    const nowMs = world.clock.monotonicMs();
    seen.push({ atMs: nowMs, revision: store.revision });
    let target = store.revision - historyRevisionsMax;
    while (seen[0] !== undefined && nowMs - seen[0].atMs >= historyKeptMs) target = Math.max(target, seen.shift()?.revision ?? 0);
    if (target <= store.compactedRevision) continue;
    try {
      await store.compact(target);
    } catch (error) {
      world.log.warn("the store was not compacted", { revision: target, error });
    }
  }
}
