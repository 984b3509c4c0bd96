import { ApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import { StoreError } from "../../store/store.ts";
import type { StoreEvent } from "../../store/store.ts";
import type { WatchOptions } from "../client.ts";
import { ChangeReader } from "../change-reader.ts";
import type { ChangeBatch } from "../change-reader.ts";
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
import { translateStoreError } from "../store-errors.ts";
import type { Caller, StoredEvent, StoredObject } from "../verbs.ts";
import { readList } from "./list.ts";

/** What a watch asks for. */
export interface WatchRequest extends Omit<WatchOptions, "resourceVersion"> {
  readonly resourceVersion?: string;
  readonly bookmarks?: boolean;
  /** True: what is there comes first, and with `bookmarks` one that says where it ends; the revision is then the least it may show. False: it never does. */
  readonly sendInitialEvents?: boolean;
}

/**
 * The changes of the objects a request selects, in batches. Access and selectors are checked when the iteration begins. An object that leaves the
 * selection is DELETED, one that enters it ADDED. Ends by throwing Expired when the revision is gone, by returning on abort. Throws `ApiError`.
 */
export function watch(context: ApiContext, caller: Caller, target: WatchTarget, signal: AbortSignal): AsyncIterable<readonly StoredEvent[]> {
  return { [Symbol.asyncIterator]: () => new ObjectWatch({ context, caller, ...target, signal }) };
}

/** What is watched. */
interface WatchTarget {
  readonly kind: Kind;
  readonly request: WatchRequest;
}

interface WatchStart extends WatchTarget {
  readonly context: ApiContext;
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** What a watch goes by once it has begun. */
interface Course {
  readonly selection: Selection;
  readonly prefix: string;
  /** What is told before any change. */
  readonly initial: (readonly StoredEvent[])[];
  /** Changes behind this revision are told. */
  after: number;
  /** Nothing at a lower revision is told: a watch may begin at one that has not come. */
  readonly notBefore: number;
  changes: ChangeReader | undefined;
}

type Told = IteratorResult<readonly StoredEvent[], undefined>;

const end: Told = { done: true, value: undefined };

/** One watch, from its first object to its end: as little as can be for each change, since a thousand watches do it for the same one. */
class ObjectWatch implements AsyncIterator<readonly StoredEvent[], undefined> {
  readonly #start: WatchStart;
  /** Undefined before it has begun. */
  #course: Course | undefined;
  #isEnded = false;

  constructor(start: WatchStart) {
    this.#start = start;
  }

  next(): Promise<Told> {
    if (this.#isEnded) return Promise.resolve(end);
    const course = this.#course;
    if (course === undefined) return this.#begin().then(() => this.next(), this.#fail);
    const value = course.initial.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#start.signal.aborted) return this.return();
    course.changes ??= new ChangeReader(this.#start.context, { prefix: course.prefix, after: course.after, bookmarks: this.#start.request.bookmarks === true }, this.#start.signal);
    return course.changes.next().then(this.#tell, this.#fail);
  }

  async return(): Promise<Told> {
    this.#isEnded = true;
    await this.#course?.changes?.close();
    return end;
  }

  async #begin(): Promise<void> {
    const { context, caller, kind, request } = this.#start;
    const selection = parseSelection(kind, request);
    const { name, exact } = selection;
    demandAccess(context, caller, { verb: "watch", kind, namespace: request.namespace ?? "", exact, ...(name === undefined ? {} : { name }) });
    const asked = parseRevision(request.resourceVersion ?? "");
    const namespace = kind.namespaced ? request.namespace ?? "" : "";
    const isOne = name !== undefined && (namespace !== "" || !kind.namespaced);
    const prefix = isOne ? objectKey(kind, { namespace, name }) : prefixOf(kind, namespace);
    const isFromStart = request.sendInitialEvents ?? asked === 0;
    if (isFromStart && asked > 0) await waitForRevision(context, asked);
    const { revision } = context.store;
    const { initial, after } = isFromStart ? await initialEvents(context, kind, request) : { initial: [], after: asked === 0 ? revision : Math.min(asked, revision) };
    this.#course = { selection, prefix, initial, after, notBefore: asked, changes: undefined };
  }

  readonly #tell = (batch: ChangeBatch | undefined): Told | Promise<Told> => {
    const { context, kind } = this.#start;
    const course = this.#course;
    if (batch === undefined || course === undefined) return this.return();
    try {
      course.after = batch.revision;
      if (batch.revision < course.notBefore) return this.next();
      if (!isOpenedFirst(kind)) return this.#select(batch, lazily(context, kind), course);
      return openEvents(context, kind, batch.events).then((objects) => this.#select(batch, objects, course)).catch(this.#fail);
    } catch (error) {
      return this.#fail(error);
    }
  };

  #select({ events, revision, isBookmark }: ChangeBatch, objects: EventObjects, { selection, notBefore }: Course): Told | Promise<Told> {
    const told: StoredEvent[] = [];
    for (const event of events) {
      if (event.revision <= notBefore) continue;
      const one = toStoredEvent(objects, selection, event);
      if (one !== undefined) told.push(one);
    }
    if (isBookmark) told.push({ type: "BOOKMARK", resourceVersion: String(revision) });
    return told.length === 0 ? this.next() : { done: false, value: told };
  }

  readonly #fail = async (error: unknown): Promise<Told> => {
    const { context, signal } = this.#start;
    const course = this.#course;
    if (signal.aborted) return this.return();
    await course?.changes?.close();
    if (course !== undefined && error instanceof StoreError && error.code === "slow") {
      // A reader that fell behind starts again from what it has seen, as long as the store still knows it.
      course.changes = undefined;
      return this.next();
    }
    this.#isEnded = true;
    if (course !== undefined && error instanceof StoreError && error.code === "compacted") throw watchExpired(course.after, context.store.compactedRevision);
    throw translateStoreError(error);
  };
}

/** What is there when a watch begins, and the revision it is there at. */
async function initialEvents(context: ApiContext, kind: Kind, request: WatchRequest): Promise<{ readonly initial: (readonly StoredEvent[])[]; readonly after: number }> {
  const { resourceVersion: _start, bookmarks = false, sendInitialEvents = false, ...rest } = request;
  const { items, resourceVersion } = await readList(context, kind, rest);
  const initial: (readonly StoredEvent[])[] = [];
  if (items.length > 0) initial.push(items.map((stored) => ({ type: "ADDED", stored })));
  if (bookmarks && sendInitialEvents) initial.push([{ type: "BOOKMARK", resourceVersion, isInitialEventsEnd: true }]);
  return { initial, after: Number(resourceVersion) };
}

/** `too old resource version: {asked} ({oldest})`. */
function watchExpired(asked: number, oldest: number): ApiError {
  return new ApiError("Expired", `too old resource version: ${asked} (${oldest})`);
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
