import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { applyStrategicMerge } from "../../model/strategic-merge.ts";
import { applyJsonPatch } from "../../value/json-patch.ts";
import { applyMergePatch } from "../../value/merge-patch.ts";
import { isValueError } from "../../value/value-error.ts";
import type { Patch } from "../client.ts";
import { commitDraft } from "../commit.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { badRequest, notFound, patchFailed, strategicUnsupported, tooLarge } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { jsonOf, metadataOf, textOf, withMetadata } from "../shape.ts";
import { draftApply } from "../apply-draft.ts";
import { viewOf } from "../subresources.ts";
import type { Caller, WriteAnswer, WriteRequest } from "../verbs.ts";
import { pickDraftOptions } from "./create.ts";
import { draftUpdate } from "./update.ts";

/** The schema's name of what a patch of `scale` is applied to. */
const scaleMessage = "autoscaling/v1.Scale";

/** What is to be patched, and how. */
export interface PatchTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly patch: Patch;
}

/** Patches one object, on its newest state, again and again until nobody was faster; a resourceVersion in the patch makes it conditional. */
export async function patch(context: ApiContext, caller: Caller, target: PatchTarget, request: WriteRequest = {}): Promise<WriteAnswer> {
  const { kind, ref } = target;
  const { subresource } = request;
  demandAccess(context, caller, { verb: "patch", kind, ...(subresource === undefined ? {} : { subresource }), ...ref });
  const { draft, stored } = await commitDraft(context, (staging) => {
    if (target.patch.type === "apply") return draftApply(context, staging, { kind, ref, patch: target.patch, caller, request });
    const entry = staging.depend(objectKey(kind, ref));
    if (entry === undefined) throw notFound(kind, ref.name);
    const current = viewOf(kind, jsonOf(context.objects.inStaging(kind, entry, staging)), subresource);
    const patched = applyPatch(kind, current, target.patch);
    // The revision the patch left alone is no demand of the client's.
    const isConditional = textOf(metadataOf(patched), "resourceVersion") !== String(entry.revision);
    const body = isConditional ? patched : withMetadata(patched, { resourceVersion: undefined });
    return draftUpdate(context, staging, { kind, ref, body, caller, entry, isPatched: true, ...(subresource === undefined ? {} : { subresource }), ...pickDraftOptions(request) });
  }, request.dryRun === true);
  return { stored, isCreated: draft.isCreated, warnings: draft.warnings };
}

/** A patch that is a function of the object alone. */
type ObjectPatch = Exclude<Patch, { readonly type: "apply" }>;

function applyPatch(kind: Kind, current: JsonObject, { type, body }: ObjectPatch): JsonObject {
  const patched = applyBody(kind, current, { type, body });
  if (!isJsonObject(patched)) throw badRequest("the patch does not leave an object");
  return patched;
}

function applyBody(kind: Kind, current: JsonObject, { type, body }: ObjectPatch): Json {
  try {
    switch (type) {
      case "merge": return applyMergePatch(current, body);
      case "json": return applyJsonPatch(current, body);
      case "strategic": {
        if (kind.schema !== undefined) throw strategicUnsupported();
        if (!isJsonObject(body)) throw badRequest("a strategic merge patch is an object");
        return applyStrategicMerge(textOf(current, "kind") === kind.kind ? kind.message : scaleMessage, current, body);
      }
    }
  } catch (error) {
    if (isValueError(error, "limit")) throw tooLarge(error.message);
    if (isValueError(error)) throw error.code === "syntax" ? badRequest(error.message) : patchFailed(error);
    throw error;
  }
}
