import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { integerOf, isTrue, numberOf } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;

/** Whole-number arithmetic as Sprig's, where nothing says otherwise. */
export const numberFunctions: readonly TemplateFunction[] = [
  { name: "add", usage: "add A B …", min: 1, max: many, run: (args) => args.map(integerOf).reduce((left, right) => left + right) },
  { name: "add1", usage: "add1 A", min: 1, max: 1, run: ([value]) => integerOf(value) + 1 },
  { name: "sub", usage: "sub A B", min: 2, max: 2, run: ([left, right]) => integerOf(left) - integerOf(right) },
  { name: "mul", usage: "mul A B …", min: 1, max: many, run: (args) => args.map(integerOf).reduce((left, right) => left * right) },
  { name: "div", usage: "div A B", min: 2, max: 2, run: ([left, right]) => Math.trunc(integerOf(left) / divisorOf(right)) },
  { name: "mod", usage: "mod A B", min: 2, max: 2, run: ([left, right]) => integerOf(left) % divisorOf(right) },
  { name: "min", usage: "min A B …", min: 1, max: many, run: (args) => Math.min(...args.map(integerOf)) },
  { name: "max", usage: "max A B …", min: 1, max: many, run: (args) => Math.max(...args.map(integerOf)) },
  { name: "floor", usage: "floor A", min: 1, max: 1, run: ([value]) => Math.floor(numberOf(value)) },
  { name: "ceil", usage: "ceil A", min: 1, max: 1, run: ([value]) => Math.ceil(numberOf(value)) },
  { name: "round", usage: "round A [DIGITS]", min: 1, max: 2, run: ([value, digits]) => roundTo(numberOf(value), digits === undefined ? 0 : integerOf(digits)) },
  { name: "int", usage: "int VALUE", min: 1, max: 1, takesMissing: true, run: ([value]) => (isTrue(value) ? integerOf(value) : 0) },
  { name: "float", usage: "float VALUE", min: 1, max: 1, takesMissing: true, run: ([value]) => (isTrue(value) ? numberOf(value) : 0) },
];

function divisorOf(value: TemplateValue): number {
  const divisor = integerOf(value);
  if (divisor === 0) throw new FunctionFault("cannot divide by 0");
  return divisor;
}

function roundTo(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
