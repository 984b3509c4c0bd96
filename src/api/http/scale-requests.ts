import type { Kind, Scale } from "../../model/kind.ts";
import { ScaleKind } from "../../model/kinds/autoscaling.ts";
import type { ObjectRef } from "../../model/object.ts";
import { jsonOf, objectOf } from "../shape.ts";
import type { StoredObject, WriteAnswer } from "../verbs.ts";
import { bytesOf } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { chooseFormat } from "./media-type.ts";
import { objectAnswer } from "./object-answer.ts";
import { readPatch, readWrite } from "./read-write.ts";
import { parseGetRequest, parseIncludeObject } from "./request-options.ts";
import { scaleOf } from "../scale.ts";

/** One object's scale subresource; `paths` are the kind's. */
export interface ScaleTarget {
  readonly kind: Kind;
  readonly paths: Scale;
  readonly ref: ObjectRef;
}

/** Answers get, update and patch of `…/scale`: it speaks `autoscaling/v1` Scale whatever the kind. */
export async function answerScale(edge: Edge, request: EdgeRequest, target: ScaleTarget): Promise<Answer> {
  const { kind, paths, ref } = target;
  const format = chooseFormat(request.accept);
  const options = { kind: ScaleKind, format, includeObject: parseIncludeObject(request.query, format), nowMs: edge.world.clock.nowMs() };
  if (request.method === "GET" || request.method === "HEAD") {
    const stored = await edge.verbs.get(request.caller, kind, ref, { ...parseGetRequest(request.query), subresource: "scale" });
    return objectAnswer(storedScale(paths, stored), options);
  }
  const { written, warnings } = request.method === "PATCH" ? await patchScale(edge, request, target) : await updateScale(edge, request, target);
  return objectAnswer(storedScale(paths, written.stored), { ...options, warnings: [...warnings, ...written.warnings] });
}

/** The Scale of an object, as if it lay where that lies. */
function storedScale(paths: Scale, stored: StoredObject): StoredObject {
  const { namespace, name, revision } = stored;
  const scale = scaleOf(paths, jsonOf(stored.object()));
  return { namespace, name, revision, bytes: () => bytesOf(JSON.stringify(scale)), object: () => objectOf(scale) };
}

/** A scale as written, with what its body is to be warned of. */
interface WrittenScale {
  readonly written: WriteAnswer;
  readonly warnings: readonly string[];
}

async function updateScale(edge: Edge, request: EdgeRequest, { kind, ref }: ScaleTarget): Promise<WrittenScale> {
  const { body, write } = await readWrite(request);
  return { written: await edge.verbs.update(request.caller, kind, ref, body, { ...write, subresource: "scale" }), warnings: [] };
}

async function patchScale(edge: Edge, request: EdgeRequest, { kind, ref }: ScaleTarget): Promise<WrittenScale> {
  const { patch, write, warnings } = await readPatch(request);
  return { written: await edge.verbs.patch(request.caller, kind, ref, patch, { ...write, subresource: "scale" }), warnings };
}
