import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/** An object with a changed spec; itself where it has none. */
export function withSpec(object: JsonObject, change: (spec: JsonObject) => JsonObject): JsonObject {
  return isJsonObject(object.spec) ? { ...object, spec: change(object.spec) } : object;
}

/** True for what Go has in a field that nobody set. */
export function isUnset(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "" || value === 0;
}
