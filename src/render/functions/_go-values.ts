import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { printPlain } from "../template/print.ts";
import { goMap, Int, int64, isList, isMap, Struct } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { Block } from "../text.ts";
import type { TemplateValue } from "../functions.ts";

/** What a Handlebars value that came from a Go struct was: a time, a version or a certificate may be handed on to the next function. */
const structs = new WeakMap<object, Struct>();

/** True for what came from a Go struct, and is only known as one while it stays the same object. */
export function isStructAnswer(value: TemplateValue): value is JsonObject {
  return isJsonObject(value) && structs.has(value);
}

/** A Handlebars value as Helm's functions take it: whole numbers are Go's `int64`, which all of them take, so that none prints as `1e+06`. */
export function goOf(value: TemplateValue): GoValue {
  if (value instanceof Block) return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? int64(value) : value;
  if (typeof value !== "object" || value === null) return value ?? null;
  const struct = structs.get(value);
  if (struct !== undefined) return struct;
  if (Array.isArray(value)) return (value as readonly Json[]).map(goOf);
  return isJsonObject(value) ? goMap(Object.entries(value).map(([key, member]) => [key, goOf(member)] as const)) : null;
}

/** What a function of Helm answered, as Handlebars reads it: fields and argumentless methods of a struct are members, durations are texts. */
export function templateValueOf(value: GoValue): Json | Block {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object" || value instanceof Block) return value;
  if (value instanceof Int) return isNumber(value) ? Number(value.value) : printPlain(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Struct) return membersOf(value);
  if (isList(value)) return value.map(jsonOf);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonOf(member)])) : null;
}

function jsonOf(value: GoValue): Json {
  const answer = templateValueOf(value);
  return answer instanceof Block ? answer.plain : answer;
}

/** Durations and the names of months and days print as words; integers beyond 2^53 keep their digits as text. */
function isNumber({ type, value }: Int): boolean {
  return !type.startsWith("time.") && Number.isSafeInteger(Number(value));
}

/** Methods of versions and times that need no argument. */
const readableMethods = ["Major", "Minor", "Patch", "Prerelease", "Metadata", "Original", "Year", "Month", "Day", "Hour", "Minute", "Second", "Weekday", "YearDay", "Unix", "String"];

function membersOf(struct: Struct): Json {
  const known = Object.fromEntries([
    ...Object.entries(struct.fields).map(([key, field]) => [key, jsonOf(field)] as const),
    ...readableMethods.flatMap((name) => (Object.hasOwn(struct.methods, name) ? [[name, jsonOf(struct.methods[name]?.([]))] as const] : [])),
  ]);
  structs.set(known, struct);
  return known;
}
