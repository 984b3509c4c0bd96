import type { World } from "../world/world.ts";
import type { PackBounds } from "./history.ts";
import { StoreError } from "./store.ts";
import type { Store } from "./store.ts";

/** How much history is kept. */
export interface CompactionBounds {
  /** History younger than this is kept, unless it grows beyond the other bounds. */
  readonly keepMs: number;
  readonly revisionsMax: number;
  readonly bytesMax: number;
}

/** Five minutes, as a Kubernetes API server keeps; the other bounds keep the daemon small when much is written. */
export const compactionBounds: CompactionBounds = { keepMs: 300_000, revisionsMax: 100_000, bytesMax: 67_108_864 };

/** How often the daemon looks: old versions are packed before they take many new pages of memory, which would not all be given back. */
export const compactionEveryMs = 5_000;

/** Plain stay the newest changes, some dozens: who comes back after a short break asks for these. A stretch takes the thread about a millisecond. */
export const packBounds: PackBounds = { plainBytes: 262_144, stretchBytes: 524_288 };

/** Between two stretches, so that requests come first. */
const packPauseMs = 10;

/** The newest revision at a time. */
export interface RevisionSample {
  readonly atMs: number;
  readonly revision: number;
}

/** The store's figures that the decision needs. */
export interface HistoryFigures {
  readonly revision: number;
  readonly compactedRevision: number;
  readonly historyBytes: number;
}

/**
 * Decides up to which revision history is forgotten; undefined when nothing is to be done. Pure.
 *
 * @param samples in order of time
 */
export function decideCompaction(figures: HistoryFigures, samples: readonly RevisionSample[], options: { readonly nowMs: number; readonly bounds: CompactionBounds }): number | undefined {
  const { revision, compactedRevision, historyBytes } = figures;
  const { nowMs, bounds } = options;
  const old = samples.findLast(({ atMs }) => nowMs - atMs >= bounds.keepMs)?.revision ?? 0;
  const tooMany = revision - bounds.revisionsMax;
  // Which revisions hold the bytes is not known: half of them goes, and the next look decides again.
  const tooLarge = historyBytes > bounds.bytesMax ? Math.ceil((compactedRevision + revision) / 2) : 0;
  const target = Math.min(revision, Math.max(old, tooMany, tooLarge));
  return target > compactedRevision ? target : undefined;
}

/** Compacts a store, packs the history that stays and gathers the values, from time to time until the signal aborts or the store stops; never throws. */
export async function keepCompacted(store: Store, { world, bounds = compactionBounds, signal }: { readonly world: Pick<World, "clock" | "log">; readonly bounds?: CompactionBounds; readonly signal: AbortSignal }): Promise<void> {
  let samples: readonly RevisionSample[] = [];
  while (!signal.aborted) {
    const nowMs = world.clock.monotonicMs();
    const { revision, compactedRevision, historyBytes = 0 } = store;
    // The newest sample that is old enough stands for all older ones.
    const expired = samples.findLastIndex(({ atMs }) => nowMs - atMs >= bounds.keepMs);
    samples = [...samples.slice(Math.max(0, expired)), { atMs: nowMs, revision }];
    const target = decideCompaction({ revision, compactedRevision, historyBytes }, samples, { nowMs, bounds });
    try {
      if (target !== undefined) await store.compact(target);
      while (store.packHistory?.(packBounds) === true) await world.clock.sleep(packPauseMs, signal);
      while (store.gatherValues?.() === true) await world.clock.sleep(packPauseMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof StoreError)) throw error;
      world.log.error("the store is not compacted any more", { error });
      return;
    }
    await world.clock.sleep(compactionEveryMs, signal).catch(() => {});
  }
}
