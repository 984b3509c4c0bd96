import { packStretch, unpackStretch } from "./packed-stretch.ts";
import type { PackedStretch } from "./packed-stretch.ts";
import type { StoreEntry, StoreEvent } from "./store.ts";

/** How much history is left as it is, and how much is packed at once. */
export interface PackBounds {
  /** Bytes of values of the newest history that stay plain: who watches after a short break reads these. */
  readonly plainBytes: number;
  /** Bytes of values in one stretch, before and after each change: packing or unpacking it is one turn of the thread. */
  readonly stretchBytes: number;
}

/** Of a larger transaction the events are not searched for one key: an old place of a value then lives as long as the event. */
const followedEventsMax = 64;

/** The events since the last compaction, by revision; old ones packed when asked. */
export class History {
  #compactedRevision: number;
  /** Older than all plain events, in order of revision. */
  #packed: PackedStretch[] = [];
  #plainFrom: number;
  /** Index 0 holds the events of `#plainFrom`. */
  #plain: (readonly StoreEvent[])[] = [];
  #plainBytes = 0;
  #packedBytes = 0;
  /** The stretch that was read last: who reads history reads on. */
  #open: { readonly stretch: PackedStretch; readonly revisions: readonly (readonly StoreEvent[])[] } | undefined;

  constructor(compactedRevision: number) {
    this.#compactedRevision = compactedRevision;
    this.#plainFrom = compactedRevision + 1;
  }

  get revision(): number {
    return this.#plainFrom + this.#plain.length - 1;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  /** Bytes of values that only the history still holds, packed ones as they are packed. */
  get sizeBytes(): number {
    return this.#plainBytes + this.#packedBytes;
  }

  /** Takes the events of the next revision. */
  push(events: readonly StoreEvent[]): void {
    this.#plain.push(events);
    this.#plainBytes += bytesBefore(events);
  }

  /** The value of a live entry lies elsewhere now: the event that brought it would keep the old place. */
  follow({ key, value, revision }: StoreEntry): void {
    const index = revision - this.#plainFrom;
    const events = this.#plain[index];
    if (events === undefined || events.length > followedEventsMax) return;
    this.#plain[index] = events.map((event) => (event.kind === "put" && event.key === key ? { ...event, value } : event));
  }

  /** The events of a revision whose keys start with `prefix`; none outside the history. */
  at(revision: number, prefix: string): readonly StoreEvent[] {
    const isMeant = ({ key }: StoreEvent): boolean => key.startsWith(prefix);
    if (revision >= this.#plainFrom) return this.#plain[revision - this.#plainFrom]?.filter(isMeant) ?? [];
    const stretch = this.#packed.find(({ lastRevision }) => lastRevision >= revision);
    if (stretch === undefined || !stretch.keys.values().some((key) => key.startsWith(prefix))) return [];
    if (this.#open?.stretch !== stretch) this.#open = { stretch, revisions: unpackStretch(stretch) };
    return this.#open.revisions[revision - stretch.firstRevision]?.filter(isMeant) ?? [];
  }

  /** Forgets what is up to `revision`, which is in the history. */
  compact(revision: number): void {
    this.#open = undefined;
    this.#compactedRevision = revision;
    for (const stretch of this.#packed) if (stretch.lastRevision <= revision) this.#packedBytes -= stretch.bytes.length;
    this.#packed = this.#packed.filter((stretch) => stretch.lastRevision > revision);
    if (revision >= this.#plainFrom) this.#takePlain(revision - this.#plainFrom + 1);
  }

  /** Packs the oldest plain stretch when there is more than `plainBytes` after it; answers whether it did. */
  pack({ plainBytes, stretchBytes }: PackBounds): boolean {
    this.#open = undefined;
    let count = 0;
    let sizeBytes = 0;
    let freedBytes = 0;
    while (sizeBytes < stretchBytes) {
      const events = this.#plain[count];
      if (events === undefined) return false;
      const before = bytesBefore(events);
      freedBytes += before;
      sizeBytes += before + bytesAfter(events);
      count++;
    }
    if (this.#plainBytes - freedBytes < plainBytes) return false;
    const firstRevision = this.#plainFrom;
    const stretch = packStretch(firstRevision, this.#takePlain(count));
    this.#packed.push(stretch);
    this.#packedBytes += stretch.bytes.length;
    return true;
  }

  #takePlain(count: number): readonly (readonly StoreEvent[])[] {
    const taken = this.#plain.slice(0, count);
    for (const events of taken) this.#plainBytes -= bytesBefore(events);
    this.#plain = this.#plain.slice(count);
    this.#plainFrom += count;
    return taken;
  }
}

/** What the events replaced is held by nothing else. */
function bytesBefore(events: readonly StoreEvent[]): number {
  return events.reduce((sum, { previous }) => sum + (previous?.value.length ?? 0), 0);
}

function bytesAfter(events: readonly StoreEvent[]): number {
  return events.reduce((sum, event) => sum + (event.kind === "put" ? event.value.length : 0), 0);
}
