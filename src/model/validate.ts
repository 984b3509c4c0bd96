import { isEqual } from "../value/equal.ts";
import { readField } from "../value/field-path.ts";
import type { JsonObject } from "../value/json.ts";
import { checkMetadata, checkMetadataUpdate } from "./check-metadata.ts";
import { findSchemaErrors } from "./check-schema.ts";
import { checkTypes, hiddenValue } from "./check-types.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import type { ApiObject } from "./object.ts";
import { isWithinSchema } from "./quick-checks.ts";
import { withRequiredZeros } from "./required-zeros.ts";

/** More errors than this help nobody and cost memory. */
export const errorsMax = 100;

/** Who is told of what is wrong and let pass: what a definition refuses since the object was written. */
interface Told {
  readonly warn?: (text: string) => void;
}

/**
 * Everything wrong with an object after defaulting, in upstream's order and words: types, the schema's rules, metadata, the kind's own rules
 * and, against `old`, what may not change. Empty when it may be stored.
 */
export function validateObject<T extends ApiObject>(kind: Kind<T>, object: T, old?: T, { warn }: Told = {}): readonly FieldError[] {
  const body = object as unknown as JsonObject;
  const isRight = isRightAtOnce(kind, body);
  const typeErrors = isRight ? [] : checkTypes(kind, body);
  if (typeErrors.length > 0) return typeErrors.slice(0, errorsMax);
  const metadataErrors = [...checkMetadata(kind, object.metadata), ...(old === undefined ? [] : checkMetadataUpdate(object.metadata, old.metadata))];
  if (kind.schema !== undefined) return [...metadataErrors, ...kind.schema.validate(body, { ...(old === undefined ? {} : { old: old as unknown as JsonObject }), ...(warn === undefined ? {} : { warn }) })].slice(0, errorsMax);
  const schemaErrors = isRight ? [] : findSchemaErrors(kind, body);
  const ownErrors = findOwnErrors(kind, object, { old, missing: schemaErrors.filter(({ type }) => type === "Required").map(({ path }) => path) });
  const updateErrors = old === undefined ? [] : checkImmutable(kind, object, old);
  return [...metadataErrors, ...schemaErrors, ...ownErrors, ...updateErrors].slice(0, errorsMax);
}

/** A kind's rules may trust that what is required is there. Of what is missing, and of what would be in it, nothing more is said. */
function findOwnErrors<T extends ApiObject>(kind: Kind<T>, object: T, { old, missing }: { readonly old: T | undefined; readonly missing: readonly string[] }): readonly FieldError[] {
  if (missing.length === 0) return kind.validate?.(object, old) ?? [];
  const whole = withRequiredZeros(kind.message, object as unknown as JsonObject) as unknown as T;
  return (kind.validate?.(whole, old) ?? []).filter(({ path }) => !missing.some((place) => path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`)));
}

/** What is wrong with a write of the status alone: its types and rules, and metadata. */
export function validateStatus<T extends ApiObject>(kind: Kind<T>, object: T, old: T, told: Told = {}): readonly FieldError[] {
  if (kind.schema !== undefined) return validateObject(kind, object, old, told);
  const body = object as unknown as JsonObject;
  const isRight = isRightAtOnce(kind, body);
  const typeErrors = isRight ? [] : checkTypes(kind, body);
  if (typeErrors.length > 0) return typeErrors.slice(0, errorsMax);
  const schemaErrors = isRight ? [] : findSchemaErrors(kind, body).filter((error) => error.path === "status" || error.path.startsWith("status."));
  const ownErrors = schemaErrors.length > 0 ? [] : kind.validateStatus?.(object, old) ?? [];
  return [...checkMetadata(kind, object.metadata), ...checkMetadataUpdate(object.metadata, old.metadata), ...schemaErrors, ...ownErrors].slice(0, errorsMax);
}

/** One look says of nearly every object that its types are right and that it keeps the schema. */
function isRightAtOnce({ schema, message }: Kind, body: JsonObject): boolean {
  return schema === undefined && isWithinSchema(message, body);
}

function checkImmutable(kind: Kind, object: ApiObject, old: ApiObject): readonly FieldError[] {
  return (kind.immutable ?? []).flatMap((path): readonly FieldError[] => {
    const before = readField(old, path);
    const after = readField(object, path);
    if (isEqual(before === "" ? undefined : before, after === "" ? undefined : after)) return [];
    const isSecret = kind.secretPaths?.includes(path) === true;
    return [{ type: "Invalid", path, value: isSecret ? hiddenValue : after, detail: "field is immutable" }];
  });
}
