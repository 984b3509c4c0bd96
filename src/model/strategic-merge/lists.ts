import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { ValueError } from "../../value/value-error.ts";

/** True for a member of a patch that says how to merge, not what. */
export function isDirective(name: string): boolean {
  return name === "$patch" || name === "$retainKeys" || name.startsWith("$setElementOrder/") || name.startsWith("$deleteFromPrimitiveList/");
}

/** The union of two lists of scalars, in the order asked for when there is one. */
export function mergePrimitiveList(items: readonly Json[], patch: readonly Json[], order: Json | undefined): readonly Json[] {
  const merged = [...items, ...patch.filter((entry, index) => !items.some((item) => isEqual(item, entry)) && patch.findIndex((other) => isEqual(other, entry)) === index)];
  return ordered(merged, order, (entry) => entry);
}

/** What `mergeKeyedList` works on. */
export interface KeyedMerge {
  readonly items: readonly Json[];
  readonly patch: readonly Json[];
  readonly order: Json | undefined;
  readonly key: string;
  readonly merge: (before: JsonObject, after: JsonObject) => JsonObject;
}

/** Merges items with the same key, deletes those with `$patch: delete`, appends the others. */
export function mergeKeyedList({ items, patch, order, key, merge }: KeyedMerge): readonly Json[] {
  let merged: readonly Json[] = items;
  for (const entry of patch) {
    const value = isJsonObject(entry) ? entry[key] : undefined;
    if (!isJsonObject(entry) || value === undefined) throw new ValueError("patch", `map: ${JSON.stringify(entry)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((item) => isJsonObject(item) && isEqual(item[key], value));
    const before = merged[index];
    if (entry.$patch === "delete") merged = merged.filter((item) => !(isJsonObject(item) && isEqual(item[key], value)));
    else if (isJsonObject(before)) merged = merged.with(index, merge(before, entry));
    else merged = [...merged, merge({}, entry)];
  }
  return ordered(merged, order, (entry) => (isJsonObject(entry) ? entry[key] : undefined), key);
}

/** Items the order names stand in its order; the others keep their place relative to the item before them. */
function ordered(items: readonly Json[], order: Json | undefined, keyOf: (item: Json) => Json | undefined, key?: string): readonly Json[] {
  if (order === undefined) return items;
  if (!Array.isArray(order)) throw new ValueError("patch", "$setElementOrder must be a list");
  const wanted = order.map((entry: Json) => (key !== undefined && isJsonObject(entry) ? entry[key] : entry));
  const rankOf = (item: Json): number => wanted.findIndex((value) => isEqual(value, keyOf(item)));
  const named = items.filter((item) => rankOf(item) >= 0).toSorted((a, b) => rankOf(a) - rankOf(b));
  const result = [...named];
  items.forEach((item, index) => {
    if (rankOf(item) >= 0) return;
    // Behind the nearest earlier item, as the live list had it.
    const before = items.slice(0, index).toReversed().find((candidate) => result.includes(candidate));
    result.splice(before === undefined ? 0 : result.indexOf(before) + 1, 0, item);
  });
  return result;
}
