import type { FieldError } from "../field-error.ts";

/** A count that may not be negative. */
export function checkNotNegative(path: string, value: number | undefined): readonly FieldError[] {
  return value !== undefined && value < 0 ? [{ type: "Invalid", path, value, detail: "must be greater than or equal to 0" }] : [];
}
