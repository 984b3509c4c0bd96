import { ApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import { isJsonObject } from "../../value/json.ts";
import { applyJsonPatch } from "../../value/json-patch.ts";
import { applyMergePatch } from "../../value/merge-patch.ts";
import { accessDenied, patchFailed } from "../errors.ts";
import { jsonOf } from "../shape.ts";
import { documentAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { chooseDocumentEncoding, patchTypeOf } from "./media-type.ts";
import { readPatch, readWrite } from "./read-write.ts";
import { patchOfScale, scaleOf } from "./scale.ts";
import { systemCaller } from "./system-caller.ts";

/** One object's scale subresource. */
interface ScaleTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly verb: string;
}

/** Answers get, update and patch of `…/scale`; it speaks `autoscaling/v1` Scale whatever the kind. */
export async function answerScale(edge: Edge, request: EdgeRequest, target: ScaleTarget): Promise<Answer> {
  const { kind, ref, verb } = target;
  const encoding = chooseDocumentEncoding(request.accept);
  demandScale(edge, request, target);
  const paths = kind.scale;
  if (paths === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
  const inner = systemCaller(request.caller);
  const current = await edge.verbs.get(inner, kind, ref);
  if (verb === "get") return documentAnswer(scaleOf(paths, jsonOf(current.object())), encoding);

  const { wanted, write, warnings } = request.method === "PATCH" ? await patchedScale(request, scaleOf(paths, jsonOf(current.object()))) : await givenScale(request);
  if (!isJsonObject(wanted)) throw new ApiError("BadRequest", "the body of the request is not an object");
  const patch = { type: "merge" as const, body: patchOfScale(kind, ref.name, wanted) };
  const written = await edge.verbs.patch(inner, kind, ref, patch, write);
  return documentAnswer(scaleOf(paths, jsonOf(written.stored.object())), encoding, { warnings: [...warnings, ...written.warnings] });
}

async function givenScale(request: EdgeRequest) {
  const { body, write, warnings } = await readWrite(request);
  return { wanted: body, write, warnings };
}

/** A patch of the Scale; a strategic one is the same as a merge patch here, since a Scale has no lists. */
async function patchedScale(request: EdgeRequest, current: ReturnType<typeof scaleOf>) {
  const type = patchTypeOf(request.contentType);
  const { body, write, warnings } = await readPatch(request);
  // The revision is a condition only when the patch names it.
  const { resourceVersion: _revision, ...metadata } = isJsonObject(current["metadata"]) ? current["metadata"] : {};
  const base = { ...current, metadata };
  try {
    return { wanted: type === "json" ? applyJsonPatch(base, body.value) : applyMergePatch(base, body.value), write, warnings };
  } catch (error) {
    throw patchFailed(error);
  }
}

/** The right to a scale is its own, `deployments/scale`: it needs no right to the whole object. */
function demandScale(edge: Edge, request: EdgeRequest, { kind, ref, verb }: ScaleTarget): void {
  const attributes = { verb, group: kind.group, resource: kind.plural, subresource: "scale", namespace: ref.namespace, name: ref.name };
  if (!edge.authorizer.isAllowed(request.caller.user, attributes)) throw accessDenied(request.caller.user.name, attributes);
}
