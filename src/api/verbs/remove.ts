import type { Kind } from "../../model/kind.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import type { StoreEntry } from "../../store/store.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { printTime } from "../../world/clock.ts";
import { admissionRequestOf, admit, release, validateAdmitted } from "../admission.ts";
import type { RemoveOptions } from "../client.ts";
import { commitDraft, viewOfDraft } from "../commit.ts";
import type { Draft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { encodeObject } from "../encode.ts";
import { notFound, preconditionFailed } from "../errors.ts";
import { isGenerationCounted } from "../generation.ts";
import { objectKey } from "../keys.ts";
import { jsonOf, metadataOf, textOf, textsOf, withMembers, withMetadata } from "../shape.ts";
import type { Staging } from "../staging.ts";
import type { Caller, RemoveAnswer } from "../verbs.ts";
import { isGone } from "./update.ts";

/** Finalizers by which the garbage collector is asked for the two propagation policies that need it before the object goes. */
const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";

/** What is to be removed. */
export interface RemoveTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly options?: RemoveOptions;
}

/** Removes one object, or marks it as being deleted while finalizers or its grace period hold it. Throws NotFound. */
export async function remove(context: ApiContext, caller: Caller, target: RemoveTarget): Promise<RemoveAnswer> {
  const { kind, ref, options = {} } = target;
  demandAccess(context, caller, { verb: "delete", kind, ...ref });
  const { draft, stored } = await commitDraft(context, (staging) => {
    const entry = staging.depend(objectKey(kind, ref));
    if (entry === undefined) throw notFound(kind, ref.name);
    return draftRemove(context, staging, { kind, ref, options, caller, entry });
  }, options.dryRun === true);
  if (draft.outcome !== "removed") return { kind: "waiting", stored };
  return { kind: "removed", ref, uid: stored.object().metadata.uid ?? "" };
}

/** One removal on its way. */
export interface RemoveDraftTarget extends RemoveTarget {
  readonly caller: Caller;
  readonly entry: StoreEntry;
}

/** Prepares a removal: checks preconditions and admission, then removes the object or marks it and stages that. */
export function draftRemove(context: ApiContext, staging: Staging, target: RemoveDraftTarget): Draft {
  const { kind, ref, entry, caller, options = {} } = target;
  const object = context.objects.inStaging(kind, entry, staging);
  checkPreconditions(target, object);
  const request = admissionRequestOf(context, staging, { operation: "remove", kind, ref: refOf(object), caller, old: object });
  admit(context.admission, object, request);
  validateAdmitted(context.admission, object, request);
  const draft = { kind, ref, baseRevision: entry.revision, isConditional: options.preconditions?.resourceVersion !== undefined, isCreated: false, warnings: [] };
  const old = jsonOf(object);
  const asked = withDefaultPropagation(kind, old, options);
  if (asked !== options && kind.defaultPropagation?.warning !== undefined) request.notes.warn(kind.defaultPropagation.warning);
  const marked = markDeleted(kind, old, { options: asked, nowMs: staging.facts.nowMs });
  if (isGone(marked)) {
    staging.remove(entry.key);
    release(context.admission, object, { staging, reservations: context.reservations });
    return { ...draft, outcome: "removed", value: entry.value, ...viewOfDraft(kind, old) };
  }
  if (marked === old) return { ...draft, outcome: staging.isWritten(entry.key) ? "written" : "unchanged", value: entry.value, ...viewOfDraft(kind, old) };
  const value = encodeObject(kind, marked);
  staging.put(entry.key, value);
  return { ...draft, outcome: "written", value, ...viewOfDraft(kind, marked) };
}

function checkPreconditions({ kind, ref, options }: RemoveDraftTarget, object: ApiObject): void {
  const { uid, resourceVersion } = options?.preconditions ?? {};
  const own = object.metadata;
  if (uid !== undefined && uid !== own.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${own.uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(kind, ref.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== own.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${own.resourceVersion}). The object might have been modified`;
    throw preconditionFailed(kind, ref.name, why);
  }
}

/**
 * The object as a delete leaves it: with deletionTimestamp, grace period and the finalizers of the propagation policy. The same value when the delete
 * changes nothing, because the object is being deleted already.
 *
 * @see kubernetes apiserver pkg/registry/rest/delete.go BeforeDelete
 */
export function markDeleted(kind: Kind, object: JsonObject, { options, nowMs }: { readonly options: RemoveOptions; readonly nowMs: number }): JsonObject {
  const metadata = metadataOf(object);
  const graceSeconds = graceSecondsOf(kind, object, options);
  const finalizers = withCleanup(kind, metadata, withPropagation(textsOf(metadata, "finalizers"), options.propagation));
  const isSameFinalizers = finalizers.length === textsOf(metadata, "finalizers").length && finalizers.every((finalizer) => textsOf(metadata, "finalizers").includes(finalizer));
  const deletedAt = textOf(metadata, "deletionTimestamp");
  const oldGrace = metadata["deletionGracePeriodSeconds"];
  const oldGraceSeconds = typeof oldGrace === "number" ? oldGrace : 0;
  const isShortened = deletedAt !== "" && graceSeconds < oldGraceSeconds;
  if (deletedAt !== "" && !isShortened && isSameFinalizers) return object;
  const atMs = deletedAt === "" ? nowMs + graceSeconds * 1_000
    : isShortened ? Math.max(Date.parse(deletedAt) + (graceSeconds - oldGraceSeconds) * 1_000, 0) : Date.parse(deletedAt);
  const generation = metadata["generation"];
  const marked = withMetadata(object, {
    deletionTimestamp: printTime(atMs),
    deletionGracePeriodSeconds: deletedAt === "" || isShortened ? graceSeconds : oldGraceSeconds,
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    ...(deletedAt === "" && isGenerationCounted(kind) && typeof generation === "number" ? { generation: generation + 1 } : {}),
  });
  if (!(kind.group === "" && kind.kind === "Namespace")) return marked;
  return withMembers(marked, { status: { ...(isJsonObject(marked["status"]) ? marked["status"] : {}), phase: "Terminating" } });
}

/** Seconds a pod is given; 0 for one that no node runs, and for every other kind. */
function graceSecondsOf(kind: Kind, object: JsonObject, options: RemoveOptions): number {
  if (!(kind.group === "" && kind.kind === "Pod")) return 0;
  const spec = isJsonObject(object["spec"]) ? object["spec"] : {};
  const status = isJsonObject(object["status"]) ? object["status"] : {};
  const phase = textOf(status, "phase");
  if (textOf(spec, "nodeName") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const own = spec["terminationGracePeriodSeconds"];
  const asked = options.gracePeriodSeconds ?? (typeof own === "number" ? own : podGraceSecondsDefault);
  // A negative grace period is an old mistake that upstream reads as one second.
  return asked < 0 ? 1 : asked;
}

/** spec.terminationGracePeriodSeconds of a pod that says nothing. */
const podGraceSecondsDefault = 30;

/** The first deletion adds the finalizer of whoever cleans up. */
function withCleanup({ removalFinalizer }: Kind, metadata: JsonObject, finalizers: readonly string[]): readonly string[] {
  if (removalFinalizer === undefined || metadata["deletionTimestamp"] !== undefined || finalizers.includes(removalFinalizer)) return finalizers;
  return [...finalizers, removalFinalizer];
}

/** A deletion that says nothing of dependents, of a kind with a default of its own: that, unless an earlier one said something. The same value otherwise. */
function withDefaultPropagation({ defaultPropagation }: Kind, object: JsonObject, options: RemoveOptions): RemoveOptions {
  const isDecided = textsOf(metadataOf(object), "finalizers").some((finalizer) => finalizer === orphanFinalizer || finalizer === foregroundFinalizer);
  return defaultPropagation === undefined || options.propagation !== undefined || isDecided ? options : { ...options, propagation: defaultPropagation.policy };
}

/** The finalizers a propagation policy leaves; none asked for changes nothing. */
function withPropagation(finalizers: readonly string[], propagation: RemoveOptions["propagation"]): readonly string[] {
  if (propagation === undefined) return finalizers;
  const others = finalizers.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  switch (propagation) {
    case "Background": return others;
    case "Orphan": return [...others, orphanFinalizer];
    case "Foreground": return [...others, foregroundFinalizer];
  }
}
