import { isJsonObject, withoutMember } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { Kind } from "./kind.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";

/** A body without the fields its kind does not have, and the paths of those, `spec.foo`, `spec.containers[0].bar`. */
export interface PrunedFields {
  readonly object: JsonObject;
  readonly unknown: readonly string[];
}

/** Takes unknown fields out of what a client sent, as decoding does upstream. Changes nothing in place. */
export function pruneUnknownFields(kind: Pick<Kind, "message" | "schema">, body: JsonObject): PrunedFields {
  if (kind.schema !== undefined) return kind.schema.prune(body);
  const unknown: string[] = [];
  return { object: pruneMessage(kind.message, body, { path: "", unknown }), unknown };
}

/** The same for the value of one field, whose message is known; its unknown fields are added to `unknown`. */
export function pruneUnknownIn(message: string, value: JsonObject, state: PruneState): JsonObject {
  return pruneMessage(message, value, state);
}

/** Upstream's text of an unknown field: in a warning as it is, after `strict decoding error: ` when refused. */
export function printUnknownField(path: string): string {
  return `unknown field "${path}"`;
}

/** The same of a field that stands twice. */
export function printRepeatedField(path: string): string {
  return `duplicate field ${JSON.stringify(path)}`;
}

/** Where pruning is, and what it found. */
export interface PruneState {
  readonly path: string;
  readonly unknown: string[];
}

function pruneMessage(message: string, value: JsonObject, { path, unknown }: PruneState): JsonObject {
  const fields = fieldsOf(message);
  let pruned: Record<string, Json | undefined> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    const at = path === "" ? name : `${path}.${name}`;
    if (field === undefined) {
      unknown.push(at);
      pruned = withoutMember(pruned ?? value, name);
    } else if (member !== undefined) {
      const next = pruneValue(field.type, member, { path: at, unknown });
      if (next !== member) {
        pruned ??= { ...value };
        pruned[name] = next;
      }
    }
  }
  return pruned ?? value;
}

function pruneValue(type: string, value: Json, state: PruneState): Json {
  const shape = shapeOfValue(type, value);
  if (shape.kind === "message") return isJsonObject(value) ? pruneMessage(shape.message, value, state) : value;
  if (shape.kind === "scalar" || shapeOf(shape.item).kind === "scalar") return value;
  if (shape.kind === "list" && Array.isArray(value)) {
    const items = value.map((item: Json, index) => pruneValue(shape.item, item, { ...state, path: `${state.path}[${index}]` }));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (shape.kind === "map" && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item === undefined ? item : pruneValue(shape.item, item, { ...state, path: `${state.path}.${key}` })]));
  }
  return value;
}
