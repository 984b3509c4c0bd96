import { isCidr } from "../value/ip.ts";
import { isQuantity, parseQuantity } from "../value/quantity.ts";
import type { LabelSelectorValue } from "../value/labels.ts";
import { checkLabelValue, checkQualifiedName } from "../value/names.ts";
import { checkLabels } from "./check-metadata.ts";
import type { FieldError } from "./field-error.ts";

/** An error of a value, in the usual form. */
export function invalid(path: string, value: unknown, detail: string): FieldError {
  return { type: "Invalid", path, value, detail };
}

/** A value that is missing. */
export function required(path: string, detail = ""): FieldError {
  return { type: "Required", path, detail };
}

/** A value that may not be there. */
export function forbidden(path: string, detail: string): FieldError {
  return { type: "Forbidden", path, detail };
}

/** A value that is there before. */
export function duplicate(path: string, value: unknown): FieldError {
  return { type: "Duplicate", path, value, detail: "" };
}

/** More than may be. */
export function tooMany(path: string, count: number, max: number): FieldError {
  return { type: "TooMany", path, value: count, detail: `must have at most ${max} ${max === 1 ? "item" : "items"}` };
}

/** What the checks of `value/names.ts` found, as errors of one field. */
export function invalidEach(path: string, value: unknown, details: readonly string[]): readonly FieldError[] {
  return details.map((detail) => invalid(path, value, detail));
}

/** A text that must be there. */
export function checkPresent(path: string, value: string | undefined, detail = ""): readonly FieldError[] {
  return value === undefined || value === "" ? [required(path, detail)] : [];
}

/** A whole number within bounds, where one is given. */
export function checkBetween(path: string, value: number | undefined, { min, max }: { readonly min: number; readonly max: number }): readonly FieldError[] {
  return value === undefined || (value >= min && value <= max) ? [] : [invalid(path, value, `must be between ${min} and ${max}, inclusive`)];
}

/** A CIDR that reads. */
export function checkCidr(path: string, text: string): readonly FieldError[] {
  return isCidr(text) ? [] : [invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
}

/**
 * A label selector that reads; an absent one does.
 * @see kubernetes apimachinery pkg/apis/meta/v1/validation/validation.go ValidateLabelSelector
 */
export function checkLabelSelector(path: string, { matchLabels = {}, matchExpressions = [] }: LabelSelectorValue = {}): readonly FieldError[] {
  return [
    ...checkLabels(matchLabels, `${path}.matchLabels`),
    ...matchExpressions.flatMap(({ key, operator = "", values = [] }, index): readonly FieldError[] => {
      const at = `${path}.matchExpressions[${index}]`;
      return [
        ...(checkSetOperator(operator, values, at) ?? [invalid(`${at}.operator`, operator, "not a valid selector operator")]),
        ...invalidEach(`${at}.key`, key, checkQualifiedName(key)),
        ...values.flatMap((value, place) => invalidEach(`${at}.values[${place}]`, value, checkLabelValue(value))),
      ];
    }),
  ];
}

/** What is wrong with the number of values of a requirement, of labels or of nodes; undefined for an operator both do not have. */
export function checkSetOperator(operator: string, values: readonly string[], path: string): readonly FieldError[] | undefined {
  switch (operator) {
    case "In":
    case "NotIn": return values.length === 0 ? [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")] : [];
    case "Exists":
    case "DoesNotExist": return values.length > 0 ? [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : [];
    default: return undefined;
  }
}

/** A quantity that is not negative. */
export function checkQuantity(path: string, value: string | number | undefined): readonly FieldError[] {
  if (value === undefined || !isQuantity(value) || parseQuantity(value).nanos >= 0n) return [];
  return [invalid(path, value, "must be greater than or equal to 0")];
}

/** Quantities by resource, none negative. */
export function checkQuantities(path: string, values: Readonly<Record<string, string | number>> | undefined): readonly FieldError[] {
  return Object.entries(values ?? {}).flatMap(([resource, value]) => checkQuantity(`${path}[${resource}]`, value));
}
