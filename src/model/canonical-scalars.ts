import type { Json } from "../value/json.ts";
import { parseQuantity, printQuantity } from "../value/quantity.ts";
import { readOr } from "../value/value-error.ts";
import { printTime } from "../world/clock.ts";

/**
 * A scalar as upstream's types print it: times in UTC, of whole seconds or with six digits; `0.5` as `500m`. A value that cannot be read stays as it is.
 *
 * @see kubernetes apimachinery pkg/apis/meta/v1/time.go, pkg/api/resource/quantity.go CanonicalizeBytes
 */
export function canonicalScalar(scalar: string, value: Json): Json {
  return isCanonicalScalar(scalar, value) || (typeof value !== "string" && typeof value !== "number") ? value : canonical[scalar]?.(value) ?? value;
}

const canonical: Readonly<Record<string, (value: string | number) => Json>> = {
  time: (value) => printTimeOf(String(value), 0),
  microTime: (value) => printTimeOf(String(value), 6),
  quantity: printQuantityOf,
};

/** What is canonical at a glance: nearly every value is. Large quantities have to be looked at. */
const canonicalForms: Readonly<Record<string, RegExp>> = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, microTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, quantity: /^(?:0|[1-9]\d{0,14}(?<!000)[num]?|[1-9]\d{0,2}(?:[kMGTP]|[KMGTP]i))$/,
};

/** True for a value that is certainly written as it is stored; false where `canonicalScalar` has to look. */
export function isCanonicalScalar(scalar: string, value: Json): boolean {
  const form = canonicalForms[scalar];
  return form === undefined || (typeof value === "string" && form.test(value));
}

/** A time of the API with so many digits after the second; what stands behind them is cut off. */
function printTimeOf(text: string, digits: number): string {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return text;
  const fraction = (/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(digits, "0").slice(0, digits);
  return `${printTime(atMs).slice(0, -1)}${digits === 0 ? "" : `.${fraction}`}Z`;
}

function printQuantityOf(value: string | number): Json {
  return readOr(() => printQuantity(parseQuantity(value)), () => value);
}
