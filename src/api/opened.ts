import type { Kind } from "../model/kind.ts";
import type { ObjectRef } from "../model/object.ts";
import { deepFreeze } from "../value/freeze.ts";
import type { JsonObject } from "../value/json.ts";
import type { StoreEntry } from "../store/store.ts";
import type { ApiContext } from "./context.ts";
import { decodeObject, encodeView, viewOfStored } from "./encode.ts";
import { refOfKey } from "./keys.ts";
import { jsonOf, objectOf, withMetadata } from "./shape.ts";
import type { StoredObject } from "./verbs.ts";

/** An entry as the store has it, and the revision it is to be shown at. */
export type Opening = Pick<StoreEntry, "key" | "value" | "revision">;

/** True for kinds whose stored objects may be of a version that only a webhook converts: they have to be opened before anybody looks into them. */
export function isOpenedFirst(kind: Kind): boolean {
  return kind.schema?.isConvertedOutside === true;
}

/** Objects of a kind for which this is true, in their kind's version; the webhook is asked once for all of them. Throws ApiError when it fails. */
export async function openEntries(context: ApiContext, kind: Kind, entries: readonly Opening[]): Promise<readonly StoredObject[]> {
  const objects = await context.conversions.settle(entries.map(({ value, revision }) => () => jsonOf(viewOfStored(kind, decodeObject(value, revision)))), context.outside);
  return entries.map(({ key, revision }, index) => openedObject(kind, objects[index] ?? {}, { ref: refOfKey(kind, key), revision }));
}

/** The same for one object. */
export async function openOne(context: ApiContext, kind: Kind, entry: Opening): Promise<StoredObject> {
  const [opened] = await openEntries(context, kind, [entry]);
  return opened ?? context.objects.of(kind, entry);
}

/** A StoredObject of what is parsed already. */
export function openedObject(kind: Kind, json: JsonObject, { ref, revision }: { readonly ref: ObjectRef; readonly revision: number }): StoredObject {
  const object = deepFreeze(objectOf(withMetadata(json, { resourceVersion: revision === 0 ? undefined : String(revision) })));
  return { ...ref, revision, bytes: () => encodeView(kind, json, revision), object: () => object };
}
