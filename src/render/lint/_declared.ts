import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/** Where a value that a template names is not declared: the longest part of its path that is, and the keys beside the next. */
export interface Undeclared {
  readonly known: readonly string[];
  readonly missing: string;
  readonly siblings: readonly string[];
}

/** Undefined when a path is declared: by a value, by the schema, or below a map or scalar that is left open. */
export function findUndeclared(path: readonly string[], values: JsonObject, schema: JsonObject | undefined): Undeclared | undefined {
  let value: Json | undefined = values;
  let part: Json | undefined = schema;
  for (const [index, key] of path.entries()) {
    if (!isJsonObject(value) || (Object.keys(value).length === 0 && index > 0)) return undefined;
    const inner: Json | undefined = isJsonObject(part) ? propertyOf(part, key) : undefined;
    if (!Object.hasOwn(value, key)) {
      return inner !== undefined || (isJsonObject(part) && isJsonObject(part["additionalProperties"])) ? undefined : { known: path.slice(0, index), missing: key, siblings: Object.keys(value) };
    }
    value = value[key];
    part = inner;
  }
  return undefined;
}

function propertyOf(schema: JsonObject, key: string): Json | undefined {
  const { properties, patternProperties } = schema;
  if (isJsonObject(properties) && Object.hasOwn(properties, key)) return properties[key];
  if (!isJsonObject(patternProperties)) return undefined;
  return Object.entries(patternProperties).find(([pattern]) => new RegExp(pattern, "u").test(key))?.[1];
}
