import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { fieldsOf, formsOf, shapeOf } from "./schema.ts";

/**
 * A value of a message with empty texts, lists and structs where what is required is missing: as upstream's rules see it, which look at the rest as well.
 * Pure.
 */
export function withRequiredZeros(message: string, value: JsonObject): JsonObject {
  const filled: Record<string, Json | undefined> = { ...value };
  for (const [name, { type, required }] of fieldsOf(message)) {
    const member = filled[name] ?? (required === true ? zeroOf(type) : undefined);
    if (member !== undefined) filled[name] = filledIn(type, member);
  }
  return filled;
}

function zeroOf(type: string): Json | undefined {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "message": return formsOf(shape.message) === undefined ? {} : undefined;
    case "map": return {};
    case "list": return [];
    case "scalar": return shape.scalar === "string" ? "" : undefined;
  }
}

function filledIn(type: string, value: Json): Json {
  const shape = shapeOf(type);
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item: Json) => filledIn(shape.item, item));
  if (shape.kind === "map" && isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(shape.item, item ?? null)]));
  return shape.kind === "message" && formsOf(shape.message) === undefined && isJsonObject(value) ? withRequiredZeros(shape.message, value) : value;
}
