import { isEqual } from "../../value/equal.ts";
import { checkConfigKey } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";

/** All values of one ConfigMap or Secret together. */
export const dataBytesMax = 1024 * 1024;

/** Checks the keys and the size of data; each part by its field's name. Values of `binaryData` and of Secrets are base64. */
export function checkData(parts: readonly (readonly [field: string, data: Readonly<Record<string, string>>])[], isBase64: (field: string) => boolean = (field) => field === "binaryData"): readonly FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [field, data] of parts) {
    for (const [key, value] of Object.entries(data)) {
      errors.push(...checkConfigKey(key).map((detail) => ({ type: "Invalid", path: `${field}[${key}]`, value: key, detail }) as const));
      sizeBytes += Buffer.byteLength(value, isBase64(field) ? "base64" : "utf8");
    }
  }
  if (sizeBytes > dataBytesMax) errors.push({ type: "TooLong", path: parts.length > 1 ? "" : parts[0]?.[0] ?? "", detail: `may not be more than ${dataBytesMax} bytes` });
  return errors.map((error) => (error.path === "" ? { ...error, path: "data" } : error));
}

/** What `immutable: true` forbids; it cannot be taken back. */
export function checkFrozenData<T extends { readonly immutable?: boolean }>(object: T, old: T, fields: readonly (keyof T & string)[]): readonly FieldError[] {
  if (old.immutable !== true) return [];
  const errors: FieldError[] = object.immutable === true ? [] : [{ type: "Forbidden", path: "immutable", detail: "field is immutable when `immutable` is set" }];
  for (const field of fields) {
    if (!isEqual(object[field] ?? {}, old[field] ?? {})) errors.push({ type: "Forbidden", path: field, detail: "field is immutable when `immutable` is set" });
  }
  return errors;
}
