import { isOfKind } from "../api/shape.ts";
import { resourceName } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { keyOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import type { Controller, Reader } from "./controller.ts";
import { ObjectCache } from "./object-cache.ts";
import { ProgrammingError } from "./programming-error.ts";
import { kindsOf } from "./rules-of-controller.ts";

/** The caches the controllers share, one per kind that any of them looks at. */
export function cachesFor(controllers: readonly Controller[]): KindCaches {
  const kinds = new Set(controllers.flatMap((controller) => kindsOf(controller)));
  const whole = new Set(controllers.flatMap((controller) => [...(isMetadataEnough(controller) ? [] : [controller.kind]), ...controller.reads]));
  const indexes = new Set(controllers.flatMap((controller) => controller.indexes ?? []));
  return new KindCaches([...kinds].map((kind) => [kind, new ObjectCache({
    indexes: [...indexes].filter((index) => index.kind === kind),
    isMetadataOnly: !whole.has(kind),
  })]));
}

/** Caches by kind. The kinds of a definition are the same as long as what they are called is: their schema may change under them. */
export class KindCaches {
  readonly #caches: Map<string, { readonly kind: Kind; readonly cache: ObjectCache }>;
  /** Asked for with each change of an object; undefined until it is, and when kinds come or go. */
  #custom: readonly Kind[] | undefined;

  constructor(caches: readonly (readonly [Kind, ObjectCache])[] = []) {
    this.#caches = new Map(caches.map(([kind, cache]) => [nameOfKind(kind), { kind, cache }]));
  }

  get(kind: Kind): ObjectCache | undefined {
    return this.#caches.get(nameOfKind(kind))?.cache;
  }

  /** The kind of a name, as it was when its cache was made. */
  kindOf(name: string): Kind | undefined {
    return this.#caches.get(name)?.kind;
  }

  get entries(): readonly { readonly kind: Kind; readonly cache: ObjectCache }[] {
    return [...this.#caches.values()];
  }

  get customKinds(): readonly Kind[] {
    this.#custom ??= this.entries.map(({ kind }) => kind).filter((kind) => kind.schema !== undefined);
    return this.#custom;
  }

  set(kind: Kind, cache: ObjectCache): void {
    this.#custom = undefined;
    this.#caches.set(nameOfKind(kind), { kind, cache });
  }

  delete(kind: Kind): void {
    this.#custom = undefined;
    this.#caches.delete(nameOfKind(kind));
  }
}

const names = new WeakMap<Kind, string>();

/** `deployments.apps/v1`: what tells kinds apart. */
export function nameOfKind(kind: Kind): string {
  let name = names.get(kind);
  if (name === undefined) names.set(kind, name = `${resourceName(kind)}/${kind.version}`);
  return name;
}

/** What stands for a cache that is not filled yet, or of a kind that went. */
const noCache = new ObjectCache();

/** True when a controller asks only for the metadata of its own kind. */
function isMetadataEnough(controller: Controller): boolean {
  return controller.readsMetadata?.includes(controller.kind) === true && !controller.reads.includes(controller.kind);
}

/** A reader of the caches, held to what its controller declares. */
export function readerOf(controller: Controller, caches: KindCaches): Reader {
  const allowed = new Set([controller.kind, ...controller.reads, ...(controller.readsMetadata ?? [])]);
  const cacheOf = (kind: Kind): ObjectCache => {
    const cache = caches.get(kind);
    if (isCustomOf(controller, kind)) return cache ?? noCache;
    if (cache === undefined || !allowed.has(kind)) throw undeclaredRead(controller, kind);
    return cache;
  };
  return {
    get customKinds() { return caches.customKinds; },
    get: (kind, ref) => typed(kind, cacheOf(kind).get(keyOf(ref))),
    list: (kind, namespace) => typedList(kind, cacheOf(kind).list(namespace)),
    ownedBy: (kind, owner) => typedList(kind, cacheOf(kind).ownedBy(owner.metadata.uid ?? "")),
    dependentsOf: (kind, ownerUid) => typedList(kind, cacheOf(kind).dependentsOf(ownerUid)),
    indexed: (index, value) => {
      const objects = cacheOf(index.kind).indexed(index, value);
      if (objects === undefined) throw new ProgrammingError(`controller "${controller.name}" uses the index "${index.name}" without declaring it`);
      return typedList(index.kind, objects);
    },
  };
}

/** True for a kind of a definition, where the controller works with those. */
export function isCustomOf(controller: Controller, kind: Kind): boolean {
  return kind.schema !== undefined && controller.customKinds !== undefined;
}

/** The error of a read that was not declared. */
export function undeclaredRead(controller: Controller, kind: Kind): ProgrammingError {
  return new ProgrammingError(`controller "${controller.name}" reads ${resourceName(kind)} without declaring it`);
}

function typed<T extends ApiObject>(kind: Kind<T>, object: ApiObject | undefined): T | undefined {
  return object !== undefined && isOfKind(kind, object) ? object : undefined;
}

function typedList<T extends ApiObject>(kind: Kind<T>, objects: readonly ApiObject[]): readonly T[] {
  return areOfKind(kind, objects) ? objects : [];
}

/** A cache holds objects of one kind, so the first speaks for all. */
function areOfKind<T extends ApiObject>(kind: Kind<T>, objects: readonly ApiObject[]): objects is readonly T[] {
  const first = objects[0];
  return first === undefined || isOfKind(kind, first);
}

