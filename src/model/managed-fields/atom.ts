import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { fieldsOf, findMessage, formsOf, shapeOf } from "../schema.ts";
import type { Field } from "../schema.ts";
import type { Kind } from "../kind.ts";
import { valueElement } from "./field-set.ts";

/**
 * What a value is to server-side apply: something owned whole (`leaf`: scalars, atomic lists, maps and structs, free-form JSON), or something whose
 * parts have owners of their own.
 *
 * @see sigs.k8s.io/structured-merge-diff schema/elements.go
 */
export type Atom =
  | { readonly kind: "leaf" }
  | StructAtom
  | { readonly kind: "map"; readonly item: Atom }
  | ListAtom
  | { readonly kind: "set" };

/** An object with the fields of a message. */
export interface StructAtom {
  readonly kind: "struct";
  /** The field of a name; undefined for a name the schema does not have. */
  field(name: string): StructField | undefined;
  /** Fields that upstream's Go types print even where they are not set. */
  printed(): readonly StructField[];
}

/** What an object is made of: the message of a kind, or the struct that stands for one. */
export type Structure = string | StructAtom;

/** What a kind's objects are made of. */
export function structureOf(kind: Pick<Kind, "message" | "schema">): Structure {
  return kind.schema?.struct ?? kind.message;
}

/** One field of a struct. */
export interface StructField {
  readonly name: string;
  /** `f:NAME`. */
  readonly element: string;
  readonly atom: Atom;
  /** What upstream's Go types print for it when it is not set; undefined for nothing. */
  readonly zero: Json | undefined;
}

/** A list whose items are told apart by key fields. */
export interface ListAtom {
  readonly kind: "list";
  /** In the order in which an element names them. */
  readonly keys: readonly KeyField[];
  readonly item: Atom;
}

/** One field of the key. */
export interface KeyField {
  readonly name: string;
  /** `"NAME":`. */
  readonly element: string;
  readonly default: Json | undefined;
}

/** The key fields of these names, ordered as `keyElement` orders them. */
export function keyFieldsOf(names: readonly string[], defaultOf: (name: string) => Json | undefined): readonly KeyField[] {
  const ordered = Object.keys(Object.fromEntries(names.toSorted().map((name) => [name, 0])));
  return ordered.map((name) => ({ name, element: `${JSON.stringify(name)}:`, default: defaultOf(name) }));
}

const leaf: Atom = { kind: "leaf" };
const set: Atom = { kind: "set" };
const structs = new Map<string, StructAtom>();

/** The atom of a message, whatever it says of itself: the root of an object is never atomic. */
export function structOf(message: Structure): StructAtom {
  if (typeof message !== "string") return message;
  const known = structs.get(message);
  if (known !== undefined) return known;
  const fields = fieldsOf(message);
  const resolved = new Map<string, StructField>();
  let printed: readonly StructField[] | undefined;
  const struct: StructAtom = {
    kind: "struct",
    field(name) {
      const found = resolved.get(name);
      if (found !== undefined) return found;
      const field = fields.get(name);
      if (field === undefined) return undefined;
      const made = { name, element: `f:${name}`, atom: atomOfField(field), zero: zeroOf(field) };
      resolved.set(name, made);
      return made;
    },
    printed() {
      printed ??= [...fields.keys()].flatMap((name) => struct.field(name) ?? []).filter((field) => field.zero !== undefined);
      return printed;
    },
  };
  structs.set(message, struct);
  return struct;
}

function atomOfField(field: Field): Atom {
  const shape = shapeOf(field.type);
  switch (shape.kind) {
    case "scalar": return leaf;
    case "message": return atomOfMessage(shape.message, field.structType);
    case "map": return field.mapType === "atomic" ? leaf : { kind: "map", item: atomOfType(shape.item) };
    case "list": return atomOfList(field, shape.item);
  }
}

function atomOfList(field: Field, item: string): Atom {
  if (field.listType === "set") return set;
  if (field.listType !== "map") return leaf;
  const shape = shapeOf(item);
  const fields = shape.kind === "message" ? fieldsOf(shape.message) : undefined;
  const keys = keyFieldsOf(field.listMapKeys ?? [], (name) => fields?.get(name)?.default);
  return { kind: "list", keys, item: atomOfType(item) };
}

function atomOfType(type: string): Atom {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "message": return atomOfMessage(shape.message);
    case "map": return { kind: "map", item: atomOfType(shape.item) };
    case "list": case "scalar": return leaf;
  }
}

function atomOfMessage(message: string, structType = findMessage(message)?.structType): Atom {
  // What JSON does not write as an object has no fields to own.
  return structType === "atomic" || formsOf(message) !== undefined ? leaf : structOf(message);
}

/** Go prints structs that are no pointers, and what is marked so. */
function zeroOf(field: Field): Json | undefined {
  if (field.pointer === true) return undefined;
  const shape = shapeOf(field.type);
  if (shape.kind === "message") return emptyObject;
  if (field.always !== true) return undefined;
  if (shape.kind === "list") return emptyList;
  if (shape.kind === "map") return emptyObject;
  switch (shape.scalar) {
    case "string": return "";
    case "int32": case "int64": case "double": return 0;
    case "bool": return false;
    default: return undefined;
  }
}

const emptyObject: JsonObject = Object.freeze({});
const emptyList: readonly Json[] = Object.freeze([]);

/** The atom below an element of a set. */
export function atomBelow(atom: Atom, element: string): Atom {
  switch (atom.kind) {
    case "struct": return atom.field(element.slice(2))?.atom ?? leaf;
    case "map": case "list": return atom.item;
    case "leaf": case "set": return leaf;
  }
}

/** The element of one item of a list; a key the item lacks takes its default, or is left out. */
export function elementOfItem(atom: ListAtom | { readonly kind: "set" }, item: Json): string {
  if (atom.kind === "set") return valueElement(item);
  let key = "";
  for (const { name, element, default: fallback } of atom.keys) {
    const value = (isJsonObject(item) ? item[name] : undefined) ?? fallback;
    if (value !== undefined) key += `${key === "" ? "" : ","}${element}${JSON.stringify(value)}`;
  }
  return `k:{${key}}`;
}

/** Items by element, in order; what stands twice is there twice. */
export function indexItems(atom: ListAtom | { readonly kind: "set" }, items: readonly Json[]): ReadonlyMap<string, readonly Json[]> {
  const index = new Map<string, Json[]>();
  for (const item of items) {
    const element = elementOfItem(atom, item);
    const known = index.get(element);
    if (known === undefined) index.set(element, [item]);
    else known.push(item);
  }
  return index;
}
