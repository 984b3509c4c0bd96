import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { StoreEntry, StoreEvent } from "../store/store.ts";
import { RecentMap } from "../value/recent-map.ts";
import type { SoughtBytes } from "../value/sought-bytes.ts";
import { decodeObject, spliceInto, spliceRevision, viewOfStored } from "./encode.ts";
import { refOfKey } from "./keys.ts";
import type { Staging } from "./staging.ts";
import type { StoredEvent, StoredObject } from "./verbs.ts";

/** Parsed objects kept for the next reader: about as many as change in a busy second. */
export const parsedObjectsMax = 1_000;

/** Stored bytes of all parsed objects kept together. Parsed, JSON takes about five times its size: some 10 MB. */
export const parsedBytesMax = 2 * 1024 * 1024;

/** A larger object, as a rendered artifact, is read by one reader at a time: it is not kept. */
export const parsedObjectBytesMax = 64 * 1024;

/** Events kept for others who watch: more than one batch of the store brings while all of them take their turn. */
export const toldEventsMax = 128;

/** What is told of one event. */
export type ToldEvent = Exclude<StoredEvent, { readonly type: "BOOKMARK" }>;

/** Makes `StoredObject`s and remembers what was parsed, so that the informers that are told of one change parse it once. */
export class StoredObjects {
  readonly #parsed = new RecentMap<string, Parsed>({ entriesMax: parsedObjectsMax, sizes: { max: parsedBytesMax, of: ({ sizeBytes }) => sizeBytes } });
  readonly #told = new RecentMap<StoreEvent, { readonly kind: Kind; readonly told: ToldEvent }>({ entriesMax: toldEventsMax });

  /** How much is kept now. */
  get kept(): { readonly objects: number; readonly sizeBytes: number } {
    return { objects: this.#parsed.count, sizeBytes: this.#parsed.size };
  }

  of(kind: Kind, entry: Pick<StoreEntry, "key" | "value" | "revision">): StoredObject {
    return new StoredEntry(this, kind, entry);
  }

  /** A value under a revision that is not its own, as the last state of what left a selection: never remembered. */
  past(kind: Kind, entry: Pick<StoreEntry, "key" | "value">, revision: number): StoredObject {
    return new StoredEntry(this, kind, { key: entry.key, value: entry.value, revision }, { isRemembered: false });
  }

  /** An event as who watches all objects is told of it: one value for everybody, so that what is made of it is made once. */
  told(kind: Kind, event: StoreEvent): ToldEvent {
    const known = this.#told.get(event);
    if (known?.kind === kind) return known.told;
    const told: ToldEvent = event.kind === "remove" ? { type: "DELETED", stored: this.past(kind, event.previous, event.revision) }
      : { type: event.previous === undefined ? "ADDED" : "MODIFIED", stored: this.of(kind, event) };
    if ((event.kind === "put" ? event.value : event.previous.value).length > parsedObjectBytesMax) return told;
    this.#told.set(event, { kind, told });
    return told;
  }

  /** The object a request sees, which may be one it is about to write. */
  inStaging(kind: Kind, entry: Pick<StoreEntry, "key" | "value" | "revision">, staging: Staging): ApiObject {
    return (staging.isWritten(entry.key) ? this.past(kind, entry, entry.revision) : this.of(kind, entry)).object();
  }

  make(kind: Kind, ref: ObjectRef, entry: Pick<StoreEntry, "key" | "value" | "revision">, options = { isRemembered: true }): StoredObject {
    return new StoredEntry(this, kind, entry, { ...options, ref });
  }

  /** The object of a live entry, parsed once for all who read it soon. */
  parse(key: string, value: Uint8Array, revision: number): ApiObject {
    const known = this.#parsed.get(key);
    if (known !== undefined && known.revision === revision) return known.object;
    const object = decodeObject(value, revision);
    if (value.length <= parsedObjectBytesMax && (known === undefined || known.revision < revision)) this.keep(key, { revision, object, sizeBytes: value.length });
    return object;
  }

  /** Keeps an object for the next reader, with the size of its bytes. */
  keep(key: string, parsed: Parsed): void {
    this.#parsed.set(key, parsed);
  }
}

/** An object as the store has it. Small, for there are as many of them as a list is long: what can be told from the entry is not kept. */
class StoredEntry implements StoredObject {
  readonly #objects: StoredObjects;
  readonly #kind: Kind;
  readonly #entry: Pick<StoreEntry, "key" | "value" | "revision">;
  readonly #isRemembered: boolean;
  #ref: ObjectRef | undefined;
  #own: ApiObject | undefined;

  constructor(objects: StoredObjects, kind: Kind, entry: Pick<StoreEntry, "key" | "value" | "revision">, { isRemembered = true, ref }: { readonly isRemembered?: boolean; readonly ref?: ObjectRef } = {}) {
    this.#objects = objects;
    this.#kind = kind;
    this.#entry = entry;
    this.#isRemembered = isRemembered && entry.revision !== 0;
    this.#ref = ref;
  }

  get namespace(): string {
    return this.#named().namespace;
  }

  get name(): string {
    return this.#named().name;
  }

  get revision(): number {
    return this.#entry.revision;
  }

  bytes(): Uint8Array {
    return spliceRevision(this.#kind, this.#entry.value, this.#entry.revision);
  }

  copyTo(target: Uint8Array, at: number): number | undefined {
    return spliceInto(target, at, { kind: this.#kind, stored: this.#entry.value, revision: this.#entry.revision });
  }

  mayHold(text: SoughtBytes): boolean {
    return text.indexIn(this.#entry.value) >= 0;
  }

  object(): ApiObject {
    const { key, value, revision } = this.#entry;
    this.#own ??= viewOfStored(this.#kind, this.#isRemembered ? this.#objects.parse(key, value, revision) : decodeObject(value, revision));
    return this.#own;
  }

  #named(): ObjectRef {
    this.#ref ??= refOfKey(this.#kind, this.#entry.key);
    return this.#ref;
  }
}

interface Parsed {
  readonly revision: number;
  readonly object: ApiObject;
  readonly sizeBytes: number;
}
