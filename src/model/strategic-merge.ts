import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { ValueError } from "../value/value-error.ts";
import { isDirective, mergeKeyedList, mergePrimitiveList } from "./strategic-merge/lists.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";
import type { Field } from "./schema.ts";

/**
 * Applies a strategic merge patch: objects merge, lists merge by the key their schema names or are replaced, null deletes; directives
 * `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are followed. Throws ValueError "patch". Changes nothing in place.
 *
 * @param message the schema's name of the target, `apps/v1.Deployment`
 * @see kubernetes apimachinery pkg/util/strategicpatch/patch.go
 */
export function applyStrategicMerge(message: string, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(message, target, patch);
}

const setElementOrder = "$setElementOrder/";
const deleteFromList = "$deleteFromPrimitiveList/";
/** As deep as objects go; the schema's own recursion ends far above. */
const depthMax = 200;

function mergeObject(message: string | undefined, target: JsonObject, patch: JsonObject, depth = 0): JsonObject {
  if (depth > depthMax) throw new ValueError("limit", `the patch is nested deeper than ${depthMax}`);
  const directive = patch.$patch;
  if (directive === "delete") return {};
  if (directive === "replace") return withoutDirectives(patch);
  if (directive !== undefined && directive !== "merge") throw new ValueError("patch", `Invalid value for $patch: ${JSON.stringify(directive)}`);
  const fields = message === undefined ? undefined : fieldsOf(message);
  let merged: Record<string, Json | undefined> = retained(target, patch);
  for (const [name, value] of Object.entries(patch)) {
    if (isDirective(name) || value === undefined) continue;
    if (value === null) delete merged[name];
    else set(merged, name, mergeValue(fields?.get(name), { target: Object.hasOwn(merged, name) ? merged[name] : undefined, patch: value, order: patch[setElementOrder + name], depth }));
  }
  merged = applyListDirectives(merged, patch, fields);
  return merged;
}

function set(object: Record<string, Json | undefined>, name: string, value: Json | undefined): void {
  if (value === undefined) delete object[name];
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** With `$retainKeys` only the keys it names stay, for unions such as a volume's source. */
function retained(target: JsonObject, patch: JsonObject): Record<string, Json | undefined> {
  const keys = patch.$retainKeys;
  if (keys === undefined) return { ...target };
  if (!Array.isArray(keys)) throw new ValueError("patch", "$retainKeys must be a list of field names");
  const outside = Object.keys(patch).find((name) => !isDirective(name) && patch[name] !== null && !keys.includes(name));
  if (outside !== undefined) throw new ValueError("patch", `$retainKeys does not name ${outside}, which the patch sets`);
  return Object.fromEntries(Object.entries(target).filter(([name]) => keys.includes(name)));
}

interface ValueMerge {
  readonly target: Json | undefined;
  readonly patch: Json;
  /** The `$setElementOrder` of a list. */
  readonly order: Json | undefined;
  readonly depth: number;
}

function mergeValue(field: Field | undefined, { target, patch, order, depth }: ValueMerge): Json | undefined {
  const shape = field === undefined ? undefined : shapeOfValue(field.type, patch);
  if (Array.isArray(patch)) return mergeList(field, { target, patch, order, depth });
  if (!isJsonObject(patch)) return patch;
  const strategy = field?.patchStrategy ?? "";
  if (strategy === "replace") return withoutDirectives(patch);
  const message = shape?.kind === "message" ? shape.message : undefined;
  if (patch.$patch === "delete") return undefined;
  return mergeObject(message, isJsonObject(target) ? target : {}, patch, depth + 1);
}

function mergeList(field: Field | undefined, { target, patch, order, depth }: ValueMerge & { readonly patch: readonly Json[] }): Json {
  const isMerged = field?.patchStrategy?.split(",").includes("merge") === true;
  const items = Array.isArray(target) ? target : [];
  const item = field === undefined ? undefined : shapeOf(field.type);
  const itemShape = item?.kind === "list" ? shapeOf(item.item) : undefined;
  if (patch.some((entry) => isJsonObject(entry) && entry.$patch === "replace") && field?.mergeKey !== undefined) {
    return patch.filter((entry) => !(isJsonObject(entry) && entry.$patch === "replace"));
  }
  if (!isMerged) return patch.map((entry) => (isJsonObject(entry) ? withoutDirectives(entry) : entry));
  if (field?.mergeKey === undefined) return mergePrimitiveList(items, patch, order);
  const message = itemShape?.kind === "message" ? itemShape.message : undefined;
  return mergeKeyedList({ items, patch, order, key: field.mergeKey, merge: (before, after) => mergeObject(message, before, after, depth + 1) });
}

/** Directives that stand beside a list the patch itself does not hold. */
function applyListDirectives(merged: Record<string, Json | undefined>, patch: JsonObject, fields: ReadonlyMap<string, Field> | undefined): Record<string, Json | undefined> {
  const result = merged;
  for (const [directive, value] of Object.entries(patch)) {
    if (directive.startsWith(deleteFromList)) {
      const name = directive.slice(deleteFromList.length);
      const list = result[name];
      if (!Array.isArray(value)) throw new ValueError("patch", `${directive} must be a list`);
      if (Array.isArray(list)) result[name] = list.filter((item: Json) => !value.some((gone: Json) => isEqual(gone, item)));
    } else if (directive.startsWith(setElementOrder)) {
      const name = directive.slice(setElementOrder.length);
      const list = result[name];
      if (patch[name] !== undefined || !Array.isArray(list)) continue;
      result[name] = mergeList(fields?.get(name), { target: list, patch: [], order: value, depth: 0 });
    }
  }
  return result;
}

function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name, member]) => !isDirective(name) && member !== null)
    .map(([name, member]) => [name, isJsonObject(member) ? withoutDirectives(member) : member]));
}
