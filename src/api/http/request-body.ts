import { ApiError } from "../../model/api-error.ts";
import { printRepeatedField } from "../../model/fields.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { parseProtobufBody } from "./protobuf-body.ts";
import { scanJson } from "./json-scan.ts";
import type { BodyForms } from "./body-forms.ts";
import type { SharedParts } from "./shared-parts.ts";
import { parseYamlBody } from "./yaml-body.ts";

/** Largest request body, upstream's MaxRequestBodyBytes. */
export const bodySizeMaxBytes = 3_145_728;

/** Largest body that is YAML and not JSON: reading it takes a hundred times as long, on the thread that serves everybody. kubectl sends JSON. */
export const yamlBodySizeMaxBytes = 65_536;

/** Deepest nesting of a body: more than twice what any kind's schema reaches, and far from the stack's end. */
export const bodyDepthMax = 100;

/** Of a body with more members than this, problems are told without heed of their order. */
const orderedMembersMax = 10_000;

/** A body as parsed, with what only a look at its text can tell. */
export interface ParsedBody {
  readonly value: Json;
  /** What strict decoding refuses in the text alone: fields that stand twice, in upstream's words. */
  readonly problems: readonly string[];
  /** Paths of all members in the order of the text, where that is known and some stand twice: it says which of two problems comes first. */
  readonly members?: readonly string[];
}

/** Parses a body. Throws BadRequest for what cannot be read, is too deep or unsafe. */
export async function parseBody(bytes: Uint8Array, encoding: "json" | "yaml" | "protobuf"): Promise<ParsedBody> {
  if (encoding === "protobuf") return { value: parseProtobufBody(bytes), problems: [] };
  const text = decodeText(bytes);
  if (encoding === "json") return parseJson(withWholeCharacters(text));
  // Most of what is called YAML is JSON, which is a part of it: kubectl's patches are.
  if (/^\s*\{/.test(text) && isJson(text)) return parseJson(withWholeCharacters(text));
  if (bytes.length > yamlBodySizeMaxBytes) throw new ApiError("RequestEntityTooLarge", `Request entity too large: limit of a YAML body is ${yamlBodySizeMaxBytes}; send JSON`);
  const { value, repeated } = await parseYamlBody(text);
  const json = JSON.stringify(value);
  refuseUnsafe(scanJson(json, bodyDepthMax));
  const whole = withWholeCharacters(json);
  return { value: whole === json ? value : JSON.parse(whole) as Json, problems: repeated.length === 0 ? [] : [`yaml: unmarshal errors:${repeated.map(({ key, line }) => `\n  line ${line}: key ${JSON.stringify(key)} already set in map`).join("")}`] };
}

/** What was read before and comes again. */
export interface KnownBodies {
  readonly forms: BodyForms;
  readonly parts: SharedParts;
}

/** The same for a body that must be an object. It is of a form, or its parts are those, that are known. */
export async function parseObjectBody(bytes: Uint8Array, encoding: "json" | "yaml" | "protobuf", known?: KnownBodies): Promise<ParsedBody & { readonly value: JsonObject }> {
  return encoding === "json" && known !== undefined ? parseKnown(bytes, known) : demandObject(await parseBody(bytes, encoding));
}

function parseKnown(bytes: Uint8Array, { forms, parts }: KnownBodies): ParsedBody & { readonly value: JsonObject } {
  const formed = forms.parse(bytes);
  if (formed !== undefined) return { value: formed, problems: [] };
  const text = withWholeCharacters(decodeText(bytes));
  const shared = parts.parse(text);
  const body = shared === undefined ? demandObject(parseJson(text)) : { value: shared, problems: [] };
  if (body.problems.length === 0) forms.learn(text);
  return body;
}

function demandObject({ value, ...found }: ParsedBody): ParsedBody & { readonly value: JsonObject } {
  if (!isJsonObject(value)) throw new ApiError("BadRequest", "the body of the request is not an object");
  return { value, ...found };
}

/** A body over the limit. */
export function bodyTooLarge(): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: limit is ${bodySizeMaxBytes}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseJson(text: string): ParsedBody {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new ApiError("BadRequest", `the body of the request is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
  const scan = scanJson(text, bodyDepthMax);
  refuseUnsafe(scan);
  if (scan.duplicates.length === 0) return { value, problems: [] };
  const members: string[] = [];
  scanJson(text, bodyDepthMax, (path) => { if (members.length <= orderedMembersMax) members.push(path); });
  return { value, problems: scan.duplicates.map(printRepeatedField), ...(members.length > orderedMembersMax ? {} : { members }) };
}

function refuseUnsafe(scan: { readonly isTooDeep: boolean; readonly hasPrototypeKey: boolean }): void {
  if (scan.isTooDeep) throw new ApiError("BadRequest", `the body of the request is nested more than ${bodyDepthMax} levels deep`);
  if (scan.hasPrototypeKey) throw new ApiError("BadRequest", "the body of the request has a member called __proto__, which is not allowed");
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ApiError("BadRequest", "the body of the request is not UTF-8");
  }
}

/** A JSON text in which half a character, an escaped surrogate without the other, became U+FFFD, as Go reads it. */
function withWholeCharacters(text: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return text;
  // Every escape is looked at in its turn, so that of `\\ud800` no half is taken for one.
  return text.replaceAll(/(\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(?!u[dD][89a-fA-F])[^])|\\u..../g, (_escape, whole?: string) => whole ?? "\\ufffd");
}
