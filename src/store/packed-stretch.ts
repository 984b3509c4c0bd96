import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { StoreEntry, StoreEvent } from "./store.ts";

/** Consecutive revisions of history, packed: versions of one object are alike, so the events shrink to some hundredth. */
export interface PackedStretch {
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** Every key that changes in it: who looks for others need not unpack it. */
  readonly keys: ReadonlySet<string>;
  readonly bytes: Uint8Array;
}

/** Where a value lies among the values: [offset, length]. */
type Span = readonly [offset: number, length: number];

/** Revision, the revision of its creation, and its value. */
type PackedEntry = readonly [revision: number, createdRevision: number, value: Span];

/** What the key was before, and what it is; null where there is nothing. */
type PackedEvent = readonly [key: string, previous: PackedEntry | null, now: PackedEntry | null];


/** Bytes in front that say how long the list of events is; the values follow it. */
const lengthBytes = 4;

/** Packs the events of `firstRevision` and of those that follow it. Takes about a millisecond a megabyte. Pure. */
export function packStretch(firstRevision: number, revisions: readonly (readonly StoreEvent[])[]): PackedStretch {
  const values = new ValueList();
  const pack = (entry: Omit<StoreEntry, "key">): PackedEntry => [entry.revision, entry.createdRevision, values.spanOf(entry.value)];
  const packed = revisions.map((events) => events.map((event): PackedEvent => (
    [event.key, event.previous === undefined ? null : pack(event.previous), event.kind === "put" ? pack(event) : null])));
  const header = Buffer.from(JSON.stringify(packed));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(header.length);
  return {
    firstRevision, lastRevision: firstRevision + revisions.length - 1, keys: new Set(revisions.flatMap((events) => events.map(({ key }) => key))),
    bytes: copyOf(zstdCompressSync(Buffer.concat([length, header, ...values.all]))),
  };
}

/** The events of each revision of a stretch, equal to those packed. Pure. */
export function unpackStretch(stretch: PackedStretch): readonly (readonly StoreEvent[])[] {
  const all = zstdDecompressSync(stretch.bytes);
  const valuesAt = lengthBytes + all.readUInt32LE(0);
  const revisions = JSON.parse(all.toString("utf8", lengthBytes, valuesAt)) as readonly (readonly PackedEvent[])[];
  const unpack = (key: string, [revision, createdRevision, [offset, length]]: PackedEntry): StoreEntry => (
    { key, value: new Uint8Array(all.subarray(valuesAt + offset, valuesAt + offset + length)), revision, createdRevision });
  return revisions.map((events, index) => events.map(([key, before, now]): StoreEvent => {
    const previous = before === null ? undefined : unpack(key, before);
    if (now !== null) return { kind: "put", ...unpack(key, now), previous };
    if (previous === undefined) throw new RangeError(`revision ${stretch.firstRevision + index} removes ${key}, which is absent`);
    return { kind: "remove", key, revision: stretch.firstRevision + index, previous };
  }));
}

/** Values one after the other; one that two events share is there once. */
class ValueList {
  readonly all: Uint8Array[] = [];
  readonly #spans = new Map<Uint8Array, Span>();
  #length = 0;

  spanOf(value: Uint8Array): Span {
    const known = this.#spans.get(value);
    if (known !== undefined) return known;
    const span: Span = [this.#length, value.length];
    this.#spans.set(value, span);
    this.all.push(value);
    this.#length += value.length;
    return span;
  }
}

/** The compressor's answer may be a part of a larger buffer, which it would keep alive. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
