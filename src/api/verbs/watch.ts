import { ApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import { StoreError } from "../../store/store.ts";
import type { StoreEvent } from "../../store/store.ts";
import type { WatchOptions } from "../client.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { objectKey, prefixOf } from "../keys.ts";
import { parseRevision, waitForRevision } from "../list-revision.ts";
import { isOpenedFirst, openEntries, openedObject } from "../opened.ts";
import type { Opening } from "../opened.ts";
import { jsonOf } from "../shape.ts";
import { parseSelection } from "../selection.ts";
import type { Selection } from "../selection.ts";
import type { ToldEvent } from "../stored.ts";
import type { Caller, StoredEvent, StoredObject } from "../verbs.ts";
import { readList } from "./list.ts";

/** Time between two bookmarks, as upstream's defaultBookmarkFrequency. */
export const bookmarkIntervalMs = 60_000;

/** The store hands changes to its watches as it commits them; after this long without one, a watch has seen everything committed before. */
const bookmarkSettleMs = 100;

/** What a watch asks for. */
export interface WatchRequest extends Omit<WatchOptions, "resourceVersion"> {
  readonly resourceVersion?: string;
  readonly bookmarks?: boolean;
  /** True: what is there comes first, and with `bookmarks` one that says where it ends; the revision is then the least it may show. False: it never does. */
  readonly sendInitialEvents?: boolean;
}

/**
 * The changes of the objects a request selects, in batches. Access and selectors are checked when the iteration begins. An object that leaves the
 * selection is DELETED, one that enters it ADDED. Ends by throwing Expired when the revision is gone, by returning on abort.
 */
export async function* watch(context: ApiContext, caller: Caller, target: { readonly kind: Kind; readonly request: WatchRequest }, signal: AbortSignal): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  const { kind, request } = target;
  const selection = parseSelection(kind, request);
  const { name } = selection;
  demandAccess(context, caller, { verb: "watch", kind, namespace: request.namespace ?? "", ...(name === undefined ? {} : { name }) });
  let after = parseRevision(request.resourceVersion ?? "");
  if (after > context.store.revision) await waitForRevision(context, after);
  if (request.sendInitialEvents ?? after === 0) {
    const { resourceVersion: _start, bookmarks = false, sendInitialEvents = false, ...rest } = request;
    const initial = await readList(context, kind, rest);
    after = Number(initial.resourceVersion);
    if (initial.items.length > 0) yield initial.items.map((stored) => ({ type: "ADDED", stored }));
    if (bookmarks && sendInitialEvents) yield [{ type: "BOOKMARK", resourceVersion: initial.resourceVersion, isInitialEventsEnd: true }];
  } else if (after === 0) {
    after = context.store.revision;
  }
  const namespace = kind.namespaced ? request.namespace ?? "" : "";
  const isOne = name !== undefined && (namespace !== "" || !kind.namespaced);
  const prefix = isOne ? objectKey(kind, { namespace, name }) : prefixOf(kind, namespace);
  while (!signal.aborted) {
    try {
      for await (const batch of readChanges(context, { prefix, after, bookmarks: request.bookmarks === true }, signal)) {
        after = batch.revision;
        const objects = isOpenedFirst(kind) ? await openEvents(context, kind, batch.events) : lazily(context, kind);
        const events = batch.events.flatMap((event) => toStoredEvent(objects, selection, event) ?? []);
        if (batch.isBookmark) yield [...events, { type: "BOOKMARK", resourceVersion: String(after) }];
        else if (events.length > 0) yield events;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      // A reader that fell behind starts again from what it has seen, as long as the store still knows it.
      if (error instanceof StoreError && error.code === "slow") continue;
      if (error instanceof StoreError && error.code === "compacted") throw watchExpired(after, context.store.compactedRevision);
      throw error;
    }
  }
}

/** `too old resource version: {asked} ({oldest})`. */
function watchExpired(asked: number, oldest: number): ApiError {
  return new ApiError("Expired", `too old resource version: ${asked} (${oldest})`);
}

interface ChangeBatch {
  readonly events: readonly StoreEvent[];
  /** Everything up to here has been seen. */
  readonly revision: number;
  readonly isBookmark: boolean;
}

/** The store's changes, and between them bookmarks when nothing has happened for a while. */
async function* readChanges(context: ApiContext, range: { readonly prefix: string; readonly after: number; readonly bookmarks: boolean }, signal: AbortSignal): AsyncGenerator<ChangeBatch, void, undefined> {
  const changes = context.store.watch(range.prefix, range.after, signal)[Symbol.asyncIterator]();
  let revision = range.after;
  const timer = new BookmarkTimer(context, range.bookmarks);
  try {
    let next = changes.next();
    for (;;) {
      const due = timer.wait();
      const first = due === undefined ? await next : await Promise.race([next, due]);
      if (typeof first === "number") {
        revision = Math.max(revision, first);
        yield { events: [], revision, isBookmark: true };
        continue;
      }
      if (first.done === true) return;
      revision = first.value.reduce((newest, event) => Math.max(newest, event.revision), revision);
      yield { events: first.value, revision, isBookmark: false };
      timer.touch();
      next = changes.next();
    }
  } finally {
    timer.stop();
    await changes.return?.();
  }
}

/** Says when a bookmark is due, and up to which revision everything has been seen then. */
class BookmarkTimer {
  readonly #context: ApiContext;
  readonly #isOn: boolean;
  #due: Promise<number> | undefined;
  #cancel: () => void = () => {};

  constructor(context: ApiContext, isOn: boolean) {
    this.#context = context;
    this.#isOn = isOn;
  }

  /** Resolves with the revision when the next bookmark is due; undefined when none is wanted. */
  wait(): Promise<number> | undefined {
    if (!this.#isOn) return undefined;
    this.#due ??= this.#arm();
    return this.#due.then((revision) => { this.#due = undefined; return revision; });
  }

  /** A change came: the revision of a bookmark that is about to settle may be older than it. */
  touch(): void {
    this.stop();
    this.#due = undefined;
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): Promise<number> {
    const { clock } = this.#context.world;
    return new Promise((resolve) => {
      this.#cancel = clock.after(bookmarkIntervalMs, () => {
        const { revision } = this.#context.store;
        this.#cancel = clock.after(bookmarkSettleMs, () => { resolve(revision); });
      });
    });
  }
}

/** Makes StoredObjects of what a watch is told. */
interface EventObjects {
  of(entry: Opening): StoredObject;
  /** What is told of an event to who asks for all objects. */
  told(event: StoreEvent): ToldEvent;
  /** A value under a revision that is not its own. */
  past(entry: Opening, revision: number): StoredObject;
}

function lazily({ objects }: ApiContext, kind: Kind): EventObjects {
  return { of: (entry) => objects.of(kind, entry), told: (event) => objects.told(kind, event), past: (entry, revision) => objects.past(kind, entry, revision) };
}

/** The same where a webhook has to be asked first: once for the whole batch. */
async function openEvents(context: ApiContext, kind: Kind, events: readonly StoreEvent[]): Promise<EventObjects> {
  const entries = events.flatMap((event): readonly Opening[] => [...(event.kind === "remove" ? [] : [event]), ...(event.previous === undefined ? [] : [event.previous])]);
  const opened = await openEntries(context, kind, entries);
  const known = new Map(entries.map((entry, index) => [entry, opened[index]]));
  const of = (entry: Opening): StoredObject => known.get(entry) ?? context.objects.of(kind, entry);
  const past = (entry: Opening, revision: number): StoredObject => {
    const { namespace, name } = of(entry);
    return openedObject(kind, jsonOf(of(entry).object()), { ref: { namespace, name }, revision });
  };
  const told = (event: StoreEvent): ToldEvent => {
    if (event.kind === "remove") return { type: "DELETED", stored: past(event.previous, event.revision) };
    return { type: event.previous === undefined ? "ADDED" : "MODIFIED", stored: of(event) };
  };
  return { of, told, past };
}

function toStoredEvent(objects: EventObjects, selection: Selection, event: StoreEvent): StoredEvent | undefined {
  const told = objects.told(event);
  const matches = selection.matches(told.stored);
  const { previous } = event;
  if (event.kind === "remove" || previous === undefined) return matches ? told : undefined;
  if (selection.isAll) return told;
  const didMatch = selection.matches(objects.of(previous));
  if (matches) return didMatch ? told : { type: "ADDED", stored: told.stored };
  return didMatch ? { type: "DELETED", stored: objects.past(previous, event.revision) } : undefined;
}
