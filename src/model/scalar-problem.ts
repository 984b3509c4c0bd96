import { parseDuration } from "../value/duration.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";
import { isQuantity, quantityMessage } from "../value/quantity.ts";
import { isReadable } from "../value/value-error.ts";

/** What is wrong with a value that should be a scalar of this type; undefined when it is one. */
export function scalarProblem(scalar: string, value: Json): string | undefined {
  switch (scalar) {
    case "string": return typeof value === "string" ? undefined : "must be a string";
    case "bool": return typeof value === "boolean" ? undefined : "must be true or false";
    case "int32": return integerProblem(value, 2 ** 31);
    case "int64": return integerProblem(value, 2 ** 63);
    case "double": return typeof value === "number" ? undefined : "must be a number";
    case "bytes": return typeof value === "string" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value.replace(/[\r\n]/g, "")) ? undefined : "must be base64 text";
    case "quantity": return (typeof value === "string" || typeof value === "number") && isQuantity(value) ? undefined : quantityMessage;
    case "time": return isTime(value) ? undefined : "must be a time such as 2006-01-02T15:04:05Z";
    case "microTime": return isTime(value) ? undefined : "must be a time such as 2006-01-02T15:04:05.000000Z";
    case "duration": return isDuration(value) ? undefined : "must be a duration such as 30s, 5m or 1h30m";
    case "intOrString": return typeof value === "string" || integerProblem(value, 2 ** 31) === undefined ? undefined : "must be an integer or a string";
    case "rawExtension": return isJsonObject(value) ? undefined : "must be an object";
    default: return undefined;
  }
}

function integerProblem(value: Json, limit: number): string | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) return "must be an integer";
  return value >= -limit && value < limit ? undefined : `must be an integer of ${limit === 2 ** 31 ? 32 : 64} bits`;
}

/** The time that was right last: each new object brings that of its creation twice. */
let rightTime = "";

function isTime(value: Json): boolean {
  if (value === rightTime && rightTime !== "") return true;
  const isRight = looksLikeTime(value);
  if (isRight) rightTime = value;
  return isRight;
}

function looksLikeTime(value: Json): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isDuration(value: Json): boolean {
  return typeof value === "string" && isReadable(() => parseDuration(value));
}
