import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { isCanonicalScalar } from "./canonical-scalars.ts";
import { isEmptyValue, layoutOf } from "./layout.ts";
import type { FieldLayout, MessageLayout, TypeLayout } from "./layout.ts";
import { scalarProblem } from "./scalar-problem.ts";

/**
 * One look at an object that answers yes or no. Nearly every object is right: the walks that say what is wrong, and where, need to run only after a no.
 * A yes is always true; a no means that the walk has to look, and it may find nothing.
 */

/** True when an object has no field its message lacks, none that is empty and better left out, and every value its field's type, written as it is stored. */
export function isWellTyped(message: string, value: JsonObject): boolean {
  return hasKnownFields(layoutOf(message), value);
}

function hasKnownFields({ fields }: MessageLayout, value: JsonObject): boolean {
  for (const name in value) {
    const member = value[name];
    const field = fields.get(name);
    if (field === undefined) return false;
    if (member !== undefined && member !== null && ((field.isLeftOutEmpty && isEmptyValue(member)) || !fits(field.type, member))) return false;
  }
  return true;
}

function fits(type: TypeLayout, value: Json): boolean {
  switch (type.kind) {
    case "scalar": return type.scalar === "string" ? typeof value === "string" : isCanonicalScalar(type.scalar, value) && scalarProblem(type.scalar, value) === undefined;
    case "message": return isJsonObject(value) && hasKnownFields(type.layout, value);
    case "list": {
      if (!Array.isArray(value)) return false;
      for (const item of value as readonly Json[]) if (item === null || !fits(type.item, item)) return false;
      return true;
    }
    case "map": {
      if (!isJsonObject(value)) return false;
      for (const key in value) {
        const item = value[key];
        if (item === null || (item !== undefined && !fits(type.item, item))) return false;
      }
      return true;
    }
    case "forms": return false;
  }
}

/** True when an object has known fields alone, each of its type, and keeps what the schema says beyond: required fields, closed sets, keys that stand once. */
export function isWithinSchema(message: string, value: JsonObject): boolean {
  return keepsSchema(layoutOf(message), value, keepsRootField);
}

function keepsRootField(field: FieldLayout, type: TypeLayout, value: Json): boolean {
  if (field.name !== "status" || type.kind !== "message" || type.layout.message.startsWith("capstan/")) return keepsField(field, type, value);
  return isJsonObject(value) && keepsStatus(type.layout, value);
}

function keepsSchema({ fields, required }: MessageLayout, value: JsonObject, keeps = keepsField): boolean {
  for (const { name } of required) {
    const member = value[name];
    if (member === undefined || member === null || member === "") return false;
  }
  for (const name in value) {
    const member = value[name];
    const field = fields.get(name);
    if (field === undefined || (member !== undefined && member !== null && !keeps(field, field.type, member))) return false;
  }
  return true;
}

/** Of a status only the types and the closed sets of its own fields count: its writers are controllers. */
function keepsStatus({ fields }: MessageLayout, status: JsonObject): boolean {
  for (const name in status) {
    const member = status[name];
    const field = fields.get(name);
    if (field === undefined || (member !== undefined && member !== null && !(field.type.kind === "scalar" ? keepsField(field, field.type, member) : fits(field.type, member)))) return false;
  }
  return true;
}

function keepsField(field: FieldLayout, type: TypeLayout, value: Json): boolean {
  switch (type.kind) {
    case "scalar": return fits(type, value) && (field.allowed === undefined || field.allowed.has(value));
    case "message": return isJsonObject(value) && keepsSchema(type.layout, value);
    case "list": return Array.isArray(value) && keepsItems(field, type.item, value);
    case "map": {
      if (!isJsonObject(value)) return false;
      for (const key in value) {
        const item = value[key];
        // The closed set of a field says nothing of the values of its map.
        if (item === null || (item !== undefined && !(type.item.kind === "scalar" ? fits(type.item, item) : keepsField(field, type.item, item)))) return false;
      }
      return true;
    }
    case "forms": return false;
  }
}

function keepsItems(field: FieldLayout, type: TypeLayout, items: readonly Json[]): boolean {
  for (const item of items) if (item === null || !keepsField(field, type, item)) return false;
  const { listType, listMapKeys } = field.field;
  if (items.length < 2 || listType !== "map" || listMapKeys?.length !== 1) return true;
  return hasDistinctKeys(listMapKeys[0] ?? "", items);
}

function hasDistinctKeys(key: string, items: readonly Json[]): boolean {
  const seen = new Set<Json | undefined>();
  for (const item of items) seen.add(isJsonObject(item) ? item[key] : undefined);
  return seen.size === items.length;
}
