import { checkTypes } from "../model/check-types.ts";
import type { FieldError } from "../model/field-error.ts";
import type { Kind } from "../model/kind.ts";
import type { JsonObject } from "../value/json.ts";

/** What a field takes, by the words of the checks, and what upstream's typed values call it. */
const expectations: readonly (readonly [words: RegExp, expected: string])[] = [
  [/must be an? (?:integer|number)|of type (?:integer|number):/, "numeric (int or float)"],
  [/must be true or false|of type boolean:/, "boolean"],
  [/must be a string|of type string:/, "string"],
  [/must be a list|of type array:/, "list"],
  [/must be an object|of type object:/, "map"],
];

/** How Go calls what JSON has, by the names of JSON Schema. */
const goTypes: Readonly<Record<string, string>> = { string: "string", boolean: "bool", integer: "int64", number: "float64", array: "[]interface {}", object: "map[string]interface {}" };

/**
 * What keeps a manifest from being a typed value of its kind: it is told before anybody is asked who owns what. Scalars that are of the right type and
 * wrong otherwise are no matter of it.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/validate.go
 */
export function findUntyped(kind: Kind, manifest: JsonObject): readonly string[] {
  return checkTypes(kind, manifest).flatMap((error) => {
    const found = expectations.find(([words]) => words.test(error.detail))?.[1];
    const given = givenType(error);
    return found === undefined || given === undefined || isSame(found, given) ? [] : [`.${error.path}: expected ${found}, got ${goTypes[given] ?? given}`];
  });
}

/** Several errors of one manifest as one text. */
export function printTypeErrors(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0] ?? "" : `errors:\n${errors.map((error) => `  ${error}`).join("\n")}`;
}

/** The type of what was sent, by JSON Schema's name; undefined where it is not known. */
function givenType({ value, detail }: FieldError): string | undefined {
  const named = /must be of type [\w,]+: "(\w+)"$/.exec(detail)?.[1];
  if (named !== undefined) return named;
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return "array";
  if (typeof value === "object") return "object";
  if (typeof value !== "number") return typeof value;
  return Number.isInteger(value) ? "integer" : "number";
}

/** A number that is too large or has a fraction is a number all the same. */
function isSame(expected: string, given: string): boolean {
  return given === "null" || (expected.startsWith("numeric") && (given === "integer" || given === "number")) || expected === given;
}
