import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { objectKey, prefixOf } from "../keys.ts";
import { parseSelection } from "../selection.ts";
import type { Selection } from "../selection.ts";
import type { Caller, ListRequest, StoredList, StoredObject } from "../verbs.ts";
import { continueExpired, parseContinue, printContinue } from "../continue-token.ts";
import { listExpired, readRevision, waitForRevision } from "../list-revision.ts";
import { itemsPerTurn, turn } from "../in-turns.ts";
import { isOpenedFirst, openEntries, openOne } from "../opened.ts";
import { StoreError } from "../../store/store.ts";
import type { ListPage } from "../../store/store.ts";

/** Entries read at once while a selector looks for enough that match. */
const scanPageSize = 500;

/** The objects a request selects. */
export async function list(context: ApiContext, caller: Caller, kind: Kind, request: ListRequest): Promise<StoredList> {
  const { name, exact } = parseSelection(kind, request);
  demandAccess(context, caller, { verb: "list", kind, namespace: request.namespace ?? "", exact, ...(name === undefined ? {} : { name }) });
  return readList(context, kind, request);
}

/** A list without the question whether the caller may. */
export async function readList(context: ApiContext, kind: Kind, request: ListRequest): Promise<StoredList> {
  const selection = parseSelection(kind, request);
  const wanted = readRevision(request);
  if (wanted.notBefore > 0) await waitForRevision(context, wanted.notBefore);
  const namespace = kind.namespaced ? request.namespace ?? "" : "";
  const prefix = prefixOf(kind, namespace);
  const start = request.continue === undefined || request.continue === "" ? undefined : parseContinue(request.continue, prefix);
  const revision = start === undefined ? wanted.exact : start.revision;
  if (selection.name !== undefined && (namespace !== "" || !kind.namespaced) && revision === undefined && start === undefined) {
    return readOne(context, kind, { ref: { namespace, name: selection.name }, selection });
  }
  const limit = request.limit === undefined || request.limit <= 0 ? Number.POSITIVE_INFINITY : request.limit;
  const items: StoredObject[] = [];
  let after = start?.after;
  let shown = revision;
  let remaining = 0;
  // Objects that had to be parsed to tell.
  let looked = 0;
  do {
    const page = readPage(context, prefix, { after, revision: shown, limit: selection.isAll ? limit - items.length : scanPageSize }, request);
    shown = page.revision;
    remaining = page.remaining;
    const opened = isOpenedFirst(kind) ? await openEntries(context, kind, page.entries) : [];
    for (const [index, entry] of page.entries.entries()) {
      const stored = opened[index] ?? context.objects.of(kind, entry);
      after = entry.key;
      if (!selection.isAll && selection.mayMatch(stored) && ++looked % itemsPerTurn === 0) await turn();
      if (selection.matches(stored)) items.push(stored);
      if (items.length === limit) { remaining += page.entries.length - index - 1; break; }
    }
    if (page.entries.length === 0) remaining = 0;
    if (!selection.isAll && remaining > 0) await turn();
  } while (remaining > 0 && items.length < limit);
  const resourceVersion = String(shown);
  if (remaining === 0 || after === undefined) return { items, resourceVersion };
  return {
    items, resourceVersion, continue: printContinue({ revision: shown, after, prefix }),
    ...(selection.isAll ? { remainingItemCount: remaining } : {}),
  };
}

/** A list that can only hold one object is one read. */
async function readOne(context: ApiContext, kind: Kind, { ref, selection }: { readonly ref: ObjectRef; readonly selection: Selection }): Promise<StoredList> {
  const entry = context.store.get(objectKey(kind, ref));
  const resourceVersion = String(context.store.revision);
  const stored = entry === undefined ? undefined : isOpenedFirst(kind) ? await openOne(context, kind, entry) : context.objects.make(kind, ref, entry);
  return { items: stored !== undefined && selection.matches(stored) ? [stored] : [], resourceVersion };
}

interface PageRange {
  readonly after: string | undefined;
  readonly revision: number | undefined;
  readonly limit: number;
}

function readPage(context: ApiContext, prefix: string, { after, revision, limit }: PageRange, request: ListRequest): ListPage {
  try {
    return context.store.list(prefix, {
      ...(after === undefined ? {} : { after }), ...(revision === undefined ? {} : { revision }), ...(Number.isFinite(limit) ? { limit } : {}),
    });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "compacted") throw error;
    if (request.continue === undefined || request.continue === "") throw listExpired(error);
    throw continueExpired({ after: after ?? "", prefix });
  }
}
