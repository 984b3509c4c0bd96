import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { PartName } from "../../model/subresource.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { notFound } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { isOpenedFirst, openOne } from "../opened.ts";
import { partOf } from "../subresources.ts";
import type { Caller, StoredObject } from "../verbs.ts";

/** One object as it stands; the whole one for a subresource, too, under the right to that subresource. Throws NotFound. */
export function get(context: ApiContext, caller: Caller, target: { readonly kind: Kind; readonly ref: ObjectRef; readonly subresource?: PartName }): StoredObject | Promise<StoredObject> {
  const { kind, ref, subresource } = target;
  const { namespace, name } = ref;
  demandAccess(context, caller, subresource === undefined ? { verb: "get", kind, namespace, name } : { verb: "get", kind, subresource, namespace, name });
  if (subresource !== undefined) partOf(kind, subresource);
  const entry = context.store.get(objectKey(kind, ref));
  if (entry === undefined) throw notFound(kind, ref.name);
  return isOpenedFirst(kind) ? openOne(context, kind, entry) : context.objects.make(kind, ref, entry);
}
