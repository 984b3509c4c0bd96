import { ApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import { refOf } from "../../model/object.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { ApiTransaction, ApiTransactionResult, TransactionWrite } from "../client.ts";
import { commitPrepared, commitTriesMax, storedOf } from "../commit.ts";
import type { Draft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { badRequest, modified, notFound } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { Unanswered } from "../questions.ts";
import type { Question } from "../questions.ts";
import { jsonOf } from "../shape.ts";
import type { Staging } from "../staging.ts";
import type { Caller } from "../verbs.ts";
import { draftCreate } from "./create.ts";
import { draftRemove } from "./remove.ts";
import { draftUpdate } from "./update.ts";

/** All writes at one revision, or none. A later write sees what the earlier ones are about to do. */
export async function transact(context: ApiContext, caller: Caller, transaction: ApiTransaction): Promise<ApiTransactionResult> {
  const writes = transaction.writes.map((write) => resolveWrite(context, write));
  for (const { write, kind, ref } of writes) {
    demandAccess(context, caller, { verb: write.verb === "remove" ? "delete" : write.verb, kind, namespace: ref.namespace, name: write.verb === "create" ? "" : ref.name });
  }
  const committed = await commitPrepared(context, (staging) => draftAll(writes, (write) => draftWrite(context, staging, { caller, ...write })), {
    dryRun: transaction.dryRun === true,
    ...(transaction.fence === undefined ? {} : { fence: transaction.fence }),
    onConflict(drafts, { key, isLast }) {
      const draft = drafts.find((candidate) => objectKey(candidate.kind, candidate.ref) === key);
      if (draft?.isConditional === true) throw modified(draft.kind, draft.ref.name);
      if (isLast) throw new ApiError("Conflict", `the transaction was overtaken ${commitTriesMax} times by writes of ${key}; please try again`);
    },
    onFenced({ name, generation }) {
      const asked = transaction.fence?.generation ?? 0;
      throw new ApiError("Conflict", `Operation cannot be fulfilled on plan "${name}": generation ${asked} is superseded by generation ${generation}`, { details: { name } });
    },
  });
  // What was written twice is answered as it lies in the end.
  const last = new Map(committed.prepared.map((draft) => [objectKey(draft.kind, draft.ref), draft]));
  return {
    resourceVersion: String(committed.revision),
    objects: committed.prepared.map((draft) => {
      const final = last.get(objectKey(draft.kind, draft.ref)) ?? draft;
      return final.outcome === "removed" ? undefined : storedOf(context, final, committed).object();
    }),
  };
}

/** Drafts every write in order. What some of them have to ask outside is asked together: the others are only tried, to learn their questions. */
function draftAll(writes: readonly ResolvedWrite[], draft: (write: ResolvedWrite) => Draft): readonly Draft[] {
  const questions: Question[] = [];
  const drafts: Draft[] = [];
  for (const write of writes) {
    try {
      drafts.push(draft(write));
    } catch (error) {
      // Once one is unanswered, a later refusal may only come from that one's absence.
      if (error instanceof Unanswered) questions.push(...error.questions);
      else if (questions.length === 0) throw error;
    }
  }
  if (questions.length > 0) throw new Unanswered(questions);
  return drafts;
}

interface ResolvedWrite {
  readonly write: TransactionWrite;
  readonly kind: Kind;
  readonly ref: ObjectRef;
}

function resolveWrite(context: ApiContext, write: TransactionWrite): ResolvedWrite {
  if (write.verb === "remove") return { write, kind: write.kind, ref: write.ref };
  const { apiVersion, kind: name } = write.object;
  const kind = context.kinds.find(apiVersion, name);
  if (kind === undefined) throw badRequest(`no kind "${name}" is registered for version "${apiVersion}"`);
  return { write, kind, ref: kind.namespaced ? refOf(write.object) : { namespace: "", name: write.object.metadata.name } };
}

function draftWrite(context: ApiContext, staging: Staging, { caller, write, kind, ref }: ResolvedWrite & { readonly caller: Caller }): Draft {
  if (write.verb === "create") return draftCreate(context, staging, { kind, namespace: ref.namespace, body: jsonOf(write.object), caller });
  const entry = staging.depend(objectKey(kind, ref));
  if (entry === undefined) throw notFound(kind, ref.name);
  if (write.verb === "remove") return draftRemove(context, staging, { kind, ref, caller, entry, ...(write.options === undefined ? {} : { options: write.options }) });
  return draftUpdate(context, staging, { kind, ref, body: jsonOf(write.object), caller, entry });
}
