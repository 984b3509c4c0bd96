import type { Kind } from "../../model/kind.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { ManagedEntry } from "../../model/managed-fields/managers.ts";
import type { ApiError } from "../../model/api-error.ts";
import type { ObjectRef } from "../../model/object.ts";
import { invalidError } from "../../model/print-field-error.ts";
import type { JsonObject } from "../../value/json.ts";
import { printTime } from "../../world/clock.ts";
import { randomSuffix } from "../../world/chance.ts";
import { admissionRequestOf, admit, validateAdmitted } from "../admission.ts";
import { commitDraft, readOfDraft, viewOfDraft } from "../commit.ts";
import type { Draft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { encodeObject } from "../encode.ts";
import { alreadyExists, badRequest, namesExhausted, verbUnsupported, wrongKind } from "../errors.ts";
import { isPlainName } from "../create-templates.ts";
import { managerOf, ownersOfCreated, withOwners } from "../field-owners.ts";
import { isGenerationCounted } from "../generation.ts";
import { objectKey } from "../keys.ts";
import { silentNotes } from "../notes.ts";
import { RecordedRequest } from "../recorded-admission.ts";
import { completeObject, decodeBody, demandValid } from "../rules.ts";
import { jsonOf, metadataOf, objectOf, textOf, withMembers, withMetadata } from "../shape.ts";
import type { Staging } from "../staging.ts";
import type { Caller, WriteAnswer, WriteRequest } from "../verbs.ts";

/** Names tried for one `generateName` before the client is told to try again, as upstream. */
const generatedNamesMax = 8;

/** Longest prefix a generated name keeps: 63 characters less the five of its ending. */
const generatedPrefixMax = 58;

/** Stands for the ending of a generated name before one is drawn. */
const exampleSuffix = "xxxxx";

/** Creates one object. Throws Forbidden at once. */
export function create(context: ApiContext, caller: Caller, target: CreateTarget, request: WriteRequest = {}): Promise<WriteAnswer> {
  demandAccess(context, caller, { verb: "create", kind: target.kind, namespace: target.namespace });
  const wanted = { ...target, caller, ...pickDraftOptions(request) };
  return commitDraft(context, (staging) => draftCreate(context, staging, wanted), request.dryRun === true)
    .then(({ draft, stored }) => ({ stored, isCreated: true, warnings: draft.warnings }));
}

/** The options of a write that its preparation needs. */
export type DraftOptions = Pick<WriteRequest, "fieldValidation" | "fieldManager" | "problems" | "members">;

/** Those of a write. */
export function pickDraftOptions({ fieldValidation, fieldManager, problems, members }: WriteRequest): DraftOptions {
  return { ...(problems === undefined ? {} : { problems }), ...(members === undefined ? {} : { members }), ...(fieldValidation === undefined ? {} : { fieldValidation }), ...(fieldManager === undefined ? {} : { fieldManager }) };
}

/** What is to be created, and where. */
export interface CreateTarget extends DraftOptions {
  readonly kind: Kind;
  readonly namespace: string;
  readonly body: JsonObject;
  /** Who owns what, where the write is an apply that has decided so. */
  readonly owners?: readonly ManagedEntry[];
}

/** Prepares a create: names, completes, admits and checks the object and stages it. Throws AlreadyExists, Invalid and what admission refuses. */
export function draftCreate(context: ApiContext, staging: Staging, target: CreateTarget & { readonly caller: Caller }): Draft {
  const { kind } = target;
  if (kind.isStored === false || (kind.verbs !== undefined && !kind.verbs.includes("create"))) throw verbUnsupported(kind, "create");
  // What a template went by is what lies in the store, not what a request is about to write.
  const isTemplated = kind.isMadeFromTemplates === true && target.owners === undefined && (target.problems ?? []).length === 0 && !staging.isWriting;
  return (isTemplated ? draftFromTemplate(context, staging, target) : undefined) ?? draftWhole(context, staging, target, { isTemplated });
}

/** The same for one more object of a template: only what differs is worked on. Undefined where there is no such template, or it no longer holds. */
function draftFromTemplate(context: ApiContext, staging: Staging, target: CreateTarget & { readonly caller: Caller }): Draft | undefined {
  const { kind, namespace, body, caller } = target;
  const found = context.templates.find({ kind, namespace, body, manager: managerOf(target, "Update").name });
  const metadata = metadataOf(body);
  const example = textOf(metadata, "name") || `${textOf(metadata, "generateName").slice(0, generatedPrefixMax)}${exampleSuffix}`;
  if (found === undefined || !isPlainName(kind, example)) return undefined;
  const { template, texts } = found;
  if (!template.isAdmitted(staging, { user: caller.user, kinds: context.kinds.all })) return undefined;
  const name = textOf(metadataOf(nameObject(staging, { kind, namespace, body })), "name");
  const ref = { namespace, name };
  const key = objectKey(kind, ref);
  if (staging.depend(key) !== undefined) throw alreadyExists(kind, name);
  const particulars = { name, uid: staging.facts.chance.uuid(), time: printTime(staging.facts.nowMs), texts };
  const notes = caller.notes ?? silentNotes;
  for (const warning of kind.warnOfName?.(name) ?? []) notes.warn(warning);
  template.note(notes);
  const value = template.encode(particulars);
  staging.put(key, value);
  return { kind, ref, outcome: "written", value, baseRevision: 0, isConditional: false, isCreated: true, warnings: [], objectAt: (revision) => template.object(particulars, revision) };
}

function draftWhole(context: ApiContext, staging: Staging, target: CreateTarget & { readonly caller: Caller }, { isTemplated }: { readonly isTemplated: boolean }): Draft {
  const { kind, caller } = target;
  const sent = checkBody(kind, target);
  const { body, warnings } = decodeBody(kind, sent, target);
  const named = nameObject(staging, { kind, namespace: target.namespace, body });
  const metadata = metadataOf(named);
  const ref = { namespace: kind.namespaced ? target.namespace : "", name: textOf(metadata, "name") };
  const key = objectKey(kind, ref);
  if (ref.name !== "" && staging.depend(key) !== undefined) throw alreadyExists(kind, ref.name);
  const stamped = withMetadata(named, {
    namespace: kind.namespaced ? target.namespace : undefined,
    uid: staging.facts.chance.uuid(),
    creationTimestamp: printTime(staging.facts.nowMs),
    generation: isGenerationCounted(kind) ? 1 : undefined,
    deletionTimestamp: undefined, deletionGracePeriodSeconds: undefined, resourceVersion: undefined, selfLink: undefined, managedFields: undefined,
  });
  const completed = completeObject(kind, kind.hasStatus && !keepsStatus(kind) ? withMembers(stamped, { status: undefined }) : stamped, undefined);
  // What admission adds belongs to nobody, as upstream.
  const owned = withOwners(completed, target.owners ?? ownersOfCreated(completed, { ...target, nowMs: staging.facts.nowMs }));
  const asked = admissionRequestOf(context, staging, { operation: "create", kind, ref, caller, old: undefined });
  // What had to be changed to be read is a case of its own.
  const templated = isTemplated && body === sent ? { kind, namespace: target.namespace, body: target.body, manager: managerOf(target, "Update").name } : undefined;
  const recorded = templated !== undefined && context.templates.isAwaited(templated) ? new RecordedRequest(asked) : undefined;
  const request = recorded ?? asked;
  const admitted = jsonOf(admit(context.admission, objectOf(owned), request));
  demandValid(kind, admitted);
  validateAdmitted(context.admission, objectOf(admitted), request);
  if (caller.notes !== undefined || recorded !== undefined) {
    // What is said of a name is no part of what a template has in common.
    for (const warning of kind.warnOfName?.(textOf(metadataOf(admitted), "name")) ?? []) asked.notes.warn(warning);
    for (const warning of kind.warn?.(objectOf(admitted), undefined) ?? []) request.notes.warn(warning);
  }
  const placed = placeAdmitted(staging, { kind, ref, key, admitted });
  const value = encodeObject(kind, admitted);
  const trace = recorded?.trace;
  if (templated !== undefined && trace !== undefined) context.templates.learn({ ...templated, admitted, value, trace });
  staging.put(placed.key, value);
  return { kind, ref: placed.ref, outcome: "written", value, baseRevision: 0, isConditional: false, isCreated: true, warnings, ...viewOfDraft(kind, admitted), ...readOfDraft(kind, admitted) };
}

/** Where an object is stored: a webhook may have given it another name, and not another namespace. */
function placeAdmitted(staging: Staging, { kind, ref, key, admitted }: { readonly kind: Kind; readonly ref: ObjectRef; readonly key: string; readonly admitted: JsonObject }): { readonly ref: ObjectRef; readonly key: string } {
  const metadata = metadataOf(admitted);
  const name = textOf(metadata, "name");
  if (textOf(metadata, "namespace") !== ref.namespace) throw namespaceMismatch();
  if (name === ref.name) return { ref, key };
  const placed = { namespace: ref.namespace, name };
  const placedKey = objectKey(kind, placed);
  if (staging.depend(placedKey) !== undefined) throw alreadyExists(kind, name);
  return { ref: placed, key: placedKey };
}

function namespaceMismatch(): ApiError {
  return badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** The body with the kind's names in it; what contradicts the path is refused. */
export function checkBody(kind: Kind, target: Pick<CreateTarget, "namespace" | "body">): JsonObject {
  const { namespace, body } = target;
  const apiVersion = textOf(body, "apiVersion") || apiVersionOf(kind);
  const kindName = textOf(body, "kind") || kind.kind;
  if (apiVersion !== apiVersionOf(kind) || kindName !== kind.kind) throw wrongKind(kind, apiVersion, kindName);
  const metadata = metadataOf(body);
  const own = textOf(metadata, "namespace");
  if (kind.namespaced && own !== "" && own !== namespace) throw namespaceMismatch();
  if (kind.namespaced && namespace === "") throw badRequest("an empty namespace may not be set during creation");
  return withMembers(body, { apiVersion, kind: kindName, metadata });
}

/** Gives an object with `generateName` a free name. */
function nameObject(staging: Staging, { kind, namespace, body }: CreateTarget): JsonObject {
  const metadata = metadataOf(body);
  if (textOf(metadata, "resourceVersion") !== "") throw badRequest("resourceVersion should not be set on objects to be created");
  if (textOf(metadata, "name") !== "") return body;
  const prefix = textOf(metadata, "generateName");
  if (prefix === "") {
    throw invalidError(kind, "", [{ type: "Required", path: "metadata.name", detail: "name or generateName is required" }]);
  }
  let name = "";
  for (let tries = 0; tries < generatedNamesMax; tries++) {
    name = `${prefix.slice(0, generatedPrefixMax)}${randomSuffix(staging.facts.chance)}`;
    if (staging.get(objectKey(kind, { namespace, name })) === undefined) return withMetadata(body, { name });
  }
  throw namesExhausted(kind, name);
}

/** A node registers itself with its status in one go, as upstream's kubelet does; everywhere else status is written apart. */
function keepsStatus(kind: Kind): boolean {
  return kind.group === "" && kind.kind === "Node";
}
