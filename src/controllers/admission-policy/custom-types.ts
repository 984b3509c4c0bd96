import { celMemberType, celNameOf } from "../../model/custom/cel-values.ts";
import { additionalOf, isEmbedded, isIntOrString, itemsOf, keepsUnknown } from "../../model/custom/schema-parts.ts";
import type { Schema } from "../../model/custom/schema-parts.ts";
import type { CelTypes } from "../../value/cel/type-check.ts";

/** An object schema that is still to be made a type. */
interface OpenType {
  readonly name: string;
  readonly schema: Schema;
  readonly isResource: boolean;
}

/**
 * What the objects of a definition are made of, as types of CEL; the first is called `name`. Pure.
 *
 * A policy sees such objects as they are sent: numbers may be whole, dates are texts. What a schema leaves open may be of any type.
 *
 * @param metadata the type of `metadata`
 * @param words the words of the expressions that are checked, as for kinds that have a message
 * @see kubernetes apiserver pkg/cel/common/schemas.go SchemaDeclType
 */
export function celTypesOfSchema(schema: Schema, { name, metadata, words }: { readonly name: string; readonly metadata: string; readonly words: ReadonlySet<string> }): CelTypes {
  const types = new Map<string, Readonly<Record<string, string>>>();
  const open: OpenType[] = [{ name, schema, isResource: true }];
  let made = 0;
  const typeOf = (part: Schema): string => {
    if (part.nullable === true || isIntOrString(part) || keepsUnknown(part)) return "dyn";
    const item = part.type === "array" ? itemsOf(part) : part.type === "object" ? additionalOf(part) : undefined;
    if (part.type === "array") return `list<${item === undefined ? "dyn" : celMemberType(typeOf(item))}>`;
    if (item !== undefined) return `map<string, ${celMemberType(typeOf(item))}>`;
    if (part.type !== "object" || part.properties === undefined) return part.format === undefined ? scalars[part.type ?? ""] ?? "dyn" : "dyn";
    const own = `${name}.part${++made}`;
    open.push({ name: own, schema: part, isResource: isEmbedded(part) });
    return own;
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const fields = Object.entries(next.schema.properties ?? {}).flatMap(([field, part]) => {
      const known = celNameOf(field);
      const type = words.has(field) || (known !== undefined && words.has(known)) ? typeOf(part) : "dyn";
      return [[field, type], ...(known === undefined ? [] : [[known, type]])] as const;
    });
    types.set(next.name, { ...Object.fromEntries(fields), ...(next.isResource ? { apiVersion: "string", kind: "string", metadata } : {}) });
  }
  return types;
}

/** What is not here may be of several types when a policy sees it. */
const scalars: Readonly<Record<string, string>> = { string: "string", boolean: "bool", integer: "int" };
