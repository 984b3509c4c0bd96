import type { Kind } from "../model/kind.ts";
import { apiVersionOf } from "../model/kind.ts";
import { applyConfiguration } from "../model/managed-fields/apply.ts";
import { readManagedFields } from "../model/managed-fields/managers.ts";
import type { ObjectRef } from "../model/object.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { printTime } from "../world/clock.ts";
import type { Patch } from "./client.ts";
import type { Draft } from "./commit.ts";
import type { ApiContext } from "./context.ts";
import { demandAccess } from "./context.ts";
import { applyConflict, badRequest, invalidOptions, notFound } from "./errors.ts";
import { managerOf } from "./field-owners.ts";
import { objectKey } from "./keys.ts";
import { patchOfScale } from "./scale.ts";
import { jsonOf, metadataOf, textOf, withMetadata } from "./shape.ts";
import type { Staging } from "./staging.ts";
import { findUntyped, printTypeErrors } from "./typed-manifest.ts";
import { viewOf } from "./subresources.ts";
import type { Caller, WriteRequest } from "./verbs.ts";
import { draftCreate, pickDraftOptions } from "./verbs/create.ts";
import { draftUpdate } from "./verbs/update.ts";

/** A server-side apply on its way. */
export interface ApplyTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly patch: Extract<Patch, { readonly type: "apply" }>;
  readonly caller: Caller;
  readonly request: WriteRequest;
}

/** Prepares an apply: merges the manifest into what is there, or creates it. Throws Conflict naming the fields that others own. */
export function draftApply(context: ApiContext, staging: Staging, target: ApplyTarget): Draft {
  const { kind, ref, patch, caller, request } = target;
  const { subresource, fieldManager } = request;
  if (fieldManager === undefined) throw invalidOptions("PatchOptions", [{ type: "Required", path: "fieldManager", detail: "is required for apply patch" }]);
  const entry = staging.depend(objectKey(kind, ref));
  if (entry === undefined && subresource !== undefined) throw notFound(kind, ref.name);
  const live = entry === undefined ? {} : jsonOf(context.objects.inStaging(kind, entry, staging));
  const sent = checkManifest(kind, patch.body, subresource);
  const manifest = subresource === "scale" ? manifestOfScale(kind, ref, sent) : sent;
  const part = subresource === undefined ? {} : { subresource };
  const untyped = findUntyped(kind, manifest);
  if (untyped.length > 0) throw unfit(kind, ref, untyped);
  const result = applyConfiguration({
    kind, live, manifest, entries: readManagedFields(metadataOf(live)["managedFields"]), isForced: patch.isForced === true,
    manager: managerOf({ kind, caller, fieldManager, ...part }, "Apply"), time: printTime(staging.facts.nowMs),
  });
  if (result.kind === "conflict") throw applyConflict(result.conflicts);
  if (result.kind === "invalid") throw unfit(kind, ref, result.errors);
  const options = { ...pickDraftOptions(request), caller, owners: result.entries };
  if (entry === undefined) {
    demandAccess(context, caller, { verb: "create", kind, namespace: ref.namespace });
    return draftCreate(context, staging, { kind, namespace: ref.namespace, body: named(manifest, ref), ...options });
  }
  // Only a revision the manifest itself names is a demand.
  const resourceVersion = textOf(metadataOf(manifest), "resourceVersion");
  const object = withMetadata(result.object, { resourceVersion: resourceVersion === "" ? undefined : resourceVersion });
  const body = subresource === "scale" ? scaleOfManifest(kind, object, sent) : object;
  return draftUpdate(context, staging, { kind, ref, body, entry, ...options, ...part });
}

/** The manifest; one of another kind, or one that says who owns what, is refused. */
function checkManifest(kind: Kind, body: Json, subresource: WriteRequest["subresource"]): JsonObject {
  if (!isJsonObject(body)) throw badRequest("the manifest to apply is not an object");
  const [apiVersion, name] = subresource === "scale" ? ["autoscaling/v1", "Scale"] : [apiVersionOf(kind), kind.kind];
  if (textOf(body, "apiVersion") !== apiVersion) {
    throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${textOf(body, "apiVersion")}, expected: ${apiVersion}`);
  }
  if (textOf(body, "kind") !== name) throw badRequest(`invalid object type: expected ${name}, got: ${textOf(body, "kind")}`);
  const sent = metadataOf(body)["managedFields"];
  if (sent !== undefined && sent !== null) throw badRequest("metadata.managedFields must be nil");
  return body;
}

function named(manifest: JsonObject, ref: ObjectRef): JsonObject {
  const name = textOf(metadataOf(manifest), "name");
  if (name !== "" && name !== ref.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${ref.name})`);
  return withMetadata(manifest, { name: ref.name });
}

/** What a Scale says of the object it scales. */
function manifestOfScale(kind: Kind, ref: ObjectRef, scale: JsonObject): JsonObject {
  const wanted = isJsonObject(scale["spec"]) ? scale["spec"]["replicas"] : undefined;
  const { metadata: _condition, ...rest } = wanted === undefined ? { metadata: undefined } : patchOfScale(kind, ref.name, scale);
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...metadataOf(scale), name: ref.name }, ...rest };
}

/** The Scale of the object an apply leads to. */
function scaleOfManifest(kind: Kind, object: JsonObject, sent: JsonObject): JsonObject {
  const view = viewOf(kind, object, "scale");
  return withMetadata(view, { resourceVersion: metadataOf(sent)["resourceVersion"] });
}

function unfit(kind: Kind, ref: ObjectRef, errors: readonly string[]): Error {
  const place = ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`;
  return badRequest(`failed to create typed patch object (${place}; ${apiVersionOf(kind)}, Kind=${kind.kind}): ${printTypeErrors(errors)}`);
}
