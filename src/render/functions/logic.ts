import { isEqual } from "../../value/equal.ts";
import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { isTrue, jsonOf, kindOf, spokenKind } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;

/** Truth, comparison and choice, with Go's rules of truth. */
export const logicFunctions: readonly TemplateFunction[] = [
  // Go's `and`: the first empty argument, else the last (which is what index -1 gives).
  { name: "and", usage: "and A B …", min: 1, max: many, takesMissing: true, run: (args) => args.at(args.findIndex((arg) => !isTrue(arg))) },
  { name: "or", usage: "or A B …", min: 1, max: many, takesMissing: true, run: (args) => args.find((arg) => isTrue(arg)) ?? args.at(-1) ?? false },
  { name: "not", usage: "not A", min: 1, max: 1, takesMissing: true, run: ([value]) => !isTrue(value) },
  { name: "eq", usage: "eq A B …", min: 2, max: many, takesMissing: true, run: ([first, ...others]) => others.some((other) => isEqual(jsonOf(first), jsonOf(other))) },
  { name: "ne", usage: "ne A B", min: 2, max: 2, takesMissing: true, run: ([left, right]) => !isEqual(jsonOf(left), jsonOf(right)) },
  { name: "lt", usage: "lt A B", min: 2, max: 2, run: ([left, right]) => compare(left, right) < 0 },
  { name: "le", usage: "le A B", min: 2, max: 2, run: ([left, right]) => compare(left, right) <= 0 },
  { name: "gt", usage: "gt A B", min: 2, max: 2, run: ([left, right]) => compare(left, right) > 0 },
  { name: "ge", usage: "ge A B", min: 2, max: 2, run: ([left, right]) => compare(left, right) >= 0 },
  { name: "ternary", usage: "ternary WHEN_TRUE WHEN_FALSE CONDITION", min: 3, max: 3, takesMissing: true, takesBlocks: true, run: ([yes, no, condition]) => (isTrue(condition) ? yes : no) },
  { name: "kindOf", usage: "kindOf VALUE", min: 1, max: 1, takesMissing: true, run: ([value]) => kindOf(value) },
  { name: "kindIs", usage: "kindIs KIND VALUE", min: 2, max: 2, takesMissing: true, run: ([kind, value]) => kindOf(value) === kind },
];

function compare(left: TemplateValue, right: TemplateValue): number {
  const a = jsonOf(left);
  const b = jsonOf(right);
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  throw new FunctionFault(`cannot compare ${spokenKind(a)} with ${spokenKind(b)}; convert one with int or toString`);
}
