import { parseFieldPath, readField, withField } from "../value/field-path.ts";
import type { FieldPath } from "../value/field-path.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { canonicalQuantity, isQuantity } from "../value/quantity.ts";
import { handDefaults } from "./defaults/by-hand.ts";
import type { Kind } from "./kind.ts";
import { isEmptyValue, layoutOf, typeLayoutOf } from "./layout.ts";
import type { TypeLayout } from "./layout.ts";
import type { ApiObject } from "./object.ts";
import { fieldsOf, findMessage, formsOf, isInline, shapeOf, shapeOfValue } from "./schema.ts";
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
  return fillMessage(planOf(message), filled);
}

function fillMessage(plan: DefaultPlan, value: JsonObject): JsonObject {
  const declared = fillDeclared(plan, value);
  let filled = declared;
  for (const fill of plan.byHand) filled = fill(filled);
  // What is not one's own yet belongs to whoever gave it.
  let own: Record<string, Json | undefined> | undefined = filled === declared && declared !== value ? declared : undefined;
  for (const name in filled) {
    const filler = plan.fillers.get(name);
    const member = filled[name];
    if (filler === undefined || member === undefined) continue;
    const next = filler(member);
    if (next === member) continue;
    own ??= { ...filled };
    own[name] = next;
  }
  return own ?? filled;
}

/** The value without nulls and with the defaults that are data; a copy where that changes anything. */
function fillDeclared({ printed, declared, mechanical }: DefaultPlan, value: JsonObject): Record<string, Json | undefined> {
  let filled: Record<string, Json | undefined> = hasNulls(value) ? withoutNulls(value) : value;
  const change = (): Record<string, Json | undefined> => (filled === value ? filled = { ...value } : filled);
  for (const [name, empty] of printed) if (filled[name] === undefined) change()[name] = empty;
  for (const [name, field] of declared) if (isUnset(filled[name], field)) change()[name] = field.default;
  for (const { path, field, value: fixed, from } of mechanical) {
    const [first] = path;
    const isHere = path.length === 1 && typeof first === "string";
    if (!isUnset(isHere ? filled[first] : readField(filled, path), field)) continue;
    const source = from === undefined ? fixed : readField(filled, from);
    if (source === undefined) continue;
    if (isHere) change()[first] = source;
    else filled = { ...(withField(filled, path, source) as JsonObject) };
  }
  return filled;
}

function hasNulls(value: JsonObject): boolean {
  for (const name in value) if (value[name] === null || value[name] === undefined) return true;
  return false;
}

function withoutNulls(value: JsonObject): Record<string, Json | undefined> {
  const left: Record<string, Json | undefined> = {};
  for (const name in value) {
    const member = value[name];
    if (member !== null && member !== undefined) left[name] = member;
  }
  return left;
}

/** How a value of one type is filled; undefined for types nothing is filled in. */
type Filler = (value: Json) => Json;

function fillerOf(type: TypeLayout): Filler | undefined {
  switch (type.kind) {
    case "scalar": return type.scalar === "quantity" ? fillQuantity : undefined;
    case "message": {
      let plan: DefaultPlan | undefined;
      return (value) => (isJsonObject(value) ? fillMessage(plan ??= planOf(type.layout.message), value) : value);
    }
    case "list": {
      const fill = fillerOf(type.item);
      return fill === undefined ? undefined : (value) => (Array.isArray(value) ? value.map((item: Json) => fill(item)) : value);
    }
    case "map": {
      const fill = fillerOf(type.item);
      return fill === undefined ? undefined : (value) => (isJsonObject(value) ? fillMap(value, fill) : value);
    }
    case "forms": return (value) => fillForm(type.message, value);
  }
}

function fillMap(value: JsonObject, fill: Filler): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item ?? null)]));
}

function fillQuantity(value: Json): Json {
  return (typeof value === "string" || typeof value === "number") && isQuantity(value) ? canonicalQuantity(value) : value;
}

/** The form of a value decides what it is made of, as the schema of a definition's object does. */
function fillForm(message: string, value: Json): Json {
  const shape = shapeOfValue(message, value);
  if (shape.kind === "message" && shape.message === message) return isJsonObject(value) ? fillMessage(planOf(message), value) : value;
  return fillerOf(shape.kind === "list" ? { kind: "list", item: typeLayoutOf(shape.item) } : shape.kind === "map" ? { kind: "map", item: typeLayoutOf(shape.item) }
    : shape.kind === "message" ? typeLayoutOf(shape.message) : shape)?.(value) ?? value;
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
  /** What upstream's Go types print where nothing is said. */
  readonly printed: readonly (readonly [string, Json])[];
  readonly fillers: ReadonlyMap<string, Filler>;
  readonly byHand: readonly ((value: JsonObject) => JsonObject)[];
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
  const fillers = new Map<string, Filler>();
  const layout = layoutOf(message).fields;
  for (const [name, { type }] of layout) {
    const filler = fillerOf(type);
    if (filler !== undefined) fillers.set(name, filler);
  }
  const byHand = [message, ...inlined].flatMap((name) => handDefaults[name] ?? []);
  // A default that would be left out again is one for readers of the schema alone.
  const declared = [...fields].filter(([name, { default: value }]) => value !== undefined && !(layout.get(name)?.isLeftOutEmpty === true && isEmptyValue(value)));
  const plan = { printed: printedOf(message), fillers, byHand, declared, mechanical };
  plans.set(message, plan);
  return plan;
}

const statusName = /Status$/;
const emptyObject: JsonObject = Object.freeze({});

/** Structs that are no pointers; and in the status of an object, which starts with nothing said, numbers and truths too. What has to be said is not made up. */
function printedOf(message: string): readonly (readonly [string, Json])[] {
  if (message.startsWith("capstan/")) return [];
  return [...fieldsOf(message)].flatMap(([name, { type, pointer, required, always }]): readonly (readonly [string, Json])[] => {
    if (pointer === true || message.startsWith("meta/")) return [];
    const shape = shapeOf(type);
    if (shape.kind === "message") return required === true || !mayBeEmpty(shape.message) ? [] : [[name, emptyObject]];
    if (always !== true || shape.kind !== "scalar" || !statusName.test(message)) return [];
    return shape.scalar === "bool" ? [[name, false]] : shape.scalar === "int32" ? [[name, 0]] : [];
  });
}

function mayBeEmpty(message: string): boolean {
  return formsOf(message) === undefined && ![...fieldsOf(message).values()].some((field) => field.required === true);
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
