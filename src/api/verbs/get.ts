import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { PartName } from "../../model/subresource.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { notFound } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { parseRevision, waitForRevision } from "../list-revision.ts";
import { isOpenedFirst, openOne } from "../opened.ts";
import { partOf } from "../subresources.ts";
import type { Caller, StoredObject } from "../verbs.ts";

/** What is read. */
interface GetTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly subresource?: PartName;
  /** The least revision it may be read at; empty or absent: as it stands. */
  readonly resourceVersion?: string;
}

/** One object as it stands; the whole one for a subresource, too, under the right to that subresource. Throws NotFound. */
export function get(context: ApiContext, caller: Caller, target: GetTarget): StoredObject | Promise<StoredObject> {
  const { kind, ref, subresource } = target;
  const { namespace, name } = ref;
  demandAccess(context, caller, subresource === undefined ? { verb: "get", kind, namespace, name } : { verb: "get", kind, subresource, namespace, name });
  if (subresource !== undefined) partOf(kind, subresource);
  const notBefore = parseRevision(target.resourceVersion ?? "");
  return notBefore > context.store.revision ? waitForRevision(context, notBefore).then(() => read(context, kind, ref)) : read(context, kind, ref);
}

function read(context: ApiContext, kind: Kind, ref: ObjectRef): StoredObject | Promise<StoredObject> {
  const entry = context.store.get(objectKey(kind, ref));
  if (entry === undefined) throw notFound(kind, ref.name);
  return isOpenedFirst(kind) ? openOne(context, kind, entry) : context.objects.make(kind, ref, entry);
}
