import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { quote } from "../../value/quote.ts";
import { compileRegex } from "../../value/regex.ts";
import { readOr } from "../../value/value-error.ts";
import { tooMany } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import { isIdentity, itemsBefore, memberBefore } from "./before.ts";
import { hasFormat } from "./formats.ts";
import { additionalOf, isIntOrString, itemsOf, keepsUnknown, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/**
 * What a schema has against a value, in upstream's words. Paths are those of the value within its object, "" for the object itself. Of what is as it was
 * in `old`, nothing is said: a definition that became stricter does not hold up changes elsewhere.
 *
 * @see kubernetes kube-openapi pkg/validation/validate, and apiextensions-apiserver pkg/apiserver/validation/{validation,ratcheting}.go
 */
export function checkValue(schema: Schema, value: Json, { path = "", old }: { readonly path?: string; readonly old?: Json } = {}): readonly FieldError[] {
  const problems: FieldError[] = [];
  collect(schema, { value, path, old }, problems);
  return problems;
}

/** A value in its place, and what it was before where that can be told. */
interface Place {
  readonly value: Json;
  readonly path: string;
  readonly old: Json | undefined;
}

/** Whether a value fits a schema. */
function fits(schema: Schema, value: Json, path: string): boolean {
  const problems: FieldError[] = [];
  collect(schema, { value, path, old: undefined }, problems);
  return problems.length === 0;
}

function collect(schema: Schema, place: Place, problems: FieldError[]): void {
  const known = problems.length;
  collectAll(schema, place, problems);
  if (problems.length > known && place.old !== undefined && isEqual(place.value, place.old)) problems.length = known;
}

function collectAll(schema: Schema, place: Place, problems: FieldError[]): void {
  const { value, path, old } = place;
  if (!checkType(schema, value, path, problems)) return;
  checkCombinations(schema, value, path, problems);
  if (typeof value === "string") checkText(schema, value, path, problems);
  else if (typeof value === "number") checkNumber(schema, value, path, problems);
  else if (Array.isArray(value)) checkList(schema, { value, path, old }, problems);
  checkEnum(schema, value, path, problems);
  if (isJsonObject(value)) checkObject(schema, { value, path, old }, problems);
}

function invalid(path: string, value: Json, detail: string): FieldError {
  return { type: "Invalid", path, value, detail: `${path} in body ${detail}` };
}

/** False where nothing else is to be said of the value: it has another type, or is a null that is allowed. */
function checkType(schema: Schema, value: Json, path: string, problems: FieldError[]): boolean {
  const actual = typeOf(value);
  if (value === null && schema.nullable === true) return false;
  if (value === null) {
    if (schema.type === undefined && !isIntOrString(schema)) return true;
  } else if (isIntOrString(schema)) {
    if (actual === "integer" || actual === "string") return true;
  } else if (schema.type === undefined || schema.type === actual || (schema.type === "number" && actual === "integer")) {
    return true;
  }
  const wanted = isIntOrString(schema) ? "integer,string" : schema.type ?? "";
  problems.push({ type: "TypeInvalid", path, value: actual, detail: `${path} in body must be of type ${wanted}: ${quote(actual)}` });
  return false;
}

/** The type of a value, in JSON schema's words; a number without a fraction is an integer. */
export function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function checkText(schema: Schema, value: string, path: string, problems: FieldError[]): void {
  const { maxLength, minLength, pattern, format } = schema;
  const length = maxLength === undefined && minLength === undefined ? 0 : Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) problems.push({ type: "TooLong", path, value, detail: `may not be more than ${maxLength} bytes` });
  if (minLength !== undefined && length < minLength) problems.push(invalid(path, value, `should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matches(pattern, value)) problems.push(invalid(path, value, `should match '${pattern}'`));
  if (format !== undefined && !hasFormat(format, value)) {
    problems.push({ type: "TypeInvalid", path, value, detail: `${path} in body must be of type ${format}: ${quote(value)}` });
  }
}

/** A pattern that cannot be read was refused with its definition; one stored before that matches nothing. */
function matches(pattern: string, value: string): boolean {
  return readOr(() => compileRegex(pattern).test(value), () => false);
}

/** Numbers of these formats have a range. */
const ranges: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

function checkNumber(schema: Schema, value: number, path: string, problems: FieldError[]): void {
  const { multipleOf, maximum, minimum, exclusiveMaximum = false, exclusiveMinimum = false, format } = schema;
  if (multipleOf !== undefined && !isMultipleOf(value, multipleOf)) problems.push(invalid(path, value, `should be a multiple of ${multipleOf}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) problems.push(invalid(path, value, `should be less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) problems.push(invalid(path, value, `should be greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`));
  const range = format === undefined ? undefined : ranges[format];
  if (range !== undefined && Number.isInteger(value) && (value < -range || value >= range)) {
    problems.push(invalid(path, value, `must be of type ${format ?? ""}: ${quote(String(value))}`));
  }
}

function isMultipleOf(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function checkList(schema: Schema, { value, path, old }: Omit<Place, "value"> & { readonly value: readonly Json[] }, problems: FieldError[]): void {
  const { maxItems, minItems, uniqueItems } = schema;
  if (minItems !== undefined && value.length < minItems) problems.push(invalid(path, [...value], `should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) problems.push(tooMany(path, value.length, maxItems));
  if (uniqueItems === true && value.some((item, index) => value.findIndex((other) => isEqual(other, item)) !== index)) problems.push(invalid(path, [...value], "shouldn't contain duplicates"));
  const item = itemsOf(schema);
  if (item === undefined) return;
  const before = itemsBefore(schema, old);
  value.forEach((member, index) => { collect(item, { value: member, path: `${path}[${index}]`, old: before(member) }, problems); });
}

function checkEnum({ enum: allowed }: Schema, value: Json, path: string, problems: FieldError[]): void {
  if (allowed === undefined || allowed.some((one) => isEqual(one, value))) return;
  const supported = allowed.map((one) => quote(typeof one === "string" ? one : JSON.stringify(one))).join(", ");
  problems.push({ type: "NotSupported", path, value, detail: `supported values: ${supported}` });
}

function checkObject(schema: Schema, { value, path, old }: Omit<Place, "value"> & { readonly value: JsonObject }, problems: FieldError[]): void {
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  const { maxProperties, minProperties } = schema;
  if (minProperties !== undefined && names.length < minProperties) problems.push(invalid(path, value, `should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && names.length > maxProperties) problems.push(tooMany(path, names.length, maxProperties));
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) problems.push({ type: "Required", path: memberPath(path, name), detail: "" });
  }
  const additional = keepsUnknown(schema) ? undefined : additionalOf(schema);
  for (const name of names) {
    const member = propertyOf(schema, name) ?? additional;
    const held = value[name];
    if (member === undefined || held === undefined) continue;
    collect(member, { value: held, path: memberPath(path, name), old: isIdentity(path, name) ? undefined : memberBefore(old, name) }, problems);
  }
}

function memberPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function checkCombinations(schema: Schema, value: Json, path: string, problems: FieldError[]): void {
  const { allOf, anyOf, oneOf, not } = schema;
  // What says of itself only that it is a number or a text has been checked by type.
  const isPlain = (alternatives: readonly Schema[]): boolean => isIntOrString(schema) && alternatives.every((one) => one.type !== undefined && Object.keys(one).length === 1);
  if (anyOf !== undefined && !isPlain(anyOf) && !anyOf.some((one) => fits(one, value, path))) {
    problems.push(wholeProblem(`${quote(path)} must validate at least one schema (anyOf)`), ...closest(anyOf, value, path));
  }
  if (oneOf !== undefined) {
    const valid = oneOf.filter((one) => fits(one, value, path)).length;
    if (valid === 0) problems.push(wholeProblem(`${quote(path)} must validate one and only one schema (oneOf). Found none valid`), ...closest(oneOf, value, path));
    if (valid > 1) problems.push(wholeProblem(`${quote(path)} must validate one and only one schema (oneOf). Found ${valid} valid alternatives`));
  }
  if (allOf !== undefined) {
    const failing = allOf.filter((one) => !fits(one, value, path));
    if (failing.length > 0) problems.push(wholeProblem(`${quote(path)} must validate all the schemas (allOf)${failing.length === allOf.length ? ". None validated" : ""}`));
    for (const one of failing) collect(one, { value, path, old: undefined }, problems);
  }
  if (not !== undefined && fits(not, value, path)) problems.push(wholeProblem(`${quote(path)} must not validate the schema (not)`));
}

/** Upstream names no field where alternatives are concerned. */
function wholeProblem(detail: string): FieldError {
  return { type: "Invalid", path: "<nil>", value: "", detail };
}

/** What the alternative says that says least. */
function closest(alternatives: readonly Schema[], value: Json, path: string): readonly FieldError[] {
  let best: readonly FieldError[] | undefined;
  for (const one of alternatives) {
    const problems: FieldError[] = [];
    collect(one, { value, path, old: undefined }, problems);
    if (best === undefined || problems.length < best.length) best = problems;
  }
  return best ?? [];
}
