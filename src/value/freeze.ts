import { isJsonObject } from "./json.ts";
import type { Json } from "./json.ts";

/** Freezes a JSON value and all it holds, and answers it. Branches that are frozen already are taken to be frozen wholly. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

/** The value that reading its JSON text gives, frozen, without writing and reading it. Branches that are frozen already are taken as they are; the others are copied. */
export function frozenCopy(value: Json): Json {
  if (typeof value !== "object" || value === null) return value === 0 ? 0 : value;
  if (Object.isFrozen(value)) return value;
  if (!isJsonObject(value)) return Object.freeze(value.map((item: Json | undefined) => frozenCopy(item ?? null)));
  const copy: Record<string, Json> = {};
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) copy[name] = frozenCopy(member);
  }
  return Object.freeze(copy);
}
