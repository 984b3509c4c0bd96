import { parseFieldPath, readField, withField } from "../value/field-path.ts";
import type { FieldPath } from "../value/field-path.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { isQuantity, parseQuantity, printQuantity } from "../value/quantity.ts";
import { handDefaults } from "./defaults/by-hand.ts";
import type { Kind } from "./kind.ts";
import type { ApiObject } from "./object.ts";
import { fieldsOf, findMessage, isInline, shapeOf, shapeOfValue } from "./schema.ts";
import type { Field, ServerDefault } from "./schema.ts";

/**
 * Fills in what the server fills in: declared defaults, server defaults, canonical quantities, and `metadata`, `spec` and `status` of the root.
 * Nulls are left out, as Go reads them. Expects an object whose types are right (`checkTypes`); changes nothing in place.
 */
export function applyDefaults<T extends ApiObject>(kind: Kind<T>, object: T): T {
  if (kind.schema !== undefined) return kind.schema.complete(object as unknown as JsonObject) as unknown as T;
  return fillRoot(kind.message, object as unknown as JsonObject) as unknown as T;
}

function fillRoot(message: string, value: JsonObject): JsonObject {
  const filled: Record<string, Json | undefined> = { ...value };
  for (const [name, field] of fieldsOf(message)) {
    if (field.pointer !== true && shapeOf(field.type).kind === "message") filled[name] ??= {};
  }
  return fillMessage(message, filled);
}

function fillMessage(message: string, value: JsonObject): JsonObject {
  const plan = planOf(message);
  let filled: Record<string, Json | undefined> = {};
  for (const [name, member] of Object.entries(value)) if (member !== null && member !== undefined) filled[name] = member;
  for (const [name, field] of plan.declared) if (isUnset(filled[name], field)) filled[name] = field.default;
  for (const { path, field, value: fixed, from } of plan.mechanical) {
    if (!isUnset(readField(filled, path), field)) continue;
    const source = from === undefined ? fixed : readField(filled, from);
    if (source !== undefined) filled = { ...(withField(filled, path, source) as JsonObject) };
  }
  for (const inner of [message, ...plan.inlined]) filled = { ...(handDefaults[inner]?.(filled) ?? filled) };
  for (const name of Object.keys(filled)) {
    const field = plan.fields.get(name);
    const member = filled[name];
    if (field !== undefined && member !== undefined) filled[name] = fillValue(field.type, member);
  }
  return filled;
}

function fillValue(type: string, value: Json): Json {
  const shape = shapeOfValue(type, value);
  switch (shape.kind) {
    case "message": return isJsonObject(value) ? fillMessage(shape.message, value) : value;
    case "list": return Array.isArray(value) && needsFilling(shape.item) ? value.map((item: Json) => fillValue(shape.item, item)) : value;
    case "map": {
      if (!isJsonObject(value) || !needsFilling(shape.item)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillValue(shape.item, item ?? null)]));
    }
    case "scalar": return shape.scalar === "quantity" && (typeof value === "string" || typeof value === "number") && isQuantity(value) ? printQuantity(parseQuantity(value)) : value;
  }
}

function needsFilling(type: string): boolean {
  return type === "quantity" || shapeOf(type).kind !== "scalar";
}

/** Go cannot tell zero from absent unless the field is a pointer. */
function isUnset(value: Json | undefined, field: Field | undefined): boolean {
  return value === undefined || (field?.pointer !== true && (value === "" || value === 0));
}

interface MechanicalDefault {
  readonly path: FieldPath;
  readonly field: Field | undefined;
  readonly value?: Json;
  readonly from?: FieldPath;
}

interface DefaultPlan {
  readonly fields: ReadonlyMap<string, Field>;
  readonly inlined: readonly string[];
  readonly declared: readonly (readonly [string, Field])[];
  readonly mechanical: readonly MechanicalDefault[];
}

const plans = new Map<string, DefaultPlan>();

function planOf(message: string): DefaultPlan {
  const known = plans.get(message);
  if (known !== undefined) return known;
  const fields = fieldsOf(message);
  const inlined = Object.values(findMessage(message)?.fields ?? {}).flatMap((field) => (isInline(field) ? [field.inline] : []));
  const mechanical = [message, ...inlined].flatMap((name) => Object.entries(findMessage(name)?.defaults ?? {}).flatMap(([path, rule]) => mechanicalOf(name, path, rule)));
  const plan = { fields, inlined, declared: [...fields].filter(([, field]) => field.default !== undefined), mechanical };
  plans.set(message, plan);
  return plan;
}

/** A rule without condition and list items on its way is applied as data; the others stand in `defaults/`. */
function mechanicalOf(message: string, path: string, rule: ServerDefault | readonly ServerDefault[]): readonly MechanicalDefault[] {
  if (Array.isArray(rule) || path.includes("[]")) return [];
  const { value, from, when, per, transform } = rule as ServerDefault;
  if (when !== undefined || per !== undefined || transform !== undefined) return [];
  const place = { path: parseFieldPath(path), field: fieldAt(message, path) };
  if (value !== undefined) return [{ ...place, value }];
  return from === undefined ? [] : [{ ...place, from: parseFieldPath(from) }];
}

function fieldAt(message: string, path: string): Field | undefined {
  const [first = "", ...rest] = path.split(".");
  const field = fieldsOf(message).get(first);
  if (field === undefined || rest.length === 0) return field;
  const shape = shapeOf(field.type);
  return shape.kind === "message" ? fieldAt(shape.message, rest.join(".")) : undefined;
}
