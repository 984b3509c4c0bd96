import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { FieldError } from "./field-error.ts";
import { printDecodingError } from "./print-decoding-error.ts";
import type { Kind } from "./kind.ts";
import { isWellTyped } from "./quick-checks.ts";
import { scalarProblem } from "./scalar-problem.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";

/** What stands in messages for a value that is secret. */
export const hiddenValue = "<hidden>";

/** A value of the wrong type. */
export interface TypeProblem extends FieldError {
  /** What upstream's decoder says of it; absent where it would not be the decoder that refuses. */
  readonly decoding?: string;
}

/** The JSON types of a body against its kind's fields; nothing more is asked. Run before anything that trusts the types. */
export function checkTypes(kind: Pick<Kind, "message" | "schema" | "secretPaths">, body: JsonObject): readonly TypeProblem[] {
  if (kind.schema !== undefined) return kind.schema.checkTypes(body);
  return isWellTyped(kind.message, body) ? [] : findTypeErrors(kind, body);
}

/** What `checkTypes` answers for a kind with a message, found by a walk that says where. */
export function findTypeErrors(kind: Pick<Kind, "message" | "secretPaths">, body: JsonObject): readonly TypeProblem[] {
  const errors: TypeProblem[] = [];
  checkMessage(kind.message, body, { path: "", fields: [], message: kind.message, errors, secretPaths: kind.secretPaths ?? [] });
  return errors;
}

/** The same for the value of one field, whose message is known. */
export function checkTypesIn(message: string, value: Json, path: string): readonly FieldError[] {
  const errors: TypeProblem[] = [];
  checkValue(message, value, { path, fields: [], message, errors, secretPaths: [] });
  return errors;
}

interface TypeState {
  readonly path: string;
  /** The path without indexes and keys, and the message its last field is of. */
  readonly fields: readonly string[];
  readonly message: string;
  readonly errors: TypeProblem[];
  readonly secretPaths: readonly string[];
}

function checkMessage(message: string, value: JsonObject, state: TypeState): void {
  const fields = fieldsOf(message);
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    if (field !== undefined && member !== undefined && member !== null) checkValue(field.type, member, { ...state, path: state.path === "" ? name : `${state.path}.${name}`, fields: [...state.fields, name], message });
  }
}

function checkValue(type: string, value: Json, state: TypeState): void {
  const shape = shapeOfValue(type, value);
  switch (shape.kind) {
    case "message": {
      if (isJsonObject(value)) checkMessage(shape.message, value, state);
      else wrong(value, "must be an object", { ...state, type });
      return;
    }
    case "list": {
      if (!Array.isArray(value)) return wrong(value, "must be a list", { ...state, type });
      value.forEach((item: Json, index) => checkItem(shape.item, item, { ...state, path: `${state.path}[${index}]` }));
      return;
    }
    case "map": {
      if (!isJsonObject(value)) return wrong(value, "must be an object", { ...state, type });
      for (const [key, item] of Object.entries(value)) if (item !== undefined) checkItem(shape.item, item, { ...state, path: `${state.path}[${key}]` });
      return;
    }
    case "scalar": {
      const problem = scalarProblem(shape.scalar, value);
      if (problem !== undefined) wrong(value, problem, { ...state, type: shape.scalar });
    }
  }
}

/** Go reads a null item as its zero value; that is an empty text for texts and a mistake for objects. */
function checkItem(type: string, value: Json, state: TypeState): void {
  if (value === null) wrong(value, shapeOf(type).kind === "scalar" ? "must not be null" : "must be an object", { ...state, type });
  else checkValue(type, value, state);
}

function wrong(value: Json, detail: string, { path, errors, secretPaths, ...place }: TypeState & { readonly type: string }): void {
  const isSecret = secretPaths.some((secret) => path === secret || path.startsWith(`${secret}[`) || path.startsWith(`${secret}.`));
  errors.push({ type: "TypeInvalid", path, value: isSecret ? hiddenValue : value, detail, decoding: printDecodingError(value, place) });
}
