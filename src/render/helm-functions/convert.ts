import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { printPlain } from "../template/print.ts";
import { Int, isList, plain, typeOf } from "../template/value.ts";
import type { GoList, GoValue } from "../template/value.ts";

/** Sprig's `toString`: texts as they are, bytes decoded, all else as `%v`. */
export function textOf(value: GoValue): string {
  if (typeof value === "string" || value instanceof Block) return plain(value);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : printPlain(value);
}

/** Sprig's string slices: lists item by item without nils, anything else as a list of itself. */
export function textsOf(value: GoValue): readonly string[] {
  if (value === null || value === undefined) return [];
  return isList(value) ? value.filter((item) => item !== null && item !== undefined).map(textOf) : [textOf(value)];
}

/** The value as a list. Throws FunctionFault. */
export function listOf(value: GoValue, name: string): GoList {
  if (isList(value)) return value;
  if (value instanceof Uint8Array) return Array.from(value, (byte) => new Int(BigInt(byte), "uint8"));
  throw new FunctionFault(`Cannot ${name} on type ${value === null || value === undefined ? "nil" : typeOf(value)}`);
}

/** Go's ParseInt with base 0; undefined for what is none or does not fit. */
export function parseInteger(text: string): bigint | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (!/^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/.test(digits)) return undefined;
  const bare = digits.replaceAll("_", "");
  const value = BigInt(/^0[0-7]+$/.test(bare) ? `0o${bare.slice(1)}` : bare);
  const signed = sign === "-" ? -value : value;
  return BigInt.asIntN(64, signed) === signed ? signed : undefined;
}

/** Sprig's `int64`: what is no number is 0. */
export function integerOf(value: GoValue): bigint {
  if (value instanceof Int) return value.value;
  if (typeof value === "number") return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : -(2n ** 63n);
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "string" || value instanceof Block) return parseInteger(plain(value).replace(/\.0+$/, "")) ?? 0n;
  return 0n;
}

/** Sprig's `float64`: what is no number is 0. */
export function floatOf(value: GoValue): number {
  if (typeof value === "number") return value;
  if (value instanceof Int) return Number(value.value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" || value instanceof Block ? (parseFloatGo(plain(value)) ?? 0) : 0;
}

/** Go's ParseFloat; undefined for what is none. */
export function parseFloatGo(text: string): number | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  const special = /^([-+]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return /^[-+]?0[xX][0-9a-fA-F]+$/.test(text) ? undefined : undefined;
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Longest text or list one call may make: more is a mistake, and a way to blow up memory. */
export const resultLengthMax = 4 * 1024 * 1024;

/** Refuses a result that would be too long. Throws FunctionFault. */
export function checkLength(length: number): void {
  if (length > resultLengthMax) throw new FunctionFault(`would make more than ${resultLengthMax} characters or items`);
}
