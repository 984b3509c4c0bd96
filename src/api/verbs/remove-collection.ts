import { isApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import type { RemoveOptions } from "../client.ts";
import { commitDraft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { notFound } from "../errors.ts";
import { objectKey } from "../keys.ts";
import type { Caller, ListRequest, StoredList, StoredObject } from "../verbs.ts";
import { readList } from "./list.ts";
import { draftRemove } from "./remove.ts";

/** Removes every object a list request selects, one by one as upstream; answers them as they were or are, with the revision they were listed at. */
export async function removeCollection(context: ApiContext, caller: Caller, target: { readonly kind: Kind; readonly list: ListRequest; readonly options?: RemoveOptions }): Promise<StoredList> {
  const { kind, list, options = {} } = target;
  demandAccess(context, caller, { verb: "deletecollection", kind, namespace: list.namespace ?? "" });
  const { items, resourceVersion } = await readList(context, kind, list);
  const removed: StoredObject[] = [];
  for (const item of items) {
    const ref = { namespace: item.namespace, name: item.name };
    try {
      const { stored } = await commitDraft(context, (staging) => {
        const entry = staging.depend(objectKey(kind, ref));
        if (entry === undefined) throw notFound(kind, ref.name);
        return draftRemove(context, staging, { kind, ref, options, caller, entry });
      }, options.dryRun === true);
      removed.push(stored);
    } catch (error) {
      // Somebody else removed it meanwhile: that is what was asked for.
      if (!isApiError(error, "NotFound")) throw error;
    }
  }
  return { items: removed, resourceVersion };
}
