import { isJsonObject } from "./json.ts";
import type { Json } from "./json.ts";

/** JSON with members sorted by key and no blanks: equal values have equal texts. `undefined` members are left out. */
export function printCanonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, sorted(member)] as const]));
  const result: Record<string, Json> = Object.create(null);
  for (const [key, member] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) result[key] = member;
  return result;
}
