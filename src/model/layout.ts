import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { fieldsOf, formsOf, shapeOf } from "./schema.ts";
import type { Field } from "./schema.ts";

/** A field's type with what it is made of resolved, so that a walk takes no names apart and looks none up. */
export type TypeLayout =
  | { readonly kind: "scalar"; readonly scalar: string }
  | { readonly kind: "message"; readonly layout: MessageLayout }
  | { readonly kind: "list"; readonly item: TypeLayout }
  | { readonly kind: "map"; readonly item: TypeLayout }
  /** A message whose JSON is no object with fields: what it is depends on the value. */
  | { readonly kind: "forms"; readonly message: string };

/** One field of a message as walks need it. */
export interface FieldLayout {
  readonly name: string;
  readonly field: Field;
  readonly type: TypeLayout;
  /** The only texts allowed. */
  readonly allowed: ReadonlySet<Json> | undefined;
  /** An empty value is as good as none, and is not kept: what Go's `omitempty` leaves out. */
  readonly isLeftOutEmpty: boolean;
}

/** A message with its inlined fields, laid out once. */
export interface MessageLayout {
  readonly message: string;
  readonly fields: ReadonlyMap<string, FieldLayout>;
  /** Those a value must have. */
  readonly required: readonly FieldLayout[];
}

const layouts = new Map<string, MessageLayout>();

/** The layout of a message, made when it is first asked for. Throws for an unknown name. */
export function layoutOf(message: string): MessageLayout {
  const known = layouts.get(message);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldLayout>();
  const required: FieldLayout[] = [];
  const layout: MessageLayout = { message, fields, required };
  // Known before its fields are: messages hold themselves.
  layouts.set(message, layout);
  for (const [name, field] of fieldsOf(message)) {
    const laid: FieldLayout = { name, field, type: typeLayoutOf(field.type), allowed: field.enum === undefined ? undefined : new Set<Json>(field.enum), isLeftOutEmpty: isLeftOutEmpty(message, field) };
    fields.set(name, laid);
    if (field.required === true) required.push(laid);
  }
  return layout;
}

/** Scalars that Go has as plain values or slices; the others are structs, which `omitempty` always writes. */
const plainScalars: ReadonlySet<string> = new Set(["string", "bool", "int32", "int64", "double", "bytes"]);

/** True for a field whose empty list, map, text, zero or no upstream's types do not tell from an absent one. Our own kinds' do. */
function isLeftOutEmpty(message: string, { type, always, pointer }: Field): boolean {
  if (always === true || pointer === true || message.startsWith("capstan/")) return false;
  const shape = shapeOf(type);
  return shape.kind === "list" || shape.kind === "map" || (shape.kind === "scalar" && plainScalars.has(shape.scalar));
}

/** True for what a field that is left out when it is empty is left out with. */
export function isEmptyValue(value: Json): boolean {
  if (isJsonObject(value)) return hasNoMembers(value);
  return Array.isArray(value) ? value.length === 0 : value === "" || value === 0 || value === false;
}

function hasNoMembers(value: JsonObject): boolean {
  for (const _name in value) return false;
  return true;
}

/** The layout of a type such as `list<core/v1.Container>`. */
export function typeLayoutOf(type: string): TypeLayout {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "scalar": return shape;
    case "list": return { kind: "list", item: typeLayoutOf(shape.item) };
    case "map": return { kind: "map", item: typeLayoutOf(shape.item) };
    case "message": return formsOf(shape.message) === undefined ? new LazyMessage(shape.message) : { kind: "forms", message: shape.message };
  }
}

/** A message below another: laid out when a value of it is first met, for most never are. */
class LazyMessage {
  readonly kind = "message";
  readonly #message: string;
  #layout: MessageLayout | undefined;

  constructor(message: string) {
    this.#message = message;
  }

  get layout(): MessageLayout {
    this.#layout ??= layoutOf(this.#message);
    return this.#layout;
  }
}
