import type { Json } from "../value/json.ts";
import type { Kind } from "../model/kind.ts";
import type { ObjectRef } from "../model/object.ts";

/**
 * A read-only answer beside an object, served as its subresource: `applications/plan`. Whoever may `get` the subresource may read it.
 * The floors above bring them, so that derived answers need no door of their own.
 */
export interface View {
  readonly kind: Kind;
  /** The subresource's name in the path. */
  readonly name: string;
  /** Throws ApiError for every refusal. */
  read(ref: ObjectRef, query: Readonly<Record<string, string>>): Promise<Json>;
}
