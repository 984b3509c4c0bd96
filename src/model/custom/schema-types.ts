import type { CelTypes } from "../../value/cel/type-check.ts";
import { celMemberType, celNameOf } from "./cel-values.ts";
import { additionalOf, isEmbedded, isIntOrString, itemsOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** How the values of a schema are seen: rules see them typed, policies as they were sent. */
export interface CelView {
  /** The name of an object's type, by the place in which it is met: 0 is the outermost. */
  readonly nameOf: (index: number) => string;
  /** The type of what is neither an object nor a list. */
  readonly scalarOf: (schema: Schema) => string;
  /** The names by which a field can be asked for. */
  readonly namesOf: (field: string) => readonly string[];
  /** True for an object that has more fields than its schema names: it may be of any type. */
  readonly isOpen: (schema: Schema) => boolean;
  /** The type of a resource's `metadata`. */
  readonly metadata: string;
  /** Fields that none of these words names may be of any type; all are looked at where it is absent. */
  readonly words?: ReadonlySet<string>;
  /** Deeper objects may be of any type. */
  readonly depthMax?: number;
}

/** A schema as a type of CEL, and the objects with named fields that are in it. */
export interface SchemaTypes {
  readonly type: string;
  readonly types: CelTypes;
}

/** A part of a schema: how deep it is, and whether it is a whole resource. */
interface Place {
  readonly depth: number;
  readonly isResource: boolean;
}

/**
 * What the values of a schema are made of, as types of CEL. What it leaves open may be of any type. Pure.
 *
 * @param isResource true for the schema of a whole resource, and for an embedded one
 * @see kubernetes apiserver pkg/cel/common/schemas.go SchemaDeclType
 */
export function celTypesOfSchema(schema: Schema, view: CelView, { isResource = isEmbedded(schema) }: { readonly isResource?: boolean } = {}): SchemaTypes {
  const types = new Map<string, Readonly<Record<string, string>>>();
  return { type: new Walk(view, types).typeOf(schema, { depth: 0, isResource }), types };
}

class Walk {
  readonly #view: CelView;
  readonly #types: Map<string, Readonly<Record<string, string>>>;

  constructor(view: CelView, types: Map<string, Readonly<Record<string, string>>>) {
    this.#view = view;
    this.#types = types;
  }

  typeOf(schema: Schema, place: Place): string {
    const { depthMax = Infinity, isOpen, scalarOf } = this.#view;
    if (schema.nullable === true || isIntOrString(schema) || isOpen(schema) || place.depth > depthMax) return "dyn";
    if (schema.type === "array") return `list<${this.#memberOf(itemsOf(schema), place)}>`;
    if (schema.type !== "object") return scalarOf(schema);
    const additional = additionalOf(schema);
    if (additional !== undefined) return `map<string, ${this.#memberOf(additional, place)}>`;
    // Of an object without named fields nothing is known that is worth a type.
    return schema.properties === undefined && !place.isResource ? "dyn" : this.#object(schema, place);
  }

  #memberOf(schema: Schema | undefined, { depth }: Place): string {
    return schema === undefined ? "dyn" : celMemberType(this.typeOf(schema, { depth: depth + 1, isResource: isEmbedded(schema) }));
  }

  #object({ properties = {} }: Schema, { depth, isResource }: Place): string {
    const { nameOf, namesOf, metadata, words } = this.#view;
    const name = nameOf(this.#types.size);
    // Its place is taken before its parts are met.
    this.#types.set(name, {});
    const fields = Object.entries(properties).flatMap(([field, part]) => {
      const names = namesOf(field);
      const isNamed = words === undefined ? names.length > 0 : names.some((known) => words.has(known));
      const type = isNamed ? this.typeOf(part, { depth: depth + 1, isResource: isEmbedded(part) }) : "dyn";
      return names.map((known) => [known, type] as const);
    });
    this.#types.set(name, { ...Object.fromEntries(fields), ...(isResource ? { apiVersion: "string", kind: "string", metadata } : {}) });
    return name;
  }
}

const scalars: Readonly<Record<string, string>> = { string: "string", boolean: "bool", integer: "int" };

/** A value as it was sent: numbers may be whole, and texts with a format may be read as something else. */
export function sentScalarOf({ type = "", format }: Schema): string {
  return format === undefined ? scalars[type] ?? "dyn" : "dyn";
}

/** A field by its own name, and by that CEL can write where it is another. */
export function bothNamesOf(field: string): readonly string[] {
  const known = celNameOf(field);
  return known === undefined || known === field ? [field] : [field, known];
}

/** A field by the name CEL can write, if there is one. */
export function writtenNamesOf(field: string): readonly string[] {
  const known = celNameOf(field);
  return known === undefined ? [] : [known];
}
