import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { parseQuantity, printQuantity } from "../value/quantity.ts";
import { isValueError } from "../value/value-error.ts";
import { printTime } from "../world/clock.ts";
import type { Kind } from "./kind.ts";
import { fieldsOf, shapeOfValue } from "./schema.ts";

/**
 * An object whose times and quantities are written as upstream's types print them: times in UTC, of whole seconds or with six digits; `0.5` as `500m`. The
 * object itself when it has none to change; values that cannot be read, and kinds of definitions, stay as they are.
 *
 * @see kubernetes apimachinery pkg/apis/meta/v1/time.go, pkg/api/resource/quantity.go CanonicalizeBytes
 */
export function withCanonicalScalars<T extends JsonObject>(kind: Pick<Kind, "message" | "schema">, object: T): T | JsonObject {
  return kind.schema === undefined ? inMessage(kind.message, object) : object;
}

function inMessage(message: string, object: JsonObject): JsonObject {
  const fields = fieldsOf(message);
  let changed: Record<string, Json | undefined> | undefined;
  for (const [name, member] of Object.entries(object)) {
    const field = fields.get(name);
    if (field === undefined || member === undefined || member === null) continue;
    const next = inValue(field.type, member);
    if (next !== member) {
      changed ??= { ...object };
      changed[name] = next;
    }
  }
  return changed ?? object;
}

function inValue(type: string, value: Json): Json {
  const shape = shapeOfValue(type, value);
  switch (shape.kind) {
    case "scalar": return isCanonicalScalar(shape.scalar, value) || (typeof value !== "string" && typeof value !== "number") ? value : canonical[shape.scalar]?.(value) ?? value;
    case "message": return isJsonObject(value) ? inMessage(shape.message, value) : value;
    case "list": {
      if (!Array.isArray(value)) return value;
      const items = value.map((item: Json) => inValue(shape.item, item));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    case "map": {
      if (!isJsonObject(value)) return value;
      const entries = Object.entries(value).map(([key, item]) => [key, item === undefined ? item : inValue(shape.item, item)] as const);
      return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
    }
  }
}

const canonical: Readonly<Record<string, (value: string | number) => Json>> = {
  time: (value) => printTimeOf(String(value), 0),
  microTime: (value) => printTimeOf(String(value), 6),
  quantity: printQuantityOf,
};

/** What is canonical at a glance: nearly every value is. Large quantities have to be looked at. */
const canonicalForms: Readonly<Record<string, RegExp>> = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, microTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, quantity: /^(?:0|[1-9]\d{0,14}(?<!000)[num]?|[1-9]\d{0,2}(?:[kMGTP]|[KMGTP]i))$/,
};

/** True for a value that is certainly written as it is stored; false where `withCanonicalScalars` has to look. */
export function isCanonicalScalar(scalar: string, value: Json): boolean {
  const form = canonicalForms[scalar];
  return form === undefined || (typeof value === "string" && form.test(value));
}

/** A time of the API with so many digits after the second; what stands behind them is cut off. */
function printTimeOf(text: string, digits: number): string {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return text;
  const fraction = (/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(digits, "0").slice(0, digits);
  return `${printTime(atMs).slice(0, -1)}${digits === 0 ? "" : `.${fraction}`}Z`;
}

function printQuantityOf(value: string | number): Json {
  try {
    return printQuantity(parseQuantity(value));
  } catch (error) {
    if (isValueError(error)) return value;
    throw error;
  }
}
