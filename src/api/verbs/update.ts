import { applyDefaults } from "../../model/defaults.ts";
import type { FieldError } from "../../model/field-error.ts";
import type { Kind } from "../../model/kind.ts";
import { isSameOwnership, readManagedFields } from "../../model/managed-fields/managers.ts";
import type { ManagedEntry } from "../../model/managed-fields/managers.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { PartName } from "../../model/subresource.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { isEqual } from "../../value/equal.ts";
import type { JsonObject } from "../../value/json.ts";
import type { StoreEntry } from "../../store/store.ts";
import { admissionRequestOf, admit, release, validateAdmitted } from "../admission.ts";
import { commitDraft, readOfDraft, viewOfDraft } from "../commit.ts";
import type { Draft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { encodeObject } from "../encode.ts";
import { badRequest, conflict, modified, notFound } from "../errors.ts";
import { ownersOfUpdated, withOwners } from "../field-owners.ts";
import { isNewGeneration } from "../generation.ts";
import { objectKey } from "../keys.ts";
import { completeObject, decodeBody, demandValid } from "../rules.ts";
import { jsonOf, metadataOf, objectOf, textOf, textsOf, withMetadata } from "../shape.ts";
import type { Staging } from "../staging.ts";
import { applySubresource } from "../subresources.ts";
import type { Caller, WriteAnswer, WriteRequest } from "../verbs.ts";
import { checkBody, draftCreate, pickDraftOptions } from "./create.ts";
import type { DraftOptions } from "./create.ts";

/** What is to be changed, and to what. */
export interface UpdateTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly body: JsonObject;
}

/** Replaces one object, or one part of it when a subresource is named. */
export async function update(context: ApiContext, caller: Caller, target: UpdateTarget, request: WriteRequest = {}): Promise<WriteAnswer> {
  const { kind, ref } = target;
  const { subresource } = request;
  demandAccess(context, caller, { verb: "update", kind, ...(subresource === undefined ? {} : { subresource }), ...ref });
  const { draft, stored } = await commitDraft(context, (staging) => {
    const entry = staging.depend(objectKey(kind, ref));
    const options = { caller, ...(subresource === undefined ? {} : { subresource }), ...pickDraftOptions(request) };
    // A scale that does not say so is of whatever revision the object has.
    if (entry !== undefined && kind.needsRevision === true && subresource !== "scale") demandRevision(target);
    if (entry !== undefined) return draftUpdate(context, staging, { ...target, entry, ...options });
    if (subresource !== undefined || kind.isCreatedByUpdate !== true) throw notFound(kind, ref.name);
    demandAccess(context, caller, { verb: "create", kind, namespace: ref.namespace });
    checkName(target);
    return draftCreate(context, staging, { kind, namespace: ref.namespace, body: withMetadata(target.body, { resourceVersion: undefined }), ...options });
  }, request.dryRun === true);
  return { stored, isCreated: draft.isCreated, warnings: draft.warnings };
}

/** One update on its way. */
export interface UpdateDraftTarget extends UpdateTarget, DraftOptions {
  readonly caller: Caller;
  readonly entry: StoreEntry;
  readonly subresource?: PartName;
  /** True where the body is what a patch made. */
  readonly isPatched?: boolean;
  /** Who owns what, where the write is an apply that has decided so. */
  readonly owners?: readonly ManagedEntry[];
}

/**
 * Prepares an update: keeps what the client may not change, completes, admits and checks the object and stages it. A change that changes nothing is
 * not written; one that takes the last finalizer from an object that is being deleted removes it.
 */
export function draftUpdate(context: ApiContext, staging: Staging, target: UpdateDraftTarget): Draft {
  const { kind, ref, entry, caller, subresource } = target;
  const oldObject = context.objects.inStaging(kind, entry, staging);
  const old = jsonOf(oldObject);
  checkName(target);
  const { body, warnings } = subresource === "scale" ? { body: target.body, warnings: [] }
    : decodeBody(kind, checkBody(kind, { namespace: ref.namespace, body: target.body }), target);
  const isConditional = checkPreconditions(target, old);
  const merged = keepSystemFields(old, applySubresource({ kind, old, body, hasSeen: isConditional || target.isPatched === true || target.owners !== undefined, ...(subresource === undefined ? {} : { subresource }) }));
  const completed = completeObject(kind, merged, old);
  const known = readManagedFields(metadataOf(old)["managedFields"]);
  const owners = target.owners ?? ownersOfUpdated(completed, { ...target, old, known, sent: metadataOf(body)["managedFields"], nowMs: staging.facts.nowMs });
  const request = admissionRequestOf(context, staging, { operation: "update", kind, ref, caller, old: oldObject, subresource });
  const admitted = jsonOf(admit(context.admission, objectOf(withOwners(completed, owners)), request));
  // What an older daemon did not fill in yet is no change of the client's; where nothing else differs, that need not be known.
  const isOther = isNewGeneration(kind, admitted, old);
  const before = isOther ? jsonOf(applyDefaults(kind, oldObject)) : old;
  demandValid(kind, admitted, { old: before, also: findMetadataErrors(admitted, old), notes: request.notes, ...(subresource === undefined ? {} : { subresource }) });
  validateAdmitted(context.admission, objectOf(admitted), request);
  if (subresource === undefined && caller.notes !== undefined) for (const warning of kind.warn?.(objectOf(admitted), objectOf(before)) ?? []) request.notes.warn(warning);
  const counted = isOther && isNewGeneration(kind, admitted, before) ? withMetadata(admitted, { generation: generationOf(old) + 1 }) : admitted;
  const draft = { kind, ref, baseRevision: entry.revision, isConditional, isCreated: false, warnings };
  if (isGone(counted)) {
    staging.remove(entry.key);
    release(context.admission, oldObject, { staging, reservations: context.reservations });
    return { ...draft, outcome: "removed", value: encodeObject(kind, counted), ...viewOfDraft(kind, counted) };
  }
  // Another time of the same owners is no change.
  const unowned = { resourceVersion: undefined, managedFields: undefined };
  if ((owners === known || isSameOwnership(owners, known)) && isEqual(withMetadata(counted, unowned), withMetadata(old, unowned))) {
    return { ...draft, outcome: staging.isWritten(entry.key) ? "written" : "unchanged", value: entry.value, ...viewOfDraft(kind, old) };
  }
  const value = encodeObject(kind, counted);
  staging.put(entry.key, value);
  return { ...draft, outcome: "written", value, ...viewOfDraft(kind, counted), ...readOfDraft(kind, counted) };
}

/** Who replaces an object says which revision of it. Throws Invalid. @see kubernetes apiserver pkg/registry/generic/registry/store.go Update */
function demandRevision(target: UpdateTarget): void {
  checkName(target);
  const { kind, ref, body } = target;
  const revision = textOf(metadataOf(body), "resourceVersion");
  if (revision !== "" && revision !== "0") return;
  throw invalidError({ group: kind.group, kind: kind.plural }, ref.name, [{ type: "Invalid", path: "metadata.resourceVersion", value: 0, detail: "must be specified for an update" }]);
}

/** The body speaks of the object in the path. @see kubernetes apiserver pkg/endpoints/handlers/rest.go checkName */
function checkName({ kind, ref, body }: UpdateTarget): void {
  const metadata = metadataOf(body);
  const name = textOf(metadata, "name");
  if (name === "") throw badRequest(`the name of the object (${ref.name} based on URL) was undeterminable: name must be provided`);
  if (name !== ref.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${ref.name})`);
  const namespace = textOf(metadata, "namespace");
  if (kind.namespaced && namespace !== "" && namespace !== ref.namespace) throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${ref.namespace})`);
}

/** Answers whether the client named the revision it changes; throws Conflict when that, or the uid it names, is not the object's. */
function checkPreconditions({ kind, ref, body, entry }: UpdateDraftTarget, old: JsonObject): boolean {
  const metadata = metadataOf(body);
  const uid = textOf(metadata, "uid");
  const oldUid = textOf(metadataOf(old), "uid");
  if (uid !== "" && uid !== oldUid) throw conflict(kind, ref.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${oldUid}`);
  const revision = textOf(metadata, "resourceVersion");
  if (revision === "" || revision === "0") return false;
  if (!/^[0-9]+$/.test(revision)) {
    throw invalidError(kind, ref.name, [{ type: "Invalid", path: "metadata.resourceVersion", value: revision, detail: "must be an unsigned integer" }]);
  }
  if (revision !== String(entry.revision)) throw modified(kind, ref.name);
  return true;
}

/** What the server alone writes stays as it is; a client may leave it out. */
function keepSystemFields(old: JsonObject, object: JsonObject): JsonObject {
  const before = metadataOf(old);
  const after = metadataOf(object);
  return withMetadata(object, {
    name: before["name"], namespace: before["namespace"], uid: before["uid"], generation: before["generation"], generateName: before["generateName"],
    creationTimestamp: after["creationTimestamp"] ?? before["creationTimestamp"],
    deletionTimestamp: after["deletionTimestamp"] ?? before["deletionTimestamp"],
    deletionGracePeriodSeconds: after["deletionGracePeriodSeconds"] ?? before["deletionGracePeriodSeconds"],
    resourceVersion: undefined, selfLink: undefined, managedFields: undefined,
  });
}

/** @see kubernetes apimachinery pkg/api/validation/objectmeta.go ValidateObjectMetaAccessorUpdate */
function findMetadataErrors(object: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = metadataOf(old);
  const after = metadataOf(object);
  // Clients cannot send other names than their path's; webhooks can.
  const errors: FieldError[] = ["name", "namespace", "deletionTimestamp", "deletionGracePeriodSeconds"]
    .filter((field) => !isEqual(before[field], after[field]))
    .map((field) => ({ type: "Invalid", path: `metadata.${field}`, value: after[field], detail: "field is immutable" }));
  if (before["deletionTimestamp"] !== undefined) {
    const known = textsOf(before, "finalizers");
    const added = textsOf(after, "finalizers").filter((finalizer) => !known.includes(finalizer));
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
      errors.push({ type: "Forbidden", path: "metadata.finalizers", detail: `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}` });
    }
  }
  return errors;
}

function generationOf(object: JsonObject): number {
  const generation = metadataOf(object)["generation"];
  return typeof generation === "number" ? generation : 0;
}

/** True for an object whose deletion nothing holds up any more: no finalizer, no grace period, and no content where it is a namespace. */
export function isGone(object: JsonObject): boolean {
  const metadata = metadataOf(object);
  if (metadata["deletionTimestamp"] === undefined || textsOf(metadata, "finalizers").length > 0) return false;
  const grace = metadata["deletionGracePeriodSeconds"];
  if (typeof grace === "number" && grace > 0) return false;
  const spec = object["spec"];
  return !(object["kind"] === "Namespace" && typeof spec === "object" && spec !== null && "finalizers" in spec && Array.isArray(spec.finalizers) && spec.finalizers.length > 0);
}
