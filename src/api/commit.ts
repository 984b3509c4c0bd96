import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { JsonObject } from "../value/json.ts";
import type { CommitResult, Transaction } from "../store/store.ts";
import type { ApiContext } from "./context.ts";
import { readingOf } from "./encode.ts";
import { internalError, modified } from "./errors.ts";
import { objectKey } from "./keys.ts";
import { isOpenedFirst, openedObject } from "./opened.ts";
import { Unanswered } from "./questions.ts";
import { beginRequest } from "./request-facts.ts";
import { Staging } from "./staging.ts";
import { parsedObjectBytesMax } from "./stored.ts";
import type { StoredObject } from "./verbs.ts";

/** How one write came out: what lies in the store once it is committed, or what went. */
export interface Draft {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  /** `removed`: the value is the last state. `unchanged`: nothing is to be written. */
  readonly outcome: "written" | "removed" | "unchanged";
  readonly value: Uint8Array;
  /** The object in the version it was asked for, where only a webhook could make it of the value. */
  readonly view?: JsonObject;
  /** The object at a revision, as reading the value gives it, where it is known without. */
  readonly objectAt?: (revision: number) => ApiObject;
  /** The revision the object has now; 0 for a new one. */
  readonly baseRevision: number;
  /** True when the client named the revision it changes: a conflict is then the client's to solve. */
  readonly isConditional: boolean;
  readonly isCreated: boolean;
  readonly warnings: readonly string[];
}

/** A write as it was committed. */
export interface Committed<T> {
  readonly prepared: T;
  /** The revision of the transaction; the store's newest when nothing was to be written or it was a dry run. */
  readonly revision: number;
  readonly isWritten: boolean;
}

/** How often a write is prepared anew because somebody else was faster: more writers than this on one object at once are refused with Conflict. */
export const commitTriesMax = 100;

/**
 * Prepares and commits until nobody was faster. `prepare` must not await. `onConflict` throws to give up: because of this key, or because it was the
 * last try.
 */
export async function commitPrepared<T>(context: ApiContext, prepare: (staging: Staging) => T, options: {
  readonly dryRun: boolean;
  readonly fence?: Transaction["fence"];
  /** Called before anybody is told of the change. */
  readonly onCommitted?: (prepared: T, revision: number) => void;
  readonly onConflict: (prepared: T, conflict: { readonly key: string; readonly isLast: boolean }) => void;
  readonly onFenced?: (result: Extract<CommitResult, { readonly kind: "fenced" }>) => never;
}): Promise<Committed<T>> {
  const facts = beginRequest(context.world, options.dryRun);
  let leave: (() => void) | undefined;
  try {
    for (let tries = 1; ; tries++) {
      facts.chance.rewind();
      const staging = new Staging(context.store, facts);
      const prepared = prepareOrAsk(context, staging, prepare);
      if (prepared instanceof Unanswered) {
        if (tries >= commitTriesMax) throw internalError(`the webhooks of the request were asked ${tries} times without an end`);
        // Nobody waits in a line for a webhook that is slow.
        leave?.();
        leave = undefined;
        await facts.replies.fetch(prepared.questions, context.outside);
        continue;
      }
      const isWritten = staging.isChanging;
      if (options.dryRun || (!isWritten && options.fence === undefined)) return { prepared, revision: context.store.revision, isWritten: false };
      const busy = leave === undefined ? context.lines.findBusy(staging.conditionKeys) : undefined;
      if (busy !== undefined) { leave = await context.lines.enter(busy); continue; }
      const result = await context.store.commit(staging.transaction(options.fence));
      if (result.kind === "committed") {
        options.onCommitted?.(prepared, result.revision);
        context.authorizer.take(staging.writtenKeys);
        context.definitions.take(staging.writtenKeys);
        return { prepared, revision: result.revision, isWritten };
      }
      if (result.kind === "fenced") {
        options.onFenced?.(result);
        throw new Error(`a transaction without a fence was fenced as ${result.name}`);
      }
      options.onConflict(prepared, { key: result.key, isLast: tries >= commitTriesMax });
      leave ??= await context.lines.enter(result.key);
    }
  } finally {
    leave?.();
  }
}

/** What was prepared, or what must be answered before it can be. */
function prepareOrAsk<T>({ conversions }: ApiContext, staging: Staging, prepare: (staging: Staging) => T): T | Unanswered {
  try {
    return conversions.during(staging.facts.replies, () => prepare(staging));
  } catch (error) {
    if (error instanceof Unanswered) return error;
    throw error;
  }
}

/** Commits one draft, tried anew after conflicts unless the client named a revision. */
export function commitDraft(context: ApiContext, prepare: (staging: Staging) => Draft, dryRun: boolean): Promise<{ readonly draft: Draft; readonly stored: StoredObject }> {
  return commitPrepared(context, prepare, {
    dryRun,
    onCommitted({ kind, ref, value, objectAt }, revision) {
      if (objectAt !== undefined && value.length <= parsedObjectBytesMax) context.objects.keep(objectKey(kind, ref), { revision, object: objectAt(revision), sizeBytes: value.length });
    },
    onConflict(draft, { key, isLast }) {
      const isOwn = key === objectKey(draft.kind, draft.ref);
      if ((isOwn && draft.isConditional) || isLast) throw modified(draft.kind, draft.ref.name);
    },
  }).then(({ prepared, revision, isWritten }) => ({ draft: prepared, stored: storedOf(context, prepared, { revision, isWritten }) }));
}

/** What a draft remembers of the object it encodes: nothing, where the value says it all. */
export function viewOfDraft(kind: Kind, json: JsonObject): Pick<Draft, "view"> {
  return isOpenedFirst(kind) ? { view: json } : {};
}

/** How an object that is written is read, once its revision is known: whoever is told of it need not. */
export function readOfDraft(kind: Kind, json: JsonObject): Pick<Draft, "objectAt"> {
  const objectAt = readingOf(kind, json);
  return objectAt === undefined ? {} : { objectAt };
}

/** The stored object a draft has become. */
export function storedOf(context: ApiContext, draft: Draft, committed: { readonly revision: number; readonly isWritten: boolean }): StoredObject {
  const revision = committed.isWritten && draft.outcome !== "unchanged" ? committed.revision : draft.baseRevision;
  const entry = { key: objectKey(draft.kind, draft.ref), value: draft.value, revision };
  // A dry run answers what would be: it must not be taken for what lies at that revision.
  const isRemembered = committed.isWritten || draft.outcome === "unchanged";
  return draft.view === undefined ? context.objects.make(draft.kind, draft.ref, entry, { isRemembered }) : openedObject(draft.kind, draft.view, { ref: draft.ref, revision });
}
