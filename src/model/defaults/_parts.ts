import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";

/** An object with a changed spec; itself where it has none. */
export function withSpec(object: JsonObject, change: (spec: JsonObject) => JsonObject): JsonObject {
  return isJsonObject(object.spec) ? { ...object, spec: change(object.spec) } : object;
}
