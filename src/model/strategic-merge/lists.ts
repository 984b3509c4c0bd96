import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { ValueError } from "../../value/value-error.ts";
import { plainOf } from "./directives.ts";
import { areObjects, keyOf, orderItems, placesOf, printKey } from "./order.ts";
import type { MergeKey } from "./order.ts";

/** How the items of a list merge. */
export interface ListRules {
  /** True for a list whose strategy is `merge`; others are replaced. */
  readonly isMerged: boolean;
  readonly key: MergeKey;
  readonly merge: (before: JsonObject, after: JsonObject) => JsonObject;
}

/** The list after a patch of it. Throws ValueError "patch". */
export function mergeList(live: readonly Json[], patch: readonly Json[], rules: ListRules): readonly Json[] {
  if (!rules.isMerged) return patch.map(plainOf);
  const isKeyed = areObjects(live, patch);
  if (isKeyed === undefined) return live;
  return isKeyed ? mergeKeyed(live, patch, rules) : orderItems({ items: unique([...live, ...patch]), wanted: patch, live, key: undefined });
}

/** The list without some values, each value once. */
export function withoutItems(live: readonly Json[], gone: readonly Json[]): readonly Json[] {
  areObjects(live, gone);
  return live.filter((item) => !gone.some((other) => isEqual(other, item)));
}

/**
 * The list in the order a `$setElementOrder` asks for. New items take the places of deleted ones in the live list before it is asked, as upstream's do: what
 * others put behind a container that is replaced by another stays behind it.
 */
export function inOrder(items: readonly Json[], live: readonly Json[], { wanted, patch, key }: { readonly wanted: readonly Json[]; readonly patch: readonly Json[]; readonly key: MergeKey }): readonly Json[] {
  const left = placesOf(items, key);
  const before = placesOf(live, key);
  const kept = live.filter((item) => left.has(printKey(item, key)));
  const added = key === undefined ? [] : patch.filter((item) => isJsonObject(item) && item[key] !== undefined && left.has(printKey(item, key)) && !before.has(printKey(item, key)));
  return orderItems({ items, wanted, live: [...kept, ...added].slice(0, live.length), key });
}

function unique(items: readonly Json[]): readonly Json[] {
  return [...new Map(items.map((item) => [printKey(item, undefined), item] as const)).values()];
}

function mergeKeyed(live: readonly Json[], patch: readonly Json[], { key, merge }: ListRules): readonly Json[] {
  if (key === undefined) throw new ValueError("patch", "cannot merge lists without merge key");
  const left = followDirectives(live, patch, key);
  const places = new Map(placesOf(left.live, key));
  const items = [...left.live];
  for (const entry of left.patch) {
    const value = printKey(entry, key);
    const index = places.get(value);
    const before = index === undefined ? undefined : items[index];
    if (index !== undefined && isJsonObject(before) && isJsonObject(entry)) {
      items[index] = merge(before, entry);
    } else {
      places.set(value, items.length);
      // A new item is taken as it is, directives and all.
      items.push(plainOf(entry));
    }
  }
  return orderItems({ items, wanted: left.patch, live: left.live, key });
}

/** Follows the items that say what shall become of others, and answers what is left to merge. */
function followDirectives(live: readonly Json[], patch: readonly Json[], key: string): { readonly live: readonly Json[]; readonly patch: readonly Json[] } {
  const rest = patch.filter((entry) => !(isJsonObject(entry) && entry.$patch !== undefined));
  let left = live;
  let isReplaced = false;
  for (const entry of patch) {
    const directive = isJsonObject(entry) ? entry.$patch : undefined;
    if (directive === undefined) continue;
    if (directive === "delete") {
      const value = keyOf(entry, key);
      left = left.filter((item) => !isEqual(keyOf(item, key), value));
    } else if (directive === "replace") {
      isReplaced = true;
    } else if (directive === "merge") {
      throw new ValueError("patch", "merging lists cannot yet be specified in the patch");
    } else {
      throw new ValueError("patch", `unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(entry)}`);
    }
  }
  return isReplaced ? { live: rest.map(plainOf), patch: [] } : { live: left, patch: rest };
}
