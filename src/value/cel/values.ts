import { isJsonObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { isOptional } from "./engine.ts";
import type { EngineDuration } from "./engine.ts";

/** JSON as CEL sees it where nothing more is known of it: whole numbers are ints. */
export function celOfJson(value: Json): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item: Json) => celOfJson(item));
  if (!isJsonObject(value)) return value;
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) if (member !== undefined && name !== "__proto__") members[name] = celOfJson(member);
  return members;
}

/** A value of CEL as JSON; what JSON has no form for is its text. */
export function jsonOfCel(value: unknown): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (isOptional(value)) return value.hasValue() ? jsonOfCel(value.value()) : null;
  if (Array.isArray(value)) return value.map(jsonOfCel);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [textOfKey(key), jsonOfCel(member)]));
  if (isPlainObject(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonOfCel(member)])) satisfies JsonObject;
  return isPrintable(value) ? value.toString() : null;
}

/** Spans of time, addresses and the like print themselves. */
function isPrintable(value: unknown): value is EngineDuration {
  return typeof value === "object" && value !== null && typeof value.toString === "function";
}

function textOfKey(key: unknown): string {
  return typeof key === "string" ? key : `${typeof key === "bigint" || typeof key === "boolean" ? key : ""}`;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);
}
