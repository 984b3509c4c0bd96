import { printCanonicalJson } from "../value/canonical-json.ts";
import type { Json } from "../value/json.ts";
import { quote } from "../value/quote.ts";
import { ApiError } from "./api-error.ts";
import type { FieldError, FieldErrorType } from "./field-error.ts";
import type { Kind } from "./kind.ts";

/** The reason of a Status cause for each type of field error. */
export const causeReasons: Readonly<Record<FieldErrorType, string>> = {
  Required: "FieldValueRequired", Invalid: "FieldValueInvalid", TypeInvalid: "FieldValueTypeInvalid", NotSupported: "FieldValueNotSupported",
  Duplicate: "FieldValueDuplicate", Forbidden: "FieldValueForbidden", TooLong: "FieldValueTooLong", TooMany: "FieldValueTooMany",
  NotFound: "FieldValueNotFound", InternalError: "InternalError", FieldManagerConflict: "FieldManagerConflict", DisruptionBudget: "DisruptionBudget", ResourceVersionTooLarge: "ResourceVersionTooLarge", NamespaceTerminating: "NamespaceTerminating", PolicyRefusal: "",
};

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function printFieldError(error: FieldError): string {
  return `${error.path}: ${printCause(error)}`;
}

/**
 * The message of a Status cause: a field error without its path.
 * @see kubernetes apimachinery pkg/util/validation/field/errors.go ErrorBody
 */
export function printCause(error: FieldError): string {
  const detail = error.detail === "" ? "" : `: ${error.detail}`;
  switch (error.type) {
    case "Required": return `Required value${detail}`;
    case "Forbidden": return `Forbidden${detail}`;
    case "TooLong": return `Too long${detail}`;
    case "InternalError": return `Internal error${detail}`;
    // Of a whole structure there is no value to show.
    case "Invalid": return "value" in error ? `Invalid value: ${printValue(error.value)}${detail}` : `Invalid value${detail}`;
    case "TypeInvalid": return `Invalid value: ${printValue(error.value)}${detail}`;
    case "NotSupported": return `Unsupported value: ${printValue(error.value)}${detail}`;
    case "Duplicate": return `Duplicate value: ${printValue(error.value)}${detail}`;
    case "NotFound": return `Not found: ${printValue(error.value)}${detail}`;
    case "FieldManagerConflict":
    case "DisruptionBudget":
    case "NamespaceTerminating":
    case "PolicyRefusal":
    case "ResourceVersionTooLarge": return error.detail;
    case "TooMany": return `Too many: ${printValue(error.value)}${detail}`;
  }
}

/** The 422 that says what is wrong with an object. `causes` are the errors as given. */
export function invalidError(kind: Pick<Kind, "group" | "kind">, name: string, errors: readonly FieldError[]): ApiError {
  const unique = errors.filter((error, index) => errors.findIndex((other) => printFieldError(other) === printFieldError(error)) === index);
  const texts = unique.map(printFieldError);
  const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const message = `${subject} ${quote(name)} is invalid: ${texts.length === 1 ? texts[0] ?? "" : `[${texts.join(", ")}]`}`;
  return new ApiError("Invalid", message, { details: { group: kind.group, kind: kind.kind, name }, causes: unique });
}

/** The error of a value outside a closed set; the detail lists the set as upstream does, sorted. */
export function notSupported(path: string, value: unknown, supported: readonly string[]): FieldError {
  return { type: "NotSupported", path, value, detail: `supported values: ${supported.toSorted().map(quote).join(", ")}` };
}

/** Values longer than this are cut in messages: nobody reads on. */
const shownLengthMax = 1_000;

function printValue(value: unknown): string {
  if (typeof value === "string") return quote(value.length > shownLengthMax ? `${value.slice(0, shownLengthMax)}…` : value);
  if (value === undefined || value === null) return "null";
  const text = printCanonicalJson(value as Json);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}
