import { fieldsOf, findMessage, shapeOf } from "../model/schema.ts";
import type { Field } from "../model/schema.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { isJsonObject } from "../value/json.ts";
import { isEqual } from "../value/equal.ts";

/**
 * Three-way merge: what `live` becomes when `desired` is applied. What desired says wins; what an earlier applied version (`priors`) said and
 * desired no longer says goes; what only live has (written by controllers and people) stays. Lists with merge keys are merged by key, other
 * lists are replaced whole. A null means nothing where the schema knows the field, and is a value in free-form JSON. Pure; answers `live` itself where nothing changes.
 *
 * @param message schema name of the value, undefined inside free-form JSON
 * @see kubernetes CreateThreeWayMergePatch, of which this is the effect without the patch in between
 */
export function mergeApplied(message: string | undefined, desired: JsonObject, live: JsonObject, priors: readonly JsonObject[]): JsonObject {
  const fields = message === undefined || findMessage(message) === undefined ? undefined : fieldsOf(message);
  const merged: Record<string, Json | undefined> = {};
  for (const [key, value] of Object.entries(live)) {
    if (value === undefined) continue;
    if (memberOf(desired, key) !== undefined) continue;
    if (!priors.some((prior) => memberOf(prior, key) !== undefined)) set(merged, key, value);
    else {
      const kept = withoutApplied(fields?.get(key), value, priors.map((prior) => memberOf(prior, key)));
      if (kept !== undefined) set(merged, key, kept);
    }
  }
  for (const [key, wanted] of Object.entries(desired)) {
    if (wanted === undefined || (wanted === null && fields !== undefined)) continue;
    set(merged, key, mergeValue(fields?.get(key), wanted, memberOf(live, key), priors.map((prior) => memberOf(prior, key))));
  }
  return isEqual(merged, live) ? live : merged;
}

/** A member an object has itself: free-form JSON may call one `toString` or `__proto__`. */
function memberOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function set(object: Record<string, Json | undefined>, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function mergeValue(field: Field | undefined, desired: Json, live: Json | undefined, priors: readonly (Json | undefined)[]): Json {
  if (live === undefined || live === null) return desired;
  if (isJsonObject(desired) && isJsonObject(live)) {
    const shape = field === undefined ? undefined : shapeOf(field.type);
    if (field?.structType === "atomic" || field?.mapType === "atomic" || field?.patchStrategy?.includes("replace") === true) return desired;
    return mergeApplied(messageInside(shape), desired, live, priors.filter(isJsonObject));
  }
  if (Array.isArray(desired) && Array.isArray(live) && field?.patchStrategy?.includes("merge") === true) {
    return mergeList(field, desired as readonly Json[], live as readonly Json[], priors.flatMap((prior) => (Array.isArray(prior) ? [prior as readonly Json[]] : [])));
  }
  return desired;
}

function messageInside(shape: ReturnType<typeof shapeOf> | undefined): string | undefined {
  return shape?.kind === "message" ? shape.message : undefined;
}

/** Merges by key, in desired's order, with what only live has behind it. A set of scalars is merged by value. */
function mergeList(field: Field, desired: readonly Json[], live: readonly Json[], priors: readonly (readonly Json[])[]): Json {
  const keys = keysOf(field);
  const shape = shapeOf(field.type);
  const item = shape.kind === "list" ? shapeOf(shape.item) : undefined;
  const find = (list: readonly Json[], key: string) => list.find((entry) => identity(entry, keys) === key);
  const wanted = desired.map((entry) => {
    const key = identity(entry, keys);
    const current = find(live, key);
    if (!isJsonObject(entry) || !isJsonObject(current)) return entry;
    return mergeApplied(messageInside(item), entry, current, priors.map((prior) => find(prior, key)).filter(isJsonObject));
  });
  const wantedKeys = new Set(desired.map((entry) => identity(entry, keys)));
  const others = live.filter((entry) => {
    const key = identity(entry, keys);
    return !wantedKeys.has(key) && !priors.some((prior) => find(prior, key) !== undefined);
  });
  return [...wanted, ...others];
}

/** What stays of a live value that was applied before and is no longer wanted: the parts somebody else added. */
function withoutApplied(field: Field | undefined, live: Json, priors: readonly (Json | undefined)[]): Json | undefined {
  if (isJsonObject(live) && priors.every((prior) => prior === undefined || isJsonObject(prior))) {
    const shape = field === undefined ? undefined : shapeOf(field.type);
    const rest = mergeApplied(messageInside(shape), {}, live, priors.filter(isJsonObject));
    return Object.keys(rest).length > 0 && shape?.kind === "map" ? rest : undefined;
  }
  return undefined;
}

/** What tells items of a merged list apart: the schema's list map keys, the merge key, or the value itself. */
function keysOf(field: Field): readonly string[] {
  if (field.mergeKey === undefined) return [];
  return field.listMapKeys?.includes(field.mergeKey) === true ? field.listMapKeys : [field.mergeKey];
}

/** Keys that may be left out of a manifest, with the value the server fills in. */
const keyDefaults: Readonly<Record<string, string>> = { protocol: "TCP" };

function identity(entry: Json, keys: readonly string[]): string {
  if (!isJsonObject(entry) || keys.length === 0) return JSON.stringify(entry);
  return JSON.stringify(keys.map((key) => entry[key] ?? keyDefaults[key] ?? null));
}
