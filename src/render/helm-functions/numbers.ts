import { FunctionFault } from "../fault.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { int, int64 } from "../template/value.ts";
import type { GoList, GoValue } from "../template/value.ts";
import { floatOf, integerOf } from "./convert.ts";

const max = goFunction("max", ["any", "...any"], (args) => int64(args.map(integerOf).reduce((left, right) => (right > left ? right : left))));

/** Arithmetic, as Sprig: whole numbers are 64 bits wide, `…f` ones decimal. */
export const numberFunctions: readonly GoFunction[] = [
  goFunction("int64", ["any"], ([value]) => int64(integerOf(value))),
  goFunction("int", ["any"], ([value]) => int(integerOf(value))),
  goFunction("float64", ["any"], ([value]) => floatOf(value)),
  goFunction("add1", ["any"], ([value]) => int64(integerOf(value) + 1n)),
  goFunction("add", ["...any"], (args) => int64(args.reduce((sum: bigint, arg) => sum + integerOf(arg), 0n))),
  goFunction("sub", ["any", "any"], ([left, right]) => int64(integerOf(left) - integerOf(right))),
  goFunction("div", ["any", "any"], ([left, right]) => int64(integerOf(left) / divisorOf(right))),
  goFunction("mod", ["any", "any"], ([left, right]) => int64(integerOf(left) % divisorOf(right))),
  goFunction("mul", ["any", "...any"], (args) => int64(args.map(integerOf).reduce((left, right) => BigInt.asIntN(64, left * right)))),
  max, renamed("biggest", max),
  goFunction("min", ["any", "...any"], (args) => int64(args.map(integerOf).reduce((left, right) => (right < left ? right : left)))),
  goFunction("maxf", ["any", "...any"], (args) => Math.max(...args.map(floatOf))),
  goFunction("minf", ["any", "...any"], (args) => Math.min(...args.map(floatOf))),
  goFunction("ceil", ["any"], ([value]) => Math.ceil(floatOf(value))),
  goFunction("floor", ["any"], ([value]) => Math.floor(floatOf(value))),
  goFunction("round", ["any", "any", "...float64"], ([value, places, on = 0.5]) => roundTo(floatOf(value), floatOf(places), on)),
  goFunction("add1f", ["any"], ([value]) => decimals([value, 1], addDecimals)),
  goFunction("addf", ["...any"], (args) => decimals([0, ...args], addDecimals)),
  goFunction("subf", ["any", "...any"], (args) => decimals(args, (left, right) => addDecimals(left, { ...right, digits: -right.digits }))),
  goFunction("mulf", ["any", "...any"], (args) => decimals(args, (left, right) => ({ digits: left.digits * right.digits, scale: left.scale + right.scale }))),
  goFunction("divf", ["any", "...any"], (args) => decimals(args, divideDecimals)),
];

function divisorOf(value: GoValue): bigint {
  const divisor = integerOf(value);
  if (divisor === 0n) throw new FunctionFault("runtime error: integer divide by zero");
  return divisor;
}

function roundTo(value: number, places: number, on: number): number {
  const scale = 10 ** places;
  const shifted = scale * value;
  const rest = shifted - Math.trunc(shifted);
  return (rest >= on ? Math.ceil(shifted) : Math.floor(shifted)) / scale;
}

/** `digits` / 10^`scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Digits a quotient is computed to, as Sprig's decimals. */
const quotientScale = 16;

function decimals(args: GoList, combine: (left: Decimal, right: Decimal) => Decimal): number {
  const { digits, scale } = args.map((arg) => decimalOf(floatOf(arg))).reduce(combine);
  return Number(`${digits}e-${scale}`);
}

function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new FunctionFault(`Cannot create a Decimal from ${value}`);
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { digits: left.digits * 10n ** BigInt(scale - left.scale) + right.digits * 10n ** BigInt(scale - right.scale), scale };
}

function divideDecimals(left: Decimal, right: Decimal): Decimal {
  if (right.digits === 0n) throw new FunctionFault("decimal division by 0");
  const top = left.digits * 10n ** BigInt(right.scale + quotientScale);
  const bottom = right.digits * 10n ** BigInt(left.scale);
  const quotient = top / bottom;
  const rest = top % bottom;
  // Half goes away from zero.
  const isHalf = 2n * (rest < 0n ? -rest : rest) >= (bottom < 0n ? -bottom : bottom);
  return { digits: isHalf ? quotient + ((top < 0n) === (bottom < 0n) ? 1n : -1n) : quotient, scale: quotientScale };
}
