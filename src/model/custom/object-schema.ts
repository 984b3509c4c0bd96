import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { checkTypesIn } from "../check-types.ts";
import type { FieldError } from "../field-error.ts";
import type { ObjectSchema } from "../object-schema.ts";
import { checkValue } from "./check-value.ts";
import { defaultObject } from "./default.ts";
import { checkListTypes } from "./list-types.ts";
import { printOpenApi } from "./open-api.ts";
import type { VersionFacts } from "./open-api.ts";
import { pruneResource } from "./prune.ts";
import { metadataMessage } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";
import { structOfResource } from "./struct.ts";

/** What a version of a definition says of its objects. */
export function objectSchemaOf(schema: Schema, facts: VersionFacts & { readonly sinceRevision: number }): ObjectSchema {
  const complete = (object: JsonObject): JsonObject => defaultObject(schema, object);
  return {
    sinceRevision: facts.sinceRevision,
    struct: structOfResource(schema),
    openApi: printOpenApi(schema, facts),
    prune: (body) => pruneResource(schema, body),
    checkTypes: checkResourceTypes,
    complete: (object) => withoutNulls(complete(object)),
    validate: (object) => validateResource(schema, object),
    renew: (stored) => complete(pruneResource(schema, { ...stored, apiVersion: facts.apiVersion }).object),
  };
}

/** Metadata is read before any schema is asked. */
function checkResourceTypes(body: JsonObject): readonly FieldError[] {
  return checkTypesIn(metadataMessage, body["metadata"] ?? {}, "metadata");
}

function validateResource(schema: Schema, object: JsonObject): readonly FieldError[] {
  return [...checkValue(schema, object), ...checkListTypes(schema, object)];
}

/** Metadata without the nulls that clients send; elsewhere a null may be a value. */
function withoutNulls(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isJsonObject(metadata)) return object;
  const kept = Object.entries(metadata).filter((entry): entry is [string, Json] => entry[1] !== null && entry[1] !== undefined);
  return kept.length === Object.keys(metadata).length ? object : { ...object, metadata: Object.fromEntries(kept) };
}
