import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { isQuantity, quantityMessage } from "../value/quantity.ts";
import { parseDuration } from "../value/duration.ts";
import { ValueError } from "../value/value-error.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";

/** What stands in messages for a value that is secret. */
export const hiddenValue = "<hidden>";

/** The JSON types of a body against its kind's fields; nothing more is asked. Run before anything that trusts the types. */
export function checkTypes(kind: Pick<Kind, "message" | "schema" | "secretPaths">, body: JsonObject): readonly FieldError[] {
  if (kind.schema !== undefined) return kind.schema.checkTypes(body);
  const errors: FieldError[] = [];
  checkMessage(kind.message, body, { path: "", errors, secretPaths: kind.secretPaths ?? [], depth: 0 });
  return errors;
}

/** The same for the value of one field, whose message is known. */
export function checkTypesIn(message: string, value: Json, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkValue(message, value, { path, errors, secretPaths: [], depth: 0 });
  return errors;
}

interface TypeState {
  readonly path: string;
  readonly errors: FieldError[];
  readonly secretPaths: readonly string[];
  readonly depth: number;
}

function checkMessage(message: string, value: JsonObject, state: TypeState): void {
  const fields = fieldsOf(message);
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    if (field !== undefined && member !== undefined && member !== null) checkValue(field.type, member, { ...state, path: state.path === "" ? name : `${state.path}.${name}` });
  }
}

function checkValue(type: string, value: Json, state: TypeState): void {
  const shape = shapeOfValue(type, value);
  switch (shape.kind) {
    case "message": {
      if (isJsonObject(value)) checkMessage(shape.message, value, state);
      else wrong(value, "must be an object", state);
      return;
    }
    case "list": {
      if (!Array.isArray(value)) return wrong(value, "must be a list", state);
      value.forEach((item: Json, index) => checkItem(shape.item, item, { ...state, path: `${state.path}[${index}]` }));
      return;
    }
    case "map": {
      if (!isJsonObject(value)) return wrong(value, "must be an object", state);
      for (const [key, item] of Object.entries(value)) if (item !== undefined) checkItem(shape.item, item, { ...state, path: `${state.path}[${key}]` });
      return;
    }
    case "scalar": {
      const problem = scalarProblem(shape.scalar, value);
      if (problem !== undefined) wrong(value, problem, state);
    }
  }
}

/** Go reads a null item as its zero value; that is an empty text for texts and a mistake for objects. */
function checkItem(type: string, value: Json, state: TypeState): void {
  if (value === null) wrong(value, shapeOf(type).kind === "scalar" ? "must not be null" : "must be an object", state);
  else checkValue(type, value, state);
}

function wrong(value: Json, detail: string, { path, errors, secretPaths }: TypeState): void {
  const isSecret = secretPaths.some((secret) => path === secret || path.startsWith(`${secret}[`) || path.startsWith(`${secret}.`));
  errors.push({ type: "TypeInvalid", path, value: isSecret ? hiddenValue : value, detail });
}

function scalarProblem(scalar: string, value: Json): string | undefined {
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

function isTime(value: Json): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isDuration(value: Json): boolean {
  if (typeof value !== "string") return false;
  try {
    parseDuration(value);
    return true;
  } catch (error) {
    if (error instanceof ValueError) return false;
    throw error;
  }
}
