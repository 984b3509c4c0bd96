import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import { isWellTyped } from "./quick-checks.ts";
import { scalarProblem } from "./scalar-problem.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";

/** What stands in messages for a value that is secret. */
export const hiddenValue = "<hidden>";

/** The JSON types of a body against its kind's fields; nothing more is asked. Run before anything that trusts the types. */
export function checkTypes(kind: Pick<Kind, "message" | "schema" | "secretPaths">, body: JsonObject): readonly FieldError[] {
  if (kind.schema !== undefined) return kind.schema.checkTypes(body);
  return isWellTyped(kind.message, body) ? [] : findTypeErrors(kind, body);
}

/** What `checkTypes` answers for a kind with a message, found by a walk that says where. */
export function findTypeErrors(kind: Pick<Kind, "message" | "secretPaths">, body: JsonObject): readonly FieldError[] {
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
