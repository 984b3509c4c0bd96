import type { Json, JsonObject } from "../../value/json.ts";
import { asJson } from "../../value/json.ts";
import { isEmbedded, itemsOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** What a version is called. */
export interface VersionFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
}

const objectMeta: JsonObject = { $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" };
const text: JsonObject = { type: "string" };

/**
 * A version's schema as OpenAPI version 3 shows it: with the fields every resource has, and without what only validation reads.
 *
 * @see kubernetes apiextensions-apiserver pkg/controller/openapi/builder
 */
export function printOpenApi(schema: Schema, { group, version, kind }: VersionFacts): JsonObject {
  const shown = printSchema(schema);
  const properties = typeof shown["properties"] === "object" ? (shown["properties"] as JsonObject) : {};
  return {
    ...shown, type: "object",
    properties: {
      ...properties,
      apiVersion: { ...text, description: "APIVersion defines the schema this object is written in: a group and its version." },
      kind: { ...text, description: "Kind of this object." },
      metadata: { ...objectMeta, description: "Name, labels and what else every object has." },
    },
    "x-kubernetes-group-version-kind": [{ group, kind, version }],
  };
}

function printSchema(schema: Schema): JsonObject {
  const { properties, items: _items, additionalProperties, allOf, anyOf, oneOf, not, ...rest } = schema;
  const item = itemsOf(schema);
  const list = (schemas: readonly Schema[]): Json => schemas.map(printSchema);
  return {
    ...asJson(rest),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, printSchema(property)])) }),
    ...(item === undefined ? {} : { items: printSchema(item) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: typeof additionalProperties === "boolean" ? additionalProperties : printSchema(additionalProperties) }),
    ...(allOf === undefined ? {} : { allOf: list(allOf) }),
    ...(anyOf === undefined ? {} : { anyOf: list(anyOf) }),
    ...(oneOf === undefined ? {} : { oneOf: list(oneOf) }),
    ...(not === undefined ? {} : { not: printSchema(not) }),
    ...(isEmbedded(schema) ? { properties: { ...Object.fromEntries(Object.entries(properties ?? {}).map(([name, property]) => [name, printSchema(property)])), apiVersion: text, kind: text, metadata: objectMeta } } : {}),
  };
}
