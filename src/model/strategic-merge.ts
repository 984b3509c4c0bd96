import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { ValueError } from "../value/value-error.ts";
import { deleteFromList, isDirective, plainOf, setElementOrder, takenOf } from "./strategic-merge/directives.ts";
import { inOrder, mergeList, withoutItems } from "./strategic-merge/lists.ts";
import type { ListRules } from "./strategic-merge/lists.ts";
import { areObjects, checkOrder } from "./strategic-merge/order.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";
import type { Field } from "./schema.ts";

/**
 * Applies a strategic merge patch: objects merge, lists merge by the key their schema names or are replaced, null deletes; directives
 * `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are followed. Throws ValueError "patch". Changes nothing in place.
 *
 * Directives in what is taken as it is stay, as upstream's do: the decoder calls them unknown fields. Nulls there, which it reads as nothing, are left out.
 *
 * @param message the schema's name of the target, `apps/v1.Deployment`
 * @see kubernetes apimachinery pkg/util/strategicpatch/patch.go
 */
export function applyStrategicMerge(message: string, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(message, target, { patch, depth: 0 });
}

/** As deep as objects go; the schema's own recursion ends far above. */
const depthMax = 200;

type Members = Record<string, Json | undefined>;

interface PatchPart {
  readonly patch: JsonObject;
  readonly depth: number;
}

function mergeObject(message: string | undefined, target: JsonObject, { patch, depth }: PatchPart): JsonObject {
  if (depth > depthMax) throw new ValueError("limit", `the patch is nested deeper than ${depthMax}`);
  if (patch.$patch !== undefined) return followPatch(patch);
  const fields = message === undefined ? undefined : fieldsOf(message);
  const merged = retained(target, patch);
  const orders = Object.entries(patch).filter(([name]) => name.startsWith(setElementOrder));
  const ordered = new Set(orders.map(([name]) => name.slice(setElementOrder.length)));
  for (const [directive, order] of orders) {
    const name = directive.slice(setElementOrder.length);
    if (!Array.isArray(order)) throw new ValueError("patch", `${directive} must be a list`);
    set(merged, name, orderedList({ live: merged[name], patch: patch[name], order, rules: rulesOf(fields?.get(name), depth) }));
  }
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || isDirective(name) || (ordered.has(name) && value !== null)) continue;
    set(merged, name, value === null ? undefined : mergeValue(fields?.get(name), merged[name], { patch: value, depth }));
  }
  for (const [directive, gone] of Object.entries(patch)) if (directive.startsWith(deleteFromList)) deleteItems(merged, directive, gone);
  // A copy is no table. @see withoutMember
  return { ...merged };
}

function set(object: Members, name: string, value: Json | undefined): void {
  if (value === undefined) delete object[name];
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** What a `$patch` makes of an object that is there. */
function followPatch(patch: JsonObject): JsonObject {
  const { $patch: directive, ...rest } = patch;
  if (directive === "delete") return {};
  const replaced = directive === "replace" ? plainOf(rest) : undefined;
  if (isJsonObject(replaced)) return replaced;
  throw new ValueError("patch", `unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(patch)}`);
}

/** With `$retainKeys` only the keys it names stay, for unions such as a volume's source. */
function retained(target: JsonObject, patch: JsonObject): Members {
  const keys = patch.$retainKeys;
  if (keys === undefined) return { ...target };
  if (!Array.isArray(keys)) throw new ValueError("patch", "invalid patch format of retainKeys: it must be a list of field names");
  const outside = Object.keys(patch).find((name) => !isDirective(name) && patch[name] !== null && !keys.includes(name));
  if (outside !== undefined) throw new ValueError("patch", `invalid patch format of retainKeys: it does not name ${outside}, which the patch sets`);
  return Object.fromEntries(Object.entries(target).filter(([name]) => keys.includes(name)));
}

function mergeValue(field: Field | undefined, target: Json | undefined, { patch, depth }: { readonly patch: Json; readonly depth: number }): Json | undefined {
  if (Array.isArray(patch)) return Array.isArray(target) ? mergeList(target, patch, rulesOf(field, depth)) : takenOf(patch);
  if (!isJsonObject(patch)) return patch;
  if (!isJsonObject(target)) return takenOf(patch);
  if (strategiesOf(field).includes("replace")) return plainOf(patch);
  const shape = field === undefined ? undefined : shapeOfValue(field.type, patch);
  return mergeObject(shape?.kind === "message" ? shape.message : undefined, target, { patch, depth: depth + 1 });
}

function strategiesOf(field: Field | undefined): readonly string[] {
  return field?.patchStrategy?.split(",") ?? [];
}

function rulesOf(field: Field | undefined, depth: number): ListRules {
  const list = field === undefined ? undefined : shapeOf(field.type);
  const item = list?.kind === "list" ? shapeOf(list.item) : undefined;
  const message = item?.kind === "message" ? item.message : undefined;
  return { isMerged: strategiesOf(field).includes("merge"), key: field?.mergeKey, merge: (before, patch) => mergeObject(message, before, { patch, depth: depth + 1 }) };
}

interface OrderedList {
  readonly live: Json | undefined;
  readonly patch: Json | undefined;
  readonly order: readonly Json[];
  readonly rules: ListRules;
}

/** A list with a `$setElementOrder` of its own: merged first, then put in that order. */
function orderedList({ live, patch, order, rules }: OrderedList): Json | undefined {
  const before = listOf(live);
  const change = listOf(patch);
  checkOrder(change ?? [], order, rules.key);
  if (before === undefined && change === undefined) return undefined;
  if (areObjects(before ?? [], change ?? []) === undefined) throw new ValueError("patch", "no elements in any of the given slices");
  const taken = change === undefined ? [] : takenOf(change);
  const items = before === undefined ? listOf(taken) : change === undefined ? before : mergeList(before, change, rules);
  return inOrder(items ?? [], before ?? [], { wanted: order, patch: change ?? [], key: rules.key });
}

function listOf(value: Json | undefined): readonly Json[] | undefined {
  if (value === undefined || value === null || Array.isArray(value)) return value ?? undefined;
  throw new ValueError("patch", `a list was expected in place of ${JSON.stringify(value)}`);
}

function deleteItems(merged: Members, directive: string, gone: Json | undefined): void {
  const name = directive.slice(deleteFromList.length);
  const live = merged[name];
  // Upstream passes over a deletion that does not have the form of what it deletes from.
  if (Array.isArray(live) && Array.isArray(gone)) merged[name] = withoutItems(live, gone);
}
