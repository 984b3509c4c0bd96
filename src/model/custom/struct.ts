import type { Atom, StructAtom, StructField } from "../managed-fields/atom.ts";
import { keyFieldsOf, structOf } from "../managed-fields/atom.ts";
import type { Json } from "../../value/json.ts";
import { additionalOf, isEmbedded, itemsOf, keepsUnknown, metadataMessage, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

const leaf: Atom = { kind: "leaf" };

/** What no schema describes: objects are owned by their members, lists whole. */
const undescribed: Atom = { kind: "map", get item() { return undescribed; } };

/**
 * What a resource's fields are to server-side apply, from its schema.
 *
 * @see kubernetes apiextensions-apiserver pkg/controller/openapi/builder, and structured-merge-diff schema/elements.go
 */
export function structOfResource(schema: Schema): StructAtom {
  return structOfSchema(schema, true);
}

function structOfSchema(schema: Schema, isResource: boolean): StructAtom {
  const resolved = new Map<string, StructField>();
  return {
    kind: "struct",
    field(name) {
      const known = resolved.get(name);
      if (known !== undefined) return known;
      const atom = (isResource ? atomOfResourceField(name) : undefined) ?? atomOfMember(schema, name);
      if (atom === undefined) return undefined;
      const made = { name, element: `f:${name}`, atom, zero: undefined };
      resolved.set(name, made);
      return made;
    },
    printed: () => [],
  };
}

function atomOfResourceField(name: string): Atom | undefined {
  if (name === "metadata") return structOf(metadataMessage);
  return name === "apiVersion" || name === "kind" ? leaf : undefined;
}

function atomOfMember(schema: Schema, name: string): Atom | undefined {
  const declared = propertyOf(schema, name);
  if (declared !== undefined) return atomOfSchema(declared);
  return keepsUnknown(schema) ? undescribed : undefined;
}

function atomOfSchema(schema: Schema): Atom {
  if (schema["x-kubernetes-map-type"] === "atomic") return leaf;
  switch (schema.type) {
    case "object": return atomOfObject(schema);
    case "array": return atomOfList(schema);
    case undefined: return keepsUnknown(schema) ? undescribed : leaf;
    default: return leaf;
  }
}

function atomOfObject(schema: Schema): Atom {
  const additional = additionalOf(schema);
  if (additional !== undefined) return { kind: "map", item: atomOfSchema(additional) };
  if (schema.properties === undefined && !isEmbedded(schema)) return undescribed;
  return structOfSchema(schema, isEmbedded(schema));
}

function atomOfList(schema: Schema): Atom {
  const item = itemsOf(schema);
  switch (schema["x-kubernetes-list-type"]) {
    case "set": return { kind: "set" };
    case "map": {
      const keys = keyFieldsOf(schema["x-kubernetes-list-map-keys"] ?? [], (name) => defaultOfKey(item, name));
      return { kind: "list", keys, item: item === undefined ? undescribed : atomOfSchema(item) };
    }
    case undefined: default: return leaf;
  }
}

function defaultOfKey(item: Schema | undefined, name: string): Json | undefined {
  return item === undefined ? undefined : propertyOf(item, name)?.default;
}
