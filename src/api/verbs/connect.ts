import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import { checkTypesIn } from "../../model/check-types.ts";
import { printFieldError } from "../../model/print-field-error.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { JsonObject } from "../../value/json.ts";
import { admissionRequestOf, admitUnkept } from "../admission.ts";
import { commitPrepared } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { internalError, notServed } from "../errors.ts";
import { jsonOf, objectOf } from "../shape.ts";
import type { Caller } from "../verbs.ts";

/**
 * Asks webhooks and policies about a connection, with what it is asked with, and answers what they made of that. Nothing is written. Throws NotFound for a
 * subresource that is no connection, InternalError for what they made no options of.
 *
 * @see kubernetes apiserver pkg/endpoints/handlers/rest.go ConnectResource
 */
export async function connect(context: ApiContext, caller: Caller, { kind, ref, subresource, options }: { readonly kind: Kind; readonly ref: ObjectRef; readonly subresource: string; readonly options: JsonObject }): Promise<JsonObject> {
  const found = findSubresource(kind, subresource);
  if (found?.type !== "connection" || found.speaks === undefined) throw notServed();
  const { group, version, kind: spoken } = found.speaks;
  const object = objectOf({ kind: spoken, apiVersion: group === "" ? version : `${group}/${version}`, ...options });
  const { prepared } = await commitPrepared(context, (staging) => admitUnkept(object, admissionRequestOf(context, staging, { operation: "connect", kind, ref, caller, old: undefined, subresource })), {
    dryRun: false, onConflict: () => undefined,
  });
  if (prepared === object) return options;
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...made } = jsonOf(prepared);
  const [wrong] = checkTypesIn(`core/v1.${spoken}`, made, "options");
  if (wrong !== undefined) throw internalError(printFieldError(wrong));
  return made;
}
