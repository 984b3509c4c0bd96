import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { printPlain } from "./print.ts";
import { compareStrings, Int, isList, isMap, plain, Struct, typeOf } from "./value.ts";
import type { GoValue } from "./value.ts";

type BasicKind = "bool" | "float" | "int" | "string";

function basicKind(value: GoValue): BasicKind | undefined {
  if (typeof value === "string" || value instanceof Block) return "string";
  if (typeof value === "number") return "float";
  if (typeof value === "boolean") return "bool";
  return value instanceof Int ? "int" : undefined;
}

/** Go's `eq` of two values. Throws FunctionFault for what Go cannot compare. */
export function areEqual(left: GoValue, right: GoValue): boolean {
  const isLeftNil = left === null || left === undefined;
  const isRightNil = right === null || right === undefined;
  if (isLeftNil || isRightNil) return isLeftNil && isRightNil;
  const kind = basicKind(left);
  if (kind !== basicKind(right)) throw new FunctionFault("incompatible types for comparison");
  if (kind === undefined) {
    if (isMap(left) || isList(left) || isMap(right) || isList(right)) throw new FunctionFault(`non-comparable type ${printPlain(left)}: ${typeOf(left)}`);
    return left instanceof Struct && left === right;
  }
  if (left instanceof Int && right instanceof Int) return left.value === right.value;
  return kind === "string" ? textOf(left) === textOf(right) : left === right;
}

/** Go's order of two values of one basic kind. Throws FunctionFault for what has none. */
export function compareValues(left: GoValue, right: GoValue): number {
  const kind = basicKind(left);
  const other = basicKind(right);
  if (kind === undefined || other === undefined) throw new FunctionFault("invalid type for comparison");
  if (kind !== other) throw new FunctionFault("incompatible types for comparison");
  if (kind === "bool") throw new FunctionFault("invalid type for comparison");
  if (left instanceof Int && right instanceof Int) return left.value < right.value ? -1 : Number(left.value > right.value);
  if (typeof left === "number" && typeof right === "number") return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
  return compareStrings(textOf(left), textOf(right));
}

function textOf(value: GoValue): string {
  return typeof value === "string" || value instanceof Block ? plain(value) : "";
}
