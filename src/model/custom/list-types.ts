import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { printCanonicalJson } from "../../value/canonical-json.ts";
import { duplicate } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import { itemsOf, memberOf, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/**
 * Items that stand twice in lists that are sets or maps.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/listtype/validation.go
 */
export function checkListTypes(schema: Schema, value: Json, path = ""): readonly FieldError[] {
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, member]) => {
      const own = member === undefined ? undefined : memberOf(schema, name);
      const place = propertyOf(schema, name) === undefined ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
      return own === undefined || member === undefined ? [] : checkListTypes(own, member, place);
    });
  }
  if (!Array.isArray(value)) return [];
  const items = value as readonly Json[];
  const item = itemsOf(schema);
  return [
    ...duplicates(items, schema, item).map(([index, key]): FieldError => duplicate(`${path}[${index}]`, key)),
    ...(item === undefined ? [] : items.flatMap((member, index) => checkListTypes(item, member, `${path}[${index}]`))),
  ];
}

/** Index and key of every item that was there before. */
function duplicates(items: readonly Json[], schema: Schema, item: Schema | undefined): readonly (readonly [number, Json])[] {
  const type = schema["x-kubernetes-list-type"];
  if (type !== "set" && type !== "map") return [];
  const seen = new Set<string>();
  return items.flatMap((member, index): readonly (readonly [number, Json])[] => {
    const key = type === "set" ? member : keyOf(member, schema, item);
    if (key === undefined) return [];
    const text = printCanonicalJson(key);
    if (seen.has(text)) return [[index, key]];
    seen.add(text);
    return [];
  });
}

function keyOf(member: Json, schema: Schema, item: Schema | undefined): JsonObject | undefined {
  if (!isJsonObject(member)) return undefined;
  return Object.fromEntries((schema["x-kubernetes-list-map-keys"] ?? []).flatMap((name) => {
    const value = member[name] ?? (item === undefined ? undefined : propertyOf(item, name)?.default);
    return value === undefined ? [] : [[name, value] as const];
  }));
}
