import { asJson } from "../../value/json.ts";
import { quote } from "../../value/quote.ts";
import { compileRegex } from "../../value/regex.ts";
import { isValueError } from "../../value/value-error.ts";
import { duplicate } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import { checkComplete } from "./check-complete.ts";
import { checkRuleTexts } from "./check-rule-texts.ts";
import { checkValue } from "./check-value.ts";
import { checkListTypes } from "./list-types.ts";
import { pruneResource } from "./prune.ts";
import { additionalOf, isEmbedded, isIntOrString, itemsOf, keepsUnknown, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** Where a schema stands in its parent. */
type Level = "root" | "field" | "item";

/**
 * What keeps a schema from being structural, and what is wrong with its values, in upstream's words.
 *
 * @param path of the schema within its definition
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/validation.go, pkg/apis/apiextensions/validation/validation.go
 */
export function checkStructural(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNode(schema, { path, level: "root" }, errors);
  return [...errors, ...checkComplete(schema, path)];
}

interface Place {
  readonly path: string;
  readonly level: Level;
  /** The list or map above whose values before and after cannot be told to belong together. */
  readonly uncorrelatable?: string;
}

const emptyTypeDetails: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root", field: "must not be empty for specified object fields", item: "must not be empty for specified array items",
};

const types = ["array", "boolean", "integer", "number", "object", "string"];

function checkNode(schema: Schema, place: Place, errors: FieldError[]): void {
  const { path, level, uncorrelatable } = place;
  checkType(schema, place, errors);
  checkUnsupported(schema, path, errors);
  checkExtensions(schema, path, errors);
  checkDefault(schema, path, errors);
  checkPattern(schema, path, errors);
  errors.push(...checkRuleTexts(schema, { path, isRoot: level === "root", ...(uncorrelatable === undefined ? {} : { uncorrelatable }) }));
  if (level === "root" || isEmbedded(schema)) checkMetadata(schema, path, errors);
  const beside = schema["x-kubernetes-map-type"] === "atomic" ? uncorrelatable ?? path : uncorrelatable;
  const inside = schema["x-kubernetes-list-type"] === "map" ? uncorrelatable : uncorrelatable ?? path;
  const below = (segment: string, lower: Level, lost: string | undefined): Place => ({ path: `${path}.${segment}`, level: lower, ...(lost === undefined ? {} : { uncorrelatable: lost }) });
  for (const [name, property] of Object.entries(schema.properties ?? {})) checkNode(property, below(`properties[${name}]`, "field", beside), errors);
  const additional = additionalOf(schema);
  if (additional !== undefined && schema.additionalProperties !== true) checkNode(additional, below("additionalProperties", "field", beside), errors);
  const item = itemsOf(schema);
  if (item !== undefined) checkNode(item, below("items", "item", inside), errors);
  else if (schema.type === "array" && schema.items === undefined) errors.push({ type: "Required", path: `${path}.items`, detail: "must be specified" });
  const skipsTypes = isIntOrString(schema);
  for (const [nested, at] of nestedOf(schema, path)) checkNested(nested, { path: at, skipsTypes }, errors);
}

function checkType(schema: Schema, { path, level }: Place, errors: FieldError[]): void {
  const { type } = schema;
  if (type === undefined || type === "") {
    if (!isIntOrString(schema) && (level === "root" || !keepsUnknown(schema))) errors.push({ type: "Required", path: `${path}.type`, detail: emptyTypeDetails[level] });
    return;
  }
  if (type === "null") errors.push({ type: "Forbidden", path: `${path}.type`, detail: "type cannot be set to null, use nullable as an alternative" });
  else if (!types.includes(type)) errors.push({ type: "NotSupported", path: `${path}.type`, value: type, detail: `supported values: ${types.map(quote).join(", ")}` });
  if (level === "root" && type !== "object") errors.push({ type: "Invalid", path: `${path}.type`, value: type, detail: "must be object at the root" });
  if (isIntOrString(schema)) errors.push({ type: "Invalid", path: `${path}.type`, value: type, detail: "must be empty if x-kubernetes-int-or-string is true" });
}

const unsupportedFields = ["id", "$ref", "definitions", "dependencies", "patternProperties", "additionalItems"] as const;

function checkUnsupported(schema: Schema, path: string, errors: FieldError[]): void {
  for (const name of unsupportedFields) if (schema[name] !== undefined) errors.push({ type: "Forbidden", path: `${path}.${name}`, detail: `${name} is not supported` });
  if (schema.uniqueItems === true) errors.push({ type: "Forbidden", path: `${path}.uniqueItems`, detail: "uniqueItems cannot be set to true since the runtime complexity becomes quadratic" });
  if (Array.isArray(schema.items)) errors.push({ type: "Forbidden", path: `${path}.items`, detail: "items must be a schema object and not an array" });
  if (schema.additionalProperties === false) errors.push({ type: "Forbidden", path: `${path}.additionalProperties`, detail: "additionalProperties cannot be set to false" });
  else if (schema.additionalProperties !== undefined && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push({ type: "Forbidden", path: `${path}.additionalProperties`, detail: "additionalProperties and properties are mutual exclusive" });
  }
}

function checkExtensions(schema: Schema, path: string, errors: FieldError[]): void {
  const list = schema["x-kubernetes-list-type"];
  const map = schema["x-kubernetes-map-type"];
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) errors.push({ type: "Invalid", path: `${path}.x-kubernetes-preserve-unknown-fields`, value: false, detail: "must be true or undefined" });
  if (map !== undefined && map !== "granular" && map !== "atomic") errors.push(unsupported(`${path}.x-kubernetes-map-type`, map, ["granular", "atomic"]));
  else if (map !== undefined && schema.type !== "object") errors.push({ type: "Invalid", path: `${path}.type`, value: schema.type ?? "", detail: "must be object if x-kubernetes-map-type is specified" });
  if (isEmbedded(schema)) {
    if (schema.type !== "object") errors.push({ type: "Invalid", path: `${path}.type`, value: schema.type ?? "", detail: "must be object if x-kubernetes-embedded-resource is true" });
    if (!keepsUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
      errors.push({ type: "Required", path: `${path}.properties`, detail: "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields" });
    }
  }
  if (list === undefined) return;
  if (list !== "atomic" && list !== "set" && list !== "map") errors.push(unsupported(`${path}.x-kubernetes-list-type`, list, ["atomic", "set", "map"]));
  if (schema.type !== "array") errors.push({ type: "Invalid", path: `${path}.type`, value: schema.type ?? "", detail: "must be array if x-kubernetes-list-type is specified" });
  else if ((list === "map" || list === "set") && itemsOf(schema)?.nullable === true) errors.push({ type: "Forbidden", path: `${path}.items.nullable`, detail: `cannot be nullable when x-kubernetes-list-type is ${list}` });
  else if (list === "map") checkMapKeys(schema, path, errors);
  else if (list === "set") checkSetItems(itemsOf(schema), path, errors);
}

/** Items of a set are compared whole. */
function checkSetItems(item: Schema | undefined, path: string, errors: FieldError[]): void {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const list = item?.["x-kubernetes-list-type"] ?? "atomic";
  const map = item?.["x-kubernetes-map-type"];
  if (item?.type === "array" && list !== "atomic") errors.push({ type: "Invalid", path: `${path}.items.x-kubernetes-list-type`, value: list, detail });
  if (item?.type === "object" && map !== "atomic") errors.push({ type: "Invalid", path: `${path}.items.x-kubernetes-map-type`, value: map ?? null, detail });
}

function unsupported(path: string, value: string, supported: readonly string[]): FieldError {
  return { type: "NotSupported", path, value, detail: `supported values: ${supported.map(quote).join(", ")}` };
}

function checkMapKeys(schema: Schema, path: string, errors: FieldError[]): void {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const item = itemsOf(schema);
  if (keys.length === 0) errors.push({ type: "Required", path: `${path}.x-kubernetes-list-map-keys`, detail: "must not be empty if x-kubernetes-list-type is map" });
  if (item === undefined) return;
  if (item.type !== "object") errors.push({ type: "Invalid", path: `${path}.items.type`, value: item.type ?? "", detail: "must be object if parent array's x-kubernetes-list-type is map" });
  keys.forEach((key, index) => {
    const property = propertyOf(item, key);
    if (property === undefined) errors.push({ type: "Invalid", path: `${path}.x-kubernetes-list-map-keys[${index}]`, value: key, detail: "entries must all be names of item properties" });
    else if (property.default === undefined && item.required?.includes(key) !== true) {
      errors.push({ type: "Required", path: `${path}.items.properties[${key}].default`, detail: "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property" });
    }
    if (keys.indexOf(key) !== index) errors.push(duplicate(`${path}.x-kubernetes-list-map-keys[${index}]`, key));
  });
}

/** A default has to fit where it is put. */
function checkDefault(schema: Schema, path: string, errors: FieldError[]): void {
  const value = schema.default;
  if (value === undefined) return;
  const at = `${path}.default`;
  if (value === null && schema.nullable === true) return;
  errors.push(...checkValue(schema, value, { path: at }), ...checkListTypes(schema, value, at));
  const { unknown } = pruneResource({ properties: { value: schema } }, { value });
  if (unknown.length > 0) errors.push({ type: "Invalid", path: at, value, detail: "must not have unknown fields" });
}

function checkPattern({ pattern }: Schema, path: string, errors: FieldError[]): void {
  if (pattern === undefined) return;
  try {
    compileRegex(pattern);
  } catch (error) {
    if (!isValueError(error)) throw error;
    errors.push({ type: "Invalid", path: `${path}.pattern`, value: pattern, detail: `must be a valid regular expression, but isn't: ${error.message}` });
  }
}

/** Every resource has the same metadata: a schema may only narrow its name. */
function checkMetadata(schema: Schema, path: string, errors: FieldError[]): void {
  const metadata = propertyOf(schema, "metadata");
  if (metadata === undefined) return;
  const at = `${path}.properties[metadata]`;
  const allowed = new Set(["name", "generateName"]);
  const others = Object.keys(metadata.properties ?? {}).filter((name) => !allowed.has(name));
  const said = Object.keys(asJson(metadata)).filter((key) => !["type", "description", "properties"].includes(key));
  if (others.length > 0 || said.length > 0) errors.push({ type: "Forbidden", path: at, detail: "must not specify anything other than name and generateName, but metadata is implicitly specified" });
}

function nestedOf(schema: Schema, path: string): readonly (readonly [Schema, string])[] {
  const each = (key: "allOf" | "anyOf" | "oneOf") => (schema[key] ?? []).map((nested, index) => [nested, `${path}.${key}[${index}]`] as const);
  return [...each("allOf"), ...each("anyOf"), ...each("oneOf"), ...(schema.not === undefined ? [] : [[schema.not, `${path}.not`] as const])];
}

/** Alternatives may say what values are allowed, never what a value is. */
function checkNested(schema: Schema, { path, skipsTypes }: { readonly path: string; readonly skipsTypes: boolean }, errors: FieldError[]): void {
  const forbid = (name: string, detail: string) => { errors.push({ type: "Forbidden", path: `${path}.${name}`, detail }); };
  if (schema.type !== undefined && !skipsTypes) forbid("type", "must be empty to be structural");
  if (schema.description !== undefined) forbid("description", "must be empty to be structural");
  if (schema.title !== undefined) forbid("title", "must be empty to be structural");
  if (schema.default !== undefined) forbid("default", "must be undefined to be structural");
  if (schema.nullable === true) forbid("nullable", "must be false to be structural");
  if (schema.additionalProperties !== undefined) forbid("additionalProperties", "must be undefined to be structural");
  for (const name of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"] as const) {
    if (schema[name] === true) forbid(name, "must be false to be structural");
  }
  if ((schema["x-kubernetes-list-map-keys"] ?? []).length > 0) forbid("x-kubernetes-list-map-keys", "must be empty to be structural");
  for (const name of ["x-kubernetes-list-type", "x-kubernetes-map-type"] as const) if (schema[name] !== undefined) forbid(name, "must be undefined to be structural");
  if ((schema["x-kubernetes-validations"] ?? []).length > 0) forbid("x-kubernetes-validations", "must be empty to be structural");
  if (propertyOf(schema, "metadata") !== undefined) forbid("properties[metadata]", "must not be specified in a nested context");
  checkPattern(schema, path, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {})) checkNested(property, { path: `${path}.properties[${name}]`, skipsTypes: false }, errors);
  const item = itemsOf(schema);
  if (item !== undefined) checkNested(item, { path: `${path}.items`, skipsTypes: false }, errors);
  for (const [nested, at] of nestedOf(schema, path)) checkNested(nested, { path: at, skipsTypes }, errors);
}
