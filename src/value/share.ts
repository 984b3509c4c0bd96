import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * `next` with each part that is equal in `known`, at the same place, replaced by that part; `known` itself where nothing differs. What many alike
 * objects repeat is then in memory once. Parts that are made are frozen; neither value is changed. Pure.
 *
 * @param of.source what `known` was made of, as an earlier `next`: parts that are the very same in it need no second look
 */
export function sharingWith(known: JsonObject, next: JsonObject, { source }: { readonly source?: JsonObject | undefined } = {}): JsonObject {
  const shared: Record<string, Json | undefined> = {};
  let isSame = true;
  let count = 0;
  for (const name in next) {
    const member = next[name];
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    const part = before === undefined || member === undefined ? member : partSharingWith(before, member, source?.[name]);
    if (part !== before || member === undefined) isSame = false;
    shared[name] = part;
    count++;
  }
  return isSame && count === Object.keys(known).length ? known : Object.freeze(shared);
}

function partSharingWith(known: Json, next: Json, source: Json | undefined): Json {
  if (next === known || next === source) return known;
  if (isJsonObject(next)) return isJsonObject(known) ? sharingWith(known, next, { source: isJsonObject(source) ? source : undefined }) : next;
  if (Array.isArray(next)) return Array.isArray(known) ? itemsSharingWith(known, next) : next;
  return next;
}

function itemsSharingWith(known: readonly Json[], next: readonly Json[]): readonly Json[] {
  let isSame = known.length === next.length;
  const shared = next.map((item, index) => {
    const before = known[index];
    const part = before === undefined ? item : partSharingWith(before, item, undefined);
    if (part !== before) isSame = false;
    return part;
  });
  return isSame ? known : Object.freeze(shared);
}
