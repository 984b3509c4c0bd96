import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";
import { quantityMessage } from "../value/quantity.ts";
import { quote } from "../value/quote.ts";
import { shapeOf } from "./schema.ts";

/** Where a value of the wrong type stands, as Go's decoder names it. */
export interface DecodingPlace {
  /** The message whose field it is: `core/v1.EnvVar`. */
  readonly message: string;
  /** The fields that lead to it, without indexes and keys. */
  readonly fields: readonly string[];
  /** The type that is wanted, as a schema writes it. */
  readonly type: string;
}

/** What Go calls scalars. */
const goScalars: Readonly<Record<string, string>> = { double: "float64", bytes: "[]uint8", quantity: "resource.Quantity", time: "v1.Time", microTime: "v1.MicroTime", duration: "v1.Duration", intOrString: "intstr.IntOrString", rawExtension: "runtime.RawExtension" };

/**
 * What an API server in Go says of a value of the wrong type; clients and people know these texts. It tells types, never the value of a text field. Pure.
 *
 * @see encoding/json UnmarshalTypeError, and the types of apimachinery that read themselves
 */
export function printDecodingError(value: Json, { message, fields, type }: DecodingPlace): string {
  const place = fields.length === 0 ? "" : `struct field ${nameOf(message)}.${fields.join(".")}`;
  const general = `json: cannot unmarshal ${jsonType(value, type)} into Go ${place === "" ? "value" : place} of type ${goType(type)}`;
  switch (type) {
    case "quantity": return quantityMessage;
    case "bytes": return typeof value === "string" ? `illegal base64 data at input byte ${badBase64At(value)}` : general;
    case "intOrString": return `json: cannot unmarshal ${jsonType(value, "int32")} into Go value of type int32`;
    case "duration": return typeof value === "string" ? `time: invalid duration ${quote(value)}` : `json: cannot unmarshal ${jsonType(value, type)} into Go value of type string`;
    case "time":
    case "microTime": return typeof value === "string" ? timeText(value, type) : `json: cannot unmarshal ${jsonType(value, type)} into Go value of type string`;
    default: return general;
  }
}

function timeText(value: string, type: "time" | "microTime"): string {
  return `parsing time ${quote(value)} as ${type === "time" ? '"2006-01-02T15:04:05Z07:00"' : '"2006-01-02T15:04:05.000000Z07:00"'}: cannot parse ${quote(value)} as "2006"`;
}

/** What JSON has there; a number that does not fit is told with it, as Go does. */
function jsonType(value: Json, wanted: string): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (isJsonObject(value)) return "object";
  if (typeof value === "number") return wanted === "int32" || wanted === "int64" ? `number ${value}` : "number";
  return typeof value === "boolean" ? "bool" : "string";
}

function goType(type: string): string {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "list": return `[]${goType(shape.item)}`;
    case "map": return `map[string]${goType(shape.item)}`;
    case "message": return `${shape.message.slice(shape.message.indexOf("/") + 1, shape.message.indexOf("."))}.${nameOf(shape.message)}`;
    case "scalar": return goScalars[shape.scalar] ?? shape.scalar;
  }
}

function nameOf(message: string): string {
  return message.slice(message.indexOf(".") + 1);
}

/** The first byte that is no base64; the text's end where it is cut short. */
function badBase64At(value: string): number {
  const right = /^[A-Za-z0-9+/\r\n]*/.exec(value)?.[0].length ?? 0;
  return right === value.length ? value.length - (value.length % 4) : right;
}
