import { ApiError } from "../../model/api-error.ts";
import type { JsonObject } from "../../value/json.ts";
import type { WriteRequest } from "../verbs.ts";
import type { EdgeRequest } from "./answer.ts";
import { bodyEncoding } from "./media-type.ts";
import { parseBody, parseObjectBody } from "./request-body.ts";
import type { ParsedBody } from "./request-body.ts";
import { parseWriteRequest } from "./request-options.ts";

/** The body and options of a create or update; fields that stand twice are refused or warned of. */
export async function readWrite(request: EdgeRequest): Promise<{ readonly body: JsonObject; readonly write: WriteRequest; readonly warnings: readonly string[] }> {
  const write = parseWriteRequest(request.query);
  const body = await parseObjectBody(request.body, bodyEncoding(request.contentType));
  return { body: body.value, write, warnings: judgeDuplicates(body, write.fieldValidation) };
}

/** The body and options of a patch. */
export async function readPatch(request: EdgeRequest): Promise<{ readonly body: ParsedBody; readonly write: WriteRequest; readonly warnings: readonly string[] }> {
  const write = parseWriteRequest(request.query);
  const body = await parseBody(request.body, "json");
  return { body, write, warnings: judgeDuplicates(body, write.fieldValidation) };
}

function judgeDuplicates(body: ParsedBody, validation: "Strict" | "Warn" | "Ignore"): readonly string[] {
  if (body.duplicates.length === 0 || validation === "Ignore") return [];
  const texts = body.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`);
  if (validation === "Warn") return texts;
  throw new ApiError("BadRequest", `strict decoding error: ${texts.join(", ")}`);
}

/** The DeleteOptions sent, if any. */
export async function readDeleteBody(request: EdgeRequest): Promise<JsonObject | undefined> {
  if (request.body.length === 0) return undefined;
  return (await parseObjectBody(request.body, bodyEncoding(request.contentType))).value;
}
