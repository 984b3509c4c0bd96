import type { JsonObject } from "../value/json.ts";
import type { FieldError } from "./field-error.ts";
import type { PrunedFields } from "./fields.ts";
import type { StructAtom } from "./managed-fields/atom.ts";

/** What an object replaces, and who is told of what is wrong with it and let pass, for it was so before. */
export interface ObjectChange {
  readonly old?: JsonObject;
  readonly warn?: (text: string) => void;
}

/** What a definition says of its objects: it answers all that is otherwise derived from a message. All of it is pure. */
export interface ObjectSchema {
  /** The body without what the schema does not have. */
  prune(body: JsonObject): PrunedFields;
  /** Wrong types of what is asked before anything trusts them: metadata. */
  checkTypes(body: JsonObject): readonly FieldError[];
  /** The object with its defaults, and without nulls that mean nothing. */
  complete(object: JsonObject): JsonObject;
  /** Everything wrong with the object, or with the change to it. */
  validate(object: JsonObject, change?: ObjectChange): readonly FieldError[];
  /** What its fields are to server-side apply. */
  readonly struct: StructAtom;
  /** As OpenAPI version 3 shows it. */
  readonly openApi: JsonObject;
  /** An object as it lies in the store, of any version and older than the definition, as one of this version. */
  renew(stored: JsonObject): JsonObject;
  /** True where versions are made of each other by a webhook: `renew`, and the kind's `storedAs`, then throw what is to be asked until it has answered. */
  readonly isConvertedOutside: boolean;
  /** Objects stored after this revision need no `renew`. */
  readonly sinceRevision: number;
}
