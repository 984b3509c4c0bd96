import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/** Before the name of a list: the order its items shall have. */
export const setElementOrder = "$setElementOrder/";
/** Before the name of a list of scalars: the items that shall go. */
export const deleteFromList = "$deleteFromPrimitiveList/";

/** True for a member of a patch that says how to merge, not what. */
export function isDirective(name: string): boolean {
  return name === "$patch" || name === "$retainKeys" || name.startsWith(setElementOrder) || name.startsWith(deleteFromList);
}

/**
 * A value of a patch that is taken as it is, without its nulls, which a decoder reads as nothing. Directives in it speak of nothing; the decoder finds them to
 * be unknown fields, and says so.
 */
export function plainOf(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => plainOf(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (member === null || member === undefined ? [] : [[name, plainOf(member)] as const])));
}

/**
 * What a patch puts where nothing (or a value of another form) stands: nothing where it carries a `$patch`, as there is nothing to delete, replace or merge;
 * else the value without its directives.
 */
export function takenOf(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => takenOf(item)).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (value.$patch !== undefined) return undefined;
  return takenMembers(value);
}

function takenMembers(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => {
    const taken = isDirective(name) || member === null || member === undefined ? undefined : takenOf(member);
    return taken === undefined ? [] : [[name, taken] as const];
  }));
}
