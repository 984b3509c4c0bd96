import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { JsonObject } from "../../value/json.ts";
import { admissionRequestOf, admitUnkept } from "../admission.ts";
import { commitPrepared } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { notServed } from "../errors.ts";
import { objectOf } from "../shape.ts";
import type { Caller } from "../verbs.ts";

/** Asks webhooks and policies about a connection, with what it is asked with. Nothing is written. Throws NotFound for a subresource that is no connection. */
export async function connect(context: ApiContext, caller: Caller, { kind, ref, subresource, options }: { readonly kind: Kind; readonly ref: ObjectRef; readonly subresource: string; readonly options: JsonObject }): Promise<void> {
  const found = findSubresource(kind, subresource);
  if (found?.type !== "connection" || found.speaks === undefined) throw notServed();
  const { group, version, kind: spoken } = found.speaks;
  const object = objectOf({ kind: spoken, apiVersion: group === "" ? version : `${group}/${version}`, ...options });
  await commitPrepared(context, (staging) => { admitUnkept(object, admissionRequestOf(context, staging, { operation: "connect", kind, ref, caller, old: undefined, subresource })); }, {
    dryRun: false, onConflict: () => undefined,
  });
}
