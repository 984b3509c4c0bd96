import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { ValueError } from "../../value/value-error.ts";

/** What tells the items of a list apart: a field of theirs, or their own value where there is none. */
export type MergeKey = string | undefined;

/** The value of the merge key of an item. Throws ValueError "patch" for one that has none. */
export function keyOf(item: Json, key: MergeKey): Json {
  if (key === undefined) return item;
  const value = isJsonObject(item) ? item[key] : undefined;
  if (value === undefined) throw new ValueError("patch", `map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  return value;
}

/** Two lists of the same list's items, and how the live list had them. */
export interface Ordering {
  /** Every item of the result. */
  readonly items: readonly Json[];
  /** Items that stand in the order given here, whatever the live list says. */
  readonly wanted: readonly Json[];
  readonly live: readonly Json[];
  readonly key: MergeKey;
}

/**
 * Puts the items the patch speaks of in its order and the others in the live one; another's item stands before the first of the patch's that the live list
 * had behind it, and else behind them all. Pure.
 */
export function orderItems({ items, wanted, live, key }: Ordering): readonly Json[] {
  const wantedAt = placesOf(wanted, key);
  const liveAt = placesOf(live, key);
  const ranked = items.map((item) => {
    const value = printKey(item, key);
    return { item, wantedAt: wantedAt.get(value) ?? -1, liveAt: liveAt.get(value) ?? -1 };
  });
  const ours = ranked.filter((entry) => entry.wantedAt >= 0).toSorted((a, b) => a.wantedAt - b.wantedAt);
  const theirs = ranked.filter((entry) => entry.wantedAt < 0).toSorted((a, b) => a.liveAt - b.liveAt);
  const ordered: Json[] = [];
  for (const entry of theirs) {
    // Of two items only the live list can say which comes first, and only where it had both.
    while (ours[0] !== undefined && !(ours[0].liveAt >= 0 && entry.liveAt < ours[0].liveAt)) ordered.push(ours.shift()?.item ?? null);
    ordered.push(entry.item);
  }
  return [...ordered, ...ours.map((entry) => entry.item)];
}

/**
 * Demands that a patch's items stand in its own `$setElementOrder`, in that order; items to be deleted need not, and behind one without a key nothing is
 * looked at. Throws ValueError "patch".
 */
export function checkOrder(patch: readonly Json[], order: readonly Json[], key: MergeKey): void {
  if (patch.length === 0 || order.length === 0) return;
  const wanted = order.map((item) => printKey(item, key));
  let at = 0;
  for (const item of patch) {
    if (key !== undefined && isJsonObject(item) && item.$patch === "delete") continue;
    if (at < wanted.length && key !== undefined && isJsonObject(item) && item[key] === undefined) return;
    at = wanted.indexOf(at < wanted.length ? printKey(item, key) : "", at) + 1;
    if (at === 0) throw new ValueError("patch", `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`);
  }
}

/** Where each key stands first. */
export function placesOf(items: readonly Json[], key: MergeKey): ReadonlyMap<string, number> {
  return new Map(items.map((item, index) => [printKey(item, key), index] as const).toReversed());
}

/** The value of the merge key as text that is the same for equal scalars, which is all that upstream's keys are. */
export function printKey(item: Json, key: MergeKey): string {
  return JSON.stringify(keyOf(item, key));
}

/** True for items that are all objects; throws ValueError "patch" where they are not of one form, or lists. Undefined for no items. */
export function areObjects(...lists: readonly (readonly Json[])[]): boolean | undefined {
  const forms = new Set(lists.flat().map(formOf));
  if (forms.size > 1) throw new ValueError("patch", `list element types are not identical: ${JSON.stringify(lists)}`);
  if (forms.has("list")) throw new ValueError("patch", "invalid patch format of list of lists");
  return forms.size === 0 ? undefined : forms.has("object");
}

function formOf(value: Json): string {
  if (Array.isArray(value)) return "list";
  return isJsonObject(value) ? "object" : value === null ? "null" : typeof value;
}
