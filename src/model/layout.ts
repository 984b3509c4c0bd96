import type { Json } from "../value/json.ts";
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
    const laid: FieldLayout = { name, field, type: typeLayoutOf(field.type), allowed: field.enum === undefined ? undefined : new Set<Json>(field.enum) };
    fields.set(name, laid);
    if (field.required === true) required.push(laid);
  }
  return layout;
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
