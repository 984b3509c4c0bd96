import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { JsonObject } from "../../value/json.ts";
import type { ApiContext } from "../context.ts";
import type { Caller } from "../verbs.ts";

/** What is asked for, and of which object. */
export interface ActionTarget {
  readonly ref: ObjectRef;
  readonly body: JsonObject;
  readonly dryRun: boolean;
}

/** A subresource that does something when it is created. */
export interface Action {
  readonly kind: Kind;
  /** The subresource's name. */
  readonly name: string;
  /** Answers the document the client gets, with 201. Checks the caller's right itself. Throws ApiError for every refusal. */
  run(context: ApiContext, caller: Caller, target: ActionTarget): Promise<JsonObject>;
}
