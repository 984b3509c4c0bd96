import { History } from "./history.ts";
import type { PackBounds } from "./history.ts";
import { SortedMap } from "./sorted-map.ts";
import { StoreError } from "./store.ts";
import type { ListPage, ListRange, Operation, StoreEntry, StoreEvent } from "./store.ts";
import { ValueSlabs } from "./value-slabs.ts";

/** A list longer than this is made anew each time: it is asked for rarely, and its entries are many. */
const keptEntriesMax = 16;

/** Short lists kept: some ten for each namespace that is written to. */
const keptListsMax = 1_024;

const wholeRange: ListRange = {};

/** Entries looked at, and bytes of values moved, in one turn of the thread: each takes about half a millisecond. */
const gatheredEntriesMax = 1_024;
const gatheredBytesMax = 524_288;

/** One committed transaction: every operation changes something, each key at most once. */
export interface Change {
  readonly revision: number;
  readonly operations: readonly Operation[];
}

/** A part of the history. */
export interface HistoryPart {
  readonly events: readonly StoreEvent[];
  /** All matching events up to this revision are in `events`. */
  readonly upTo: number;
}

/**
 * The state every reader sees, in memory: live entries in key order, and the events since the last compaction.
 * The state as of an old revision is the live state with the later events undone, so no key carries a list of versions.
 */
export class View {
  readonly #live = new Map<string, StoreEntry>();
  readonly #ordered = new SortedMap<StoreEntry>();
  readonly #history: History;
  readonly #kept = new Map<string, readonly StoreEntry[]>();
  readonly #values = new ValueSlabs();
  /** Values of keys up to this one have been gathered; undefined while there is nothing to gather. */
  #gatheredTo: string | undefined;

  /** An empty view whose next change has revision `compactedRevision + 1`. */
  constructor(compactedRevision = 0) {
    this.#history = new History(compactedRevision);
  }

  get revision(): number {
    return this.#history.revision;
  }

  get compactedRevision(): number {
    return this.#history.compactedRevision;
  }

  /** @see History.sizeBytes */
  get historyBytes(): number {
    return this.#history.sizeBytes;
  }

  get(key: string): StoreEntry | undefined {
    return this.#live.get(key);
  }

  /** Sets what was live at the revision this view starts from, with a copy of its value, or something newer of the same key; only before the first `apply`. */
  restore({ key, value, revision, createdRevision }: StoreEntry): void {
    this.#releaseLive(key);
    this.#setLive({ key, value: this.#values.keep(value), revision, createdRevision });
  }

  /** Takes back what was restored under a key; only before the first `apply`. */
  unrestore(key: string): void {
    this.#releaseLive(key);
    this.#removeLive(key);
  }

  /** Takes the next change in and answers its events, which have the view's own copies of the values. */
  apply(change: Change): readonly StoreEvent[] {
    if (change.revision !== this.revision + 1) throw new RangeError(`change ${change.revision} does not follow revision ${this.revision}`);
    const events = change.operations.map((operation) => this.#applyOperation(operation, change.revision));
    this.#history.push(events);
    return events;
  }

  list(prefix: string, range: ListRange = wholeRange): ListPage {
    const revision = range.revision ?? this.revision;
    this.demand(revision);
    if (range === wholeRange && prefix.endsWith("/")) {
      const entries = this.#listKept(prefix);
      if (entries !== undefined) return { entries, revision, remaining: 0 };
    }
    return revision === this.revision ? this.#listNewest(prefix, range) : this.#listOld(prefix, revision, range);
  }

  /** Events after a revision with keys under `prefix`: whole transactions, and about `eventsMax` of them at most. */
  eventsAfter(afterRevision: number, prefix: string, eventsMax: number): HistoryPart {
    this.demand(afterRevision);
    const events: StoreEvent[] = [];
    let upTo = afterRevision;
    while (upTo < this.revision && events.length < eventsMax) {
      upTo++;
      events.push(...this.#history.at(upTo, prefix));
    }
    return { events, upTo };
  }

  /** Forgets the history up to `revision`. */
  compact(revision: number): void {
    if (revision > this.revision) throw futureError(revision, this.revision);
    if (revision > this.compactedRevision) this.#history.compact(revision);
  }

  /** @see History.pack */
  packHistory(bounds: PackBounds): boolean {
    return this.#history.pack(bounds);
  }

  /**
   * Moves some values out of slabs that are mostly free, once that is worth it; answers whether there are more to look at. Entries that were read before stay
   * as they are.
   */
  gatherValues(): boolean {
    if (this.#gatheredTo === undefined && !this.#values.isScattered) return false;
    const after = this.#gatheredTo ?? "";
    let movedBytes = 0;
    let looked = 0;
    this.#gatheredTo = undefined;
    // No key comes or goes meanwhile.
    for (const entry of take(this.#ordered.values(this.#ordered.place((key) => key <= after), this.#ordered.place(() => true)), gatheredEntriesMax)) {
      if (this.#values.isSparse(entry.value)) {
        movedBytes += entry.value.length;
        this.#moveValue(entry);
      }
      if (++looked < gatheredEntriesMax && movedBytes < gatheredBytesMax) continue;
      this.#gatheredTo = entry.key;
      break;
    }
    return this.#gatheredTo !== undefined;
  }

  /** Throws unless this revision can still be read. */
  demand(revision: number): void {
    if (revision > this.revision) throw futureError(revision, this.revision);
    if (revision < this.compactedRevision) {
      throw new StoreError("compacted", `revision ${revision} is gone: history begins at ${this.compactedRevision}; list again and watch from there`);
    }
  }

  #applyOperation(operation: Operation, revision: number): StoreEvent {
    const { key } = operation;
    const previous = this.#live.get(key);
    if (operation.kind === "put") {
      const createdRevision = previous?.createdRevision ?? revision;
      const value = this.#values.keep(operation.value);
      if (previous !== undefined) this.#values.release(previous.value);
      this.#setLive({ key, value, revision, createdRevision });
      return { kind: "put", key, value, revision, createdRevision, previous };
    }
    if (previous === undefined) throw new RangeError(`change ${revision} removes ${key}, which is absent`);
    this.#values.release(previous.value);
    this.#removeLive(key);
    return { kind: "remove", key, revision, previous };
  }

  #moveValue(entry: StoreEntry): void {
    const moved: StoreEntry = { ...entry, value: this.#values.keep(entry.value) };
    this.#values.release(entry.value);
    this.#setLive(moved);
    this.#history.follow(moved);
  }

  /** Lists under whole path segments that were asked for whole: those of policies and quotas are read for every write. */
  #listKept(prefix: string): readonly StoreEntry[] | undefined {
    const known = this.#kept.get(prefix);
    if (known !== undefined) return known;
    const { entries } = this.#listNewest(prefix, { limit: keptEntriesMax + 1 });
    if (entries.length > keptEntriesMax) return undefined;
    if (this.#kept.size >= keptListsMax) this.#kept.clear();
    this.#kept.set(prefix, entries);
    return entries;
  }

  /** Forgets the lists a key is part of. */
  #forgetLists(key: string): void {
    if (this.#kept.size === 0) return;
    for (let slash = key.indexOf("/"); slash >= 0; slash = key.indexOf("/", slash + 1)) this.#kept.delete(key.slice(0, slash + 1));
  }

  #releaseLive(key: string): void {
    const before = this.#live.get(key);
    if (before !== undefined) this.#values.release(before.value);
  }

  #removeLive(key: string): void {
    this.#forgetLists(key);
    this.#live.delete(key);
    this.#ordered.delete(key);
  }

  #setLive(entry: StoreEntry): void {
    this.#forgetLists(entry.key);
    this.#live.set(entry.key, entry);
    this.#ordered.set(entry.key, entry);
  }

  #listNewest(prefix: string, range: ListRange): ListPage {
    const { from, to } = this.#bounds(prefix, range.after);
    const count = this.#ordered.count(from, to);
    const entries = count === 0 ? [] : [...take(this.#ordered.values(from, to), range.limit ?? count)];
    return { entries, revision: this.revision, remaining: count - entries.length };
  }

  #listOld(prefix: string, revision: number, range: ListRange): ListPage {
    const past = this.#stateBefore(prefix, revision, range.after);
    const { from, to } = this.#bounds(prefix, range.after);
    let count = this.#ordered.count(from, to);
    for (const [key, entry] of past) {
      if (this.#live.has(key)) count--;
      if (entry !== undefined) count++;
    }
    const unchanged = count === 0 ? [] : this.#ordered.values(from, to);
    const entries = [...take(merge(unchanged, past), range.limit ?? count)];
    return { entries, revision, remaining: count - entries.length };
  }

  /** For each key changed after `revision`: what it was then. */
  #stateBefore(prefix: string, revision: number, after: string | undefined): Map<string, StoreEntry | undefined> {
    const past = new Map<string, StoreEntry | undefined>();
    for (let later = revision + 1; later <= this.revision; later++) {
      for (const event of this.#history.at(later, prefix)) {
        if (!past.has(event.key) && (after === undefined || event.key > after)) past.set(event.key, event.previous);
      }
    }
    return past;
  }

  #bounds(prefix: string, after: string | undefined): { readonly from: ReturnType<SortedMap<StoreEntry>["place"]>; readonly to: ReturnType<SortedMap<StoreEntry>["place"]> } {
    return {
      from: this.#ordered.place((key) => key < prefix || (after !== undefined && key <= after)),
      to: this.#ordered.place((key) => key < prefix || key.startsWith(prefix)),
    };
  }
}

/** The unchanged live entries and the past states of changed keys, in key order. */
function* merge(live: Iterable<StoreEntry>, past: ReadonlyMap<string, StoreEntry | undefined>): Generator<StoreEntry, void, undefined> {
  const revived = [...past.values()].filter((entry) => entry !== undefined).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  let next = 0;
  for (const entry of live) {
    if (past.has(entry.key)) continue;
    for (let old = revived[next]; old !== undefined && old.key < entry.key; old = revived[++next]) yield old;
    yield entry;
  }
  yield* revived.slice(next);
}

function* take<T>(values: Iterable<T>, limit: number): Generator<T, void, undefined> {
  if (limit <= 0) return;
  let taken = 0;
  for (const value of values) {
    yield value;
    if (++taken >= limit) return;
  }
}

function futureError(revision: number, newest: number): StoreError {
  return new StoreError("future", `revision ${revision} is ahead of the newest one, ${newest}`);
}
