import { ValueError, isReadable } from "./value-error.ts";

/** How a quantity is written: its suffix family is kept when it is printed. */
export type QuantityFormat = "decimal" | "binary" | "exponent";

/** An exact amount. Kubernetes knows nothing smaller than a nano: smaller parts round up. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const nanosPerUnit = 1_000_000_000n;
const nanosPerMilli = 1_000_000n;
/** Amounts are capped at an int64, as upstream. */
const unitsMax = 9_223_372_036_854_775_807n;
/** Longer texts hold no amount an int64 could. */
const lengthMax = 64;

const decimalSuffixes: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binarySuffixes: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/** Kubernetes' text for a quantity that cannot be read. */
export const quantityMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Texts whose amounts are remembered: a cluster says the same few again and again. About 100 KB. */
const rememberedMax = 1_000;

const remembered = new Map<string, Quantity>();

/**
 * Reads a quantity as JSON has it, text or number. Throws ValueError.
 * @see kubernetes apimachinery pkg/api/resource/quantity.go
 */
export function parseQuantity(value: string | number): Quantity {
  const text = String(value);
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const quantity = readQuantity(text);
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(text, quantity);
  return quantity;
}

function readQuantity(text: string): Quantity {
  const found = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(.*)$/.exec(text);
  if (found === null || text.length > lengthMax) throw new ValueError("syntax", quantityMessage);
  const [, sign, whole = "0", fraction = "", bareFraction = "", suffix = ""] = found;
  const decimals = fraction + bareFraction;
  const digits = BigInt(whole + decimals);
  const scaled = scaleOf(suffix, decimals.length);
  const magnitude = divideUp(digits * scaled.numerator, scaled.denominator);
  const capped = magnitude > unitsMax * nanosPerUnit ? unitsMax * nanosPerUnit : magnitude;
  return { nanos: sign === "-" ? -capped : capped, format: scaled.format };
}

const canonical = new Map<string, string>();

/** `printQuantity` of `parseQuantity`, remembered. Throws ValueError. */
export function canonicalQuantity(value: string | number): string {
  const text = String(value);
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const printed = printQuantity(parseQuantity(text));
  if (canonical.size >= rememberedMax) canonical.clear();
  canonical.set(text, printed);
  return printed;
}

/** True when `parseQuantity` can read the text. */
export function isQuantity(text: string | number): boolean {
  return isReadable(() => parseQuantity(text));
}

function scaleOf(suffix: string, decimals: number): { readonly numerator: bigint; readonly denominator: bigint; readonly format: QuantityFormat } {
  const binary = binarySuffixes[suffix];
  if (binary !== undefined) return { numerator: nanosPerUnit << binary, denominator: 10n ** BigInt(decimals), format: "binary" };
  const exponentText = /^[eE]([+-]?[0-9]{1,3})$/.exec(suffix)?.[1];
  const exponent = exponentText === undefined ? decimalSuffixes[suffix] : Number(exponentText);
  if (exponent === undefined) throw new ValueError("syntax", quantityMessage);
  const power = exponent - decimals + 9;
  return {
    numerator: power > 0 ? 10n ** BigInt(power) : 1n, denominator: power < 0 ? 10n ** BigInt(-power) : 1n,
    format: exponentText === undefined ? "decimal" : "exponent",
  };
}

/** Prints the canonical form: `1024Mi` is `1Gi`, `0.5` is `500m`. */
export function printQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  if (format === "binary" && magnitude >= 1024n * nanosPerUnit) return sign + printBinary(divideUp(magnitude, nanosPerUnit));
  return sign + printDecimal(magnitude, format === "exponent");
}

function printBinary(units: bigint): string {
  let rest = units;
  let suffix = "";
  for (const candidate of Object.keys(binarySuffixes)) {
    if (rest % 1024n !== 0n) break;
    rest /= 1024n;
    suffix = candidate;
  }
  return `${rest}${suffix}`;
}

function printDecimal(nanos: bigint, isExponent: boolean): string {
  let rest = nanos;
  let exponent = -9;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (isExponent) return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
  return `${rest}${Object.entries(decimalSuffixes).find(([, power]) => power === exponent)?.[0] ?? ""}`;
}

/** Below 0, 0 or above 0, for sorting. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum; it keeps the family of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** Thousandths, rounded up: the unit of CPU. Exact up to 2^53. */
export function milliValueOf(quantity: Quantity): number {
  return Number(ceilDivide(quantity.nanos, nanosPerMilli));
}

/** Whole units, rounded up: bytes, pods. Exact up to 2^53. */
export function wholeValueOf(quantity: Quantity): number {
  return Number(ceilDivide(quantity.nanos, nanosPerUnit));
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/** Towards positive infinity, for either sign. */
function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  return numerator < 0n ? numerator / denominator : divideUp(numerator, denominator);
}
