import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { checkDns1035Label, checkPathSegment } from "../../value/names.ts";
import { checkMetadataBy } from "../check-metadata.ts";
import { findTypeErrors } from "../check-types.ts";
import type { TypeProblem } from "../check-types.ts";
import type { FieldError } from "../field-error.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";
import { additionalOf, isEmbedded, itemsOf, metadataMessage, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** What a resource says it is. */
const identity = ["apiVersion", "kind"] as const;

/**
 * Wrong types of what every resource within an object has, in the words of the decoder that refuses them.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/objectmeta/algorithm.go
 */
export function findEmbeddedTypeErrors(schema: Schema, object: JsonObject): readonly TypeProblem[] {
  const errors: TypeProblem[] = [];
  walk(schema, object, "", (resource, path) => {
    for (const name of identity) {
      const value = resource[name];
      if (value !== undefined && typeof value !== "string") errors.push(told({ type: "Invalid", path: `${path}.${name}`, value, detail: "must be a string" }));
    }
    const { metadata } = resource;
    const why = metadata === undefined || metadata === null ? undefined : whyNoMetadata(metadata);
    if (why !== undefined) errors.push(told({ type: "Invalid", path: `${path}.metadata`, value: metadata, detail: why }));
  });
  return errors;
}

function told(error: FieldError): TypeProblem {
  return { ...error, decoding: `${error.path}: Invalid value: ${JSON.stringify(error.value)}: ${error.detail}` };
}

function whyNoMetadata(metadata: Json): string | undefined {
  if (!isJsonObject(metadata)) return `json: cannot unmarshal ${Array.isArray(metadata) ? "array" : typeof metadata === "boolean" ? "bool" : typeof metadata} into Go value of type v1.ObjectMeta`;
  const [wrong] = findTypeErrors({ message: metadataMessage }, metadata);
  return wrong === undefined ? undefined : wrong.decoding ?? wrong.detail;
}

/**
 * What is wrong with the resources within an object whose types are right: each says what it is, and its metadata is as that of any object.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/objectmeta/validation.go
 */
export function checkEmbedded(schema: Schema, object: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  walk(schema, object, "", (resource, path) => {
    for (const name of identity) if (resource[name] === undefined) errors.push({ type: "Required", path: `${path}.${name}`, detail: "" });
    const { apiVersion, kind, metadata } = resource;
    if (typeof apiVersion === "string") errors.push(...invalidEach(`${path}.apiVersion`, apiVersion, whyNoVersion(apiVersion)));
    if (typeof kind === "string") errors.push(...invalidEach(`${path}.kind`, kind, whyNoKind(kind)));
    if (isJsonObject(metadata)) errors.push(...checkMetadataOf(metadata).map((error) => ({ ...error, path: `${path}.${error.path}` })));
  });
  return errors;
}

function invalidEach(path: string, value: string, details: readonly string[]): readonly FieldError[] {
  return details.map((detail) => ({ type: "Invalid", path, value, detail }));
}

function whyNoVersion(apiVersion: string): readonly string[] {
  if (apiVersion === "") return ["must not be empty"];
  return apiVersion.split("/").length > 2 ? [`unexpected GroupVersion string: ${apiVersion}`] : [];
}

function whyNoKind(kind: string): readonly string[] {
  if (kind === "") return ["must not be empty"];
  const wrong = checkDns1035Label(kind.toLowerCase());
  return wrong.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${wrong.join(",")}`];
}

/** It need not have a name; what it is of decides nothing about it. */
function checkMetadataOf(metadata: JsonObject): readonly FieldError[] {
  const { namespace, name } = metadata;
  const known: ObjectMeta = { ...metadata, name: typeof name === "string" && name !== "" ? name : "fakename" };
  return checkMetadataBy({ checkName: checkPathSegment, namespaced: typeof namespace === "string" && namespace !== "", isFinalizerFree: true }, known);
}

/** Visits every resource within a value, outer ones first. */
function walk(schema: Schema, value: Json, path: string, visit: (resource: JsonObject, path: string) => void): void {
  if (!holdsEmbedded(schema)) return;
  if (isJsonObject(value)) {
    if (isEmbedded(schema)) visit(value, path);
    const additional = additionalOf(schema);
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const declared = propertyOf(schema, name);
      if (declared !== undefined) walk(declared, member, path === "" ? name : `${path}.${name}`, visit);
      else if (additional !== undefined) walk(additional, member, `${path}[${name}]`, visit);
    }
  } else if (Array.isArray(value)) {
    const item = itemsOf(schema);
    if (item !== undefined) value.forEach((member: Json, index) => { walk(item, member, `${path}[${index}]`, visit); });
  }
}

/** Asked for each object: most schemas hold none. */
const known = new WeakMap<Schema, boolean>();

function holdsEmbedded(schema: Schema): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const parts = [...Object.values(schema.properties ?? {}), additionalOf(schema), itemsOf(schema)];
  const holds = isEmbedded(schema) || parts.some((part) => part !== undefined && holdsEmbedded(part));
  known.set(schema, holds);
  return holds;
}
