import type { JSONSchemaProps } from "../generated/apiextensions-v1.ts";

/** A schema of a definition, as it stands in `openAPIV3Schema`. */
export type Schema = JSONSchemaProps;

/** The fields every resource has at its root, whatever its schema says. */
export const resourceFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/** The message of `metadata`. */
export const metadataMessage = "meta/v1.ObjectMeta";

/** The schema of a named property; undefined for one that is not declared. */
export function propertyOf(schema: Schema, name: string): Schema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of a list's items. */
export function itemsOf({ items }: Schema): Schema | undefined {
  return items !== undefined && !isList(items) ? items : undefined;
}

/** The schema of members that are not declared by name; an empty one where any are allowed. */
export function additionalOf({ additionalProperties }: Schema): Schema | undefined {
  if (additionalProperties === true) return anything;
  return additionalProperties === undefined || additionalProperties === false ? undefined : additionalProperties;
}

/** The schema of a member, declared or not. */
export function memberOf(schema: Schema, name: string): Schema | undefined {
  return propertyOf(schema, name) ?? additionalOf(schema);
}

/** True for `x-kubernetes-preserve-unknown-fields: true`. */
export function keepsUnknown(schema: Schema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

/** True for `x-kubernetes-embedded-resource: true`. */
export function isEmbedded(schema: Schema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

/** True for `x-kubernetes-int-or-string: true`. */
export function isIntOrString(schema: Schema): boolean {
  return schema["x-kubernetes-int-or-string"] === true;
}

const anything: Schema = {};

function isList(items: NonNullable<Schema["items"]>): items is readonly Schema[] {
  return Array.isArray(items);
}
