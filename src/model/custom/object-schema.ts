import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { checkTypesIn } from "../check-types.ts";
import type { FieldError, FieldErrorType } from "../field-error.ts";
import type { ObjectChange, ObjectSchema } from "../object-schema.ts";
import { checkValue } from "./check-value.ts";
import { defaultObject } from "./default.ts";
import { checkEmbedded, findEmbeddedTypeErrors } from "./embedded.ts";
import { checkListTypes } from "./list-types.ts";
import { printOpenApi } from "./open-api.ts";
import type { VersionFacts } from "./open-api.ts";
import { pruneResource } from "./prune.ts";
import { checkRules, hasRules } from "./rules.ts";
import { metadataMessage } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";
import { structOfResource } from "./struct.ts";

/** Makes an object, written in any version of its definition, one of another version. */
export type Convert = (object: JsonObject, apiVersion: string) => JsonObject;

/** What definitions without a webhook do: every version has the same fields. */
export const convertByName: Convert = (object, apiVersion) => ({ ...object, apiVersion });

/** What a version of a definition says of its objects. */
export function objectSchemaOf(schema: Schema, facts: VersionFacts & { readonly sinceRevision: number; readonly convert: Convert }): ObjectSchema {
  const complete = (object: JsonObject): JsonObject => defaultObject(schema, object);
  return {
    sinceRevision: facts.sinceRevision,
    struct: structOfResource(schema),
    openApi: printOpenApi(schema, facts),
    prune: (body) => pruneResource(schema, body),
    checkTypes: (body) => [...checkResourceTypes(body), ...findEmbeddedTypeErrors(schema, body)],
    complete: (object) => withoutNulls(complete(object)),
    validate: (object, change) => validateResource(schema, object, change),
    isConvertedOutside: facts.convert !== convertByName,
    renew: (stored) => complete(pruneResource(schema, stored["apiVersion"] === facts.apiVersion ? stored : facts.convert(stored, facts.apiVersion)).object),
  };
}

/** Metadata is read before any schema is asked. */
function checkResourceTypes(body: JsonObject): readonly FieldError[] {
  return checkTypesIn(metadataMessage, body["metadata"] ?? {}, "metadata");
}

function validateResource(schema: Schema, object: JsonObject, change: ObjectChange = {}): readonly FieldError[] {
  const { old } = change;
  // Where an item stood twice before, all may.
  const listErrors = old !== undefined && checkListTypes(schema, old).length > 0 ? [] : checkListTypes(schema, object);
  const errors = [...checkValue(schema, object, old === undefined ? {} : { old }), ...checkEmbedded(schema, object), ...listErrors];
  if (!errors.some(({ type }) => blockingErrors.has(type))) return [...errors, ...checkRules(schema, object, change)];
  return hasRules(schema) ? [...errors, rulesUnchecked] : errors;
}

/** Errors after which rules would look at something that is not there or is something else. */
const blockingErrors: ReadonlySet<FieldErrorType> = new Set(["Required", "NotSupported", "TooLong", "TooMany", "TypeInvalid"]);

const rulesUnchecked: FieldError = {
  type: "Invalid", path: "<nil>", value: "null", detail: "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
};

/** Metadata without the nulls that clients send; elsewhere a null may be a value. */
function withoutNulls(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isJsonObject(metadata)) return object;
  const kept = Object.entries(metadata).filter((entry): entry is [string, Json] => entry[1] !== null && entry[1] !== undefined);
  return kept.length === Object.keys(metadata).length ? object : { ...object, metadata: Object.fromEntries(kept) };
}
