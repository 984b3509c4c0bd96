import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { objectKey, prefixOf } from "./keys.ts";
import { isOfKind } from "./shape.ts";
import type { Staging } from "./staging.ts";
import type { StoredObjects } from "./stored.ts";

/** Objects as one request sees them, its own writes included. Frozen. */
export interface StagedReader {
  /** With `isDepended` the commit is refused when the object has changed, come or gone meanwhile. */
  get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, options?: { readonly isDepended: boolean }): T | undefined;
  /** In key order. What comes or changes meanwhile is not noticed. */
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[];
}

/** Reads through the staging of one try; parsed objects are shared with all readers. */
export function readerOf(staging: Staging, objects: StoredObjects): StagedReader {
  return {
    get(kind, ref, options) {
      const key = objectKey(kind, ref);
      const entry = options?.isDepended === true ? staging.depend(key) : staging.get(key);
      const object = entry === undefined ? undefined : objects.inStaging(kind, entry, staging);
      return object !== undefined && isOfKind(kind, object) ? object : undefined;
    },
    list<T extends ApiObject>(kind: Kind<T>, namespace = "") {
      return staging.list(prefixOf(kind, namespace)).map((entry) => objects.inStaging(kind, entry, staging)).filter((object): object is T => isOfKind(kind, object));
    },
  };
}
