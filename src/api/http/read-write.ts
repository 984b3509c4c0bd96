import { ApiError } from "../../model/api-error.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Patch } from "../client.ts";
import type { WriteRequest } from "../verbs.ts";
import type { EdgeRequest } from "./answer.ts";
import { bodyEncoding, patchTypeOf } from "./media-type.ts";
import { parseBody, parseObjectBody } from "./request-body.ts";
import type { KnownBodies } from "./request-body.ts";
import { parseForce, parseWriteRequest } from "./request-options.ts";

/** The body and options of a create or update. */
export async function readWrite(request: EdgeRequest, known?: KnownBodies): Promise<{ readonly body: JsonObject; readonly write: WriteRequest }> {
  const write = parseWriteRequest(request.query, request.method);
  const { value, ...found } = await parseObjectBody(request.body, bodyEncoding(request.contentType), known);
  return { body: value, write: { ...write, ...found } };
}

/** The body and options of a patch. Throws Invalid for options that do not go with its type. */
export async function readPatch(request: EdgeRequest): Promise<{ readonly patch: Patch; readonly write: WriteRequest; readonly warnings: readonly string[] }> {
  const type = patchTypeOf(request.contentType);
  const write = parseWriteRequest(request.query, request.method);
  const isForced = parseForce(request.query, type, write.fieldManager);
  const body = await parseBody(request.body, type === "apply" && !isJsonText(request.body) ? "yaml" : "json");
  if (type !== "apply") return { patch: { type, body: body.value }, write: { ...write, problems: body.problems }, warnings: [] };
  if (body.problems.length > 0 && write.fieldValidation === "Strict") throw new ApiError("BadRequest", `error strict decoding YAML: ${body.problems.join(", ")}`);
  return { patch: { type, body: body.value, isForced }, write, warnings: write.fieldValidation === "Warn" ? body.problems : [] };
}

const openingBrace = 0x7b;

/** Manifests are YAML, which JSON is a part of; clients send JSON, which is read much faster. */
function isJsonText(body: Uint8Array): boolean {
  return body[0] === openingBrace;
}

/** The DeleteOptions sent, if any. */
export async function readDeleteBody(request: EdgeRequest): Promise<JsonObject | undefined> {
  if (request.body.length === 0) return undefined;
  return (await parseObjectBody(request.body, bodyEncoding(request.contentType))).value;
}
