import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { additionalOf, itemsOf, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/**
 * A value with the defaults of its schema. Nulls where none is allowed take the default; a property without one goes. Changes nothing in place.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/defaulting/algorithm.go
 */
export function withDefaults(schema: Schema, value: Json): Json {
  if (isJsonObject(value)) return defaultObject(schema, value);
  if (!Array.isArray(value)) return value;
  const item = itemsOf(schema);
  if (item === undefined) return value;
  const items = value.map((member: Json) => withDefaults(item, isWrongNull(member, item) ? item.default ?? member : member));
  return items.every((member, index) => member === value[index]) ? value : items;
}

/** The same for an object. */
export function defaultObject(schema: Schema, value: JsonObject): JsonObject {
  let filled: Record<string, Json | undefined> | undefined;
  const set = (name: string, next: Json | undefined): void => {
    filled ??= { ...value };
    if (next === undefined) delete filled[name];
    else filled[name] = next;
  };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const member = value[name];
    if (member === undefined || isWrongNull(member, property)) set(name, property.default);
  }
  const additional = additionalOf(schema);
  for (const [name, member] of Object.entries(filled ?? value)) {
    if (member === undefined) continue;
    const declared = propertyOf(schema, name);
    const own = declared ?? additional;
    if (own === undefined) continue;
    if (isWrongNull(member, own)) {
      if (own.default !== undefined) set(name, withDefaults(own, own.default));
      // Only a declared property may vanish: a key of a map is what somebody wrote.
      else if (declared !== undefined) set(name, undefined);
      continue;
    }
    const next = withDefaults(own, member);
    if (next !== member) set(name, next);
  }
  return filled ?? value;
}

function isWrongNull(value: Json, schema: Schema): boolean {
  return value === null && schema.nullable !== true;
}
