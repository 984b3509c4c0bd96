import { jsonOf, objectOf } from "../api/shape.ts";
import { controllerOf, keyOf, refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import { sharingWith } from "../value/share.ts";
import type { Index } from "./controller.ts";

/** At most this many removals are remembered, against late events and answers about them; one costs about 200 bytes. */
export const tombstonesMax = 8192;

/** Told of each change after the cache holds it; `object` is undefined when it went. */
export type CacheListener = (object: ApiObject | undefined, previous: ApiObject | undefined) => void;

/** A list on its way into a cache. */
export interface Replacement {
  take(object: ApiObject): void;
  /** All of it was taken, and shows the state as of this revision: what it did not name is gone. */
  end(resourceVersion: string): void;
}

/**
 * What an informer knows of one kind: objects by key, namespace, owner and declared indexes. Changes come from the watch and
 * from the writers' own answers in any order; the newer revision wins and what is gone stays gone, since a uid never returns.
 */
export class ObjectCache {
  readonly #all = new Bucket();
  readonly #namespaces = new Map<string, Bucket>();
  readonly #owned = new Map<string, Bucket>();
  readonly #dependents = new Map<string, Bucket>();
  readonly #indexes = new Map<Index, Map<string, Bucket>>();
  readonly #gone = new Set<string>();
  /** By key, the newest revision at which an object under it is known to be gone. */
  readonly #goneUntil = new Map<string, number>();
  readonly #listeners: CacheListener[] = [];
  readonly #isMetadataOnly: boolean;
  #newest: { readonly object: ApiObject; readonly madeOf: ApiObject } | undefined;

  constructor(options: { readonly indexes?: readonly Index[]; readonly isMetadataOnly?: boolean } = {}) {
    for (const index of options.indexes ?? []) this.#indexes.set(index, new Map());
    this.#isMetadataOnly = options.isMetadataOnly ?? false;
  }

  get size(): number {
    return this.#all.size;
  }

  listen(listener: CacheListener): void {
    this.#listeners.push(listener);
  }

  get(key: string): ApiObject | undefined {
    return this.#all.get(key);
  }

  list(namespace?: string): readonly ApiObject[] {
    return (namespace === undefined ? this.#all : this.#namespaces.get(namespace))?.sorted() ?? [];
  }

  ownedBy(uid: string): readonly ApiObject[] {
    return this.#owned.get(uid)?.sorted() ?? [];
  }

  dependentsOf(uid: string): readonly ApiObject[] {
    return this.#dependents.get(uid)?.sorted() ?? [];
  }

  /** Undefined when the index was not declared. */
  indexed(index: Index, value: string): readonly ApiObject[] | undefined {
    const buckets = this.#indexes.get(index);
    return buckets === undefined ? undefined : buckets.get(value)?.sorted() ?? [];
  }

  /** Takes an object as it now is, unless something newer is known. Answers whether the cache changed. */
  put(object: ApiObject): boolean {
    const key = keyOf(refOf(object));
    const previous = this.#all.get(key);
    if (this.#gone.has(object.metadata.uid ?? "")) return false;
    if (previous === undefined && revisionOf(object) <= (this.#goneUntil.get(key) ?? -1)) return false;
    if (previous !== undefined && revisionOf(previous) >= revisionOf(object)) return false;
    const slim = this.#isMetadataOnly ? metadataOf(object) : withoutManagers(object);
    // Objects of one kind that come one after the other are mostly made from one template.
    const alike = previous === undefined ? this.#newest : { object: previous, madeOf: undefined };
    const source = alike?.madeOf === undefined ? undefined : jsonOf(alike.madeOf);
    const kept = alike === undefined ? slim : objectOf(sharingWith(jsonOf(alike.object), jsonOf(slim), { source }));
    this.#newest = { object: kept, madeOf: slim };
    if (previous !== undefined) this.#unfile(key, previous);
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) this.#bury(previous);
    this.#file(key, kept);
    this.#tell(kept, previous);
    return true;
  }

  /** Takes note that the object with this uid is gone; a newer object of the same name stays. */
  remove(object: ApiObject): boolean {
    this.#bury(object);
    const key = keyOf(refOf(object));
    const previous = this.#all.get(key);
    if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return false;
    this.#unfile(key, previous);
    this.#tell(undefined, previous);
    return true;
  }

  /**
   * Takes a complete list, an object at a time, telling only the differences: nothing of it is kept but what the cache keeps. Call before the list is read, which
   * will then be newer than every removal known so far.
   */
  beginReplace(): Replacement {
    this.#gone.clear();
    this.#goneUntil.clear();
    const listed = new Set<string>();
    return {
      take: (object) => {
        listed.add(keyOf(refOf(object)));
        this.put(object);
      },
      end: (resourceVersion) => {
        const listRevision = parseRevision(resourceVersion);
        for (const [key, known] of this.#all.entries()) {
          if (!listed.has(key) && revisionOf(known) <= listRevision) this.remove(known);
        }
      },
    };
  }

  #bury(object: ApiObject): void {
    const key = keyOf(refOf(object));
    const until = Math.max(revisionOf(object), this.#goneUntil.get(key) ?? 0);
    this.#goneUntil.delete(key);
    this.#goneUntil.set(key, until);
    if (object.metadata.uid !== undefined) this.#gone.add(object.metadata.uid);
    dropOldest(this.#gone);
    dropOldest(this.#goneUntil);
  }

  #file(key: string, object: ApiObject): void {
    this.#all.set(key, object);
    this.#forEachPlace(object, (buckets, value) => {
      let bucket = buckets.get(value);
      if (bucket === undefined) buckets.set(value, bucket = new Bucket());
      bucket.set(key, object);
    });
  }

  #unfile(key: string, object: ApiObject): void {
    this.#all.delete(key);
    this.#forEachPlace(object, (buckets, value) => {
      const bucket = buckets.get(value);
      bucket?.delete(key);
      if (bucket?.size === 0) buckets.delete(value);
    });
  }

  #forEachPlace(object: ApiObject, visit: (buckets: Map<string, Bucket>, value: string) => void): void {
    const { namespace, ownerReferences } = object.metadata;
    if (namespace !== undefined) visit(this.#namespaces, namespace);
    if (ownerReferences !== undefined) {
      const controller = controllerOf(object);
      if (controller !== undefined) visit(this.#owned, controller.uid);
      for (const owner of ownerReferences) visit(this.#dependents, owner.uid);
    }
    this.#indexes.forEach((buckets, index) => { for (const value of index.values(object)) visit(buckets, value); });
  }

  #tell(object: ApiObject | undefined, previous: ApiObject | undefined): void {
    for (const listener of this.#listeners) listener(object, previous);
  }
}

/** Objects by key, sorted when asked and kept sorted until a key comes or goes. */
class Bucket {
  readonly #objects = new Map<string, ApiObject>();
  #sorted: readonly ApiObject[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): ApiObject | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: ApiObject): void {
    this.#objects.set(key, object);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.#sorted = undefined;
  }

  /** In no order; what goes meanwhile is left out. */
  entries(): Iterable<readonly [string, ApiObject]> {
    return this.#objects.entries();
  }

  sorted(): readonly ApiObject[] {
    this.#sorted ??= [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object);
    return this.#sorted;
  }
}

/** Sets and maps of removals are kept in the order of their coming: the first is the oldest. */
function dropOldest(removals: Set<string> | Map<string, number>): void {
  if (removals.size <= tombstonesMax) return;
  for (const oldest of removals.keys()) {
    removals.delete(oldest);
    return;
  }
}

/** Who owns which field is a third of an object's memory and more, and no controller asks for it. */
function withoutManagers(object: ApiObject): ApiObject {
  const { managedFields, ...metadata } = object.metadata;
  return managedFields === undefined ? object : Object.freeze({ ...object, metadata: Object.freeze(metadata) });
}

function metadataOf(object: ApiObject): ApiObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, metadata };
}

function revisionOf(object: ApiObject): number {
  return parseRevision(object.metadata.resourceVersion);
}

/** Revisions of the cluster store are decimal and ordered; an absent one is older than all. */
function parseRevision(text: string | undefined): number {
  return text === undefined || text === "" ? 0 : Number(text);
}
