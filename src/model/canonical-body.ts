import { isJsonObject, withoutMember } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { canonicalScalar } from "./canonical-scalars.ts";
import type { Kind } from "./kind.ts";
import { isEmptyValue, layoutOf, typeLayoutOf } from "./layout.ts";
import type { MessageLayout, TypeLayout } from "./layout.ts";
import { shapeOfValue } from "./schema.ts";

/**
 * An object as it is after upstream's types have read and printed it: times and quantities in their one form, and without the empty lists, maps and texts,
 * zeros and noes that `omitempty` leaves out. The object itself when it has nothing to change; kinds of definitions stay as they are.
 */
export function canonicalBody<T extends JsonObject>(kind: Pick<Kind, "message" | "schema">, object: T): T | JsonObject {
  return kind.schema === undefined ? inMessage(layoutOf(kind.message), object) : object;
}

function inMessage({ fields }: MessageLayout, object: JsonObject): JsonObject {
  let changed: Record<string, Json | undefined> | undefined;
  for (const name in object) {
    const field = fields.get(name);
    const member = object[name];
    if (field === undefined || member === undefined || member === null) continue;
    const next = field.isLeftOutEmpty && isEmptyValue(member) ? undefined : inValue(field.type, member);
    if (next === member) continue;
    changed ??= { ...object };
    if (next === undefined) changed = withoutMember(changed, name);
    else changed[name] = next;
  }
  return changed ?? object;
}

function inValue(type: TypeLayout, value: Json): Json {
  switch (type.kind) {
    case "scalar": return canonicalScalar(type.scalar, value);
    case "message": return isJsonObject(value) ? inMessage(type.layout, value) : value;
    case "list": {
      if (!Array.isArray(value)) return value;
      const items = value.map((item: Json) => inValue(type.item, item));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    case "map": {
      if (!isJsonObject(value)) return value;
      const entries = Object.entries(value).map(([key, item]) => [key, item === undefined ? item : inValue(type.item, item)] as const);
      return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
    }
    case "forms": return inForm(type.message, value);
  }
}

/** A value whose form tells what it is of; a message in its own form is looked into by that message's fields. */
function inForm(message: string, value: Json): Json {
  const shape = shapeOfValue(message, value);
  switch (shape.kind) {
    case "scalar": return canonicalScalar(shape.scalar, value);
    case "message": return isJsonObject(value) ? inMessage(layoutOf(shape.message), value) : value;
    case "list": return inValue({ kind: "list", item: typeLayoutOf(shape.item) }, value);
    case "map": return inValue({ kind: "map", item: typeLayoutOf(shape.item) }, value);
  }
}
