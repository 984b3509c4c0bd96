import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { FunctionFault } from "./fault.ts";
import type { TemplateValue } from "./functions.ts";
import { Block } from "./text.ts";

/** What a value is, in the words of messages and `kindOf`. */
export function kindOf(value: TemplateValue): string {
  if (value === undefined || value === null) return "invalid";
  if (value instanceof Block) return "string";
  if (Array.isArray(value)) return "slice";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  return "map";
}

const spokenKinds: { readonly [kind: string]: string } = { invalid: "missing", string: "a text", slice: "a list", bool: "a boolean", int: "a number", float64: "a number", map: "a map" };

/** `a list`, `a number`. */
export function spokenKind(value: TemplateValue): string {
  return spokenKinds[kindOf(value)] ?? "something else";
}

/** The value as text: scalars print as in YAML, lists and maps are refused. */
export function textOf(value: TemplateValue): string {
  if (value instanceof Block) return value.text;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === undefined || value === null) return "";
  throw new FunctionFault(`needs a text, but was given ${spokenKind(value)}`);
}

/** The value as a number; texts that read as one count. */
export function numberOf(value: TemplateValue): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const text = value instanceof Block || typeof value === "string" ? textOf(value).trim() : "";
  const number = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new FunctionFault(`needs a number, but was given ${typeof value === "string" ? JSON.stringify(value) : spokenKind(value)}`);
  return number;
}

/** The value as a whole number, fractions cut off. */
export function integerOf(value: TemplateValue): number {
  return Math.trunc(numberOf(value));
}

/** A whole number of at least 0 and at most `max`. */
export function countOf(value: TemplateValue, max: number): number {
  const count = integerOf(value);
  if (count < 0 || count > max) throw new FunctionFault(`needs a number from 0 to ${max}, but was given ${count}`);
  return count;
}

/** The value as a list. */
export function listOf(value: TemplateValue): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new FunctionFault(`needs a list, but was given ${spokenKind(value)}`);
}

/** The value as a map. */
export function mapOf(value: TemplateValue): JsonObject {
  if (value instanceof Block || !isJsonObject(value)) throw new FunctionFault(`needs a map, but was given ${spokenKind(value)}`);
  return value;
}

/** The value as JSON: blocks become their text, missing becomes null. */
export function jsonOf(value: TemplateValue): Json {
  if (value instanceof Block) return value.text;
  return value ?? null;
}

/** Own member of a map; never a prototype's. */
export function memberOf(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Keys in code point order, as Go and Helm sort them. */
export function sortedKeys(map: JsonObject): readonly string[] {
  return Object.keys(map).filter((key) => map[key] !== undefined).toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}

/** A map from entries; any key becomes an own member. */
export function mapFrom(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries);
}

/** False for what Go's templates call empty: missing, null, false, 0, "", [] and {}. */
export function isTrue(value: TemplateValue): boolean {
  if (value instanceof Block) return value.plain !== "";
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}
