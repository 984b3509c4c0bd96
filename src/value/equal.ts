import { isJsonObject } from "./json.ts";

/** Deep equality of JSON values; an `undefined` member equals an absent one, the order of members does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  // What members inherit (`toString`, `__proto__`) is nobody's.
  for (const key of Object.keys(a)) if (!isEqual(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && (a[key] === undefined || !Object.hasOwn(a, key))) return false;
  return true;
}
