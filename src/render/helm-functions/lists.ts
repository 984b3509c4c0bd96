import { FunctionFault } from "../fault.ts";
import { deepEqual } from "../template/deep-equal.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { Int, int, isList, isTrue, typed, typeOf } from "../template/value.ts";
import type { GoList, GoValue } from "../template/value.ts";
import { checkLength, listOf } from "./convert.ts";

/** Longest list a count may make. */
const countMax = 1_000_000;

/** A function and its `must` twin: both fail the render, in Go one by a panic. */
function withMust(entry: GoFunction): readonly GoFunction[] {
  return [entry, renamed(`must${entry.name.charAt(0).toUpperCase()}${entry.name.slice(1)}`, entry)];
}

const append = goFunction("append", ["any", "any"], ([list, item]) => [...listOf(list, "push"), item]);
const list = goFunction("list", ["...any"], (args) => args);

/** Lists, as Sprig: none is changed in place. */
export const listFunctions: readonly GoFunction[] = [
  list, renamed("tuple", list),
  ...withMust(append), ...withMust(renamed("push", append)),
  ...withMust(goFunction("prepend", ["any", "any"], ([values, item]) => [item, ...listOf(values, "prepend")])),
  ...withMust(goFunction("first", ["any"], ([values]) => listOf(values, "find first")[0] ?? null)),
  ...withMust(goFunction("last", ["any"], ([values]) => listOf(values, "find last").at(-1) ?? null)),
  ...withMust(goFunction("rest", ["any"], ([values]) => tail(listOf(values, "find rest"), (items) => items.slice(1)))),
  ...withMust(goFunction("initial", ["any"], ([values]) => tail(listOf(values, "find initial"), (items) => items.slice(0, -1)))),
  ...withMust(goFunction("reverse", ["any"], ([values]) => listOf(values, "find reverse").toReversed())),
  ...withMust(goFunction("uniq", ["any"], ([values]) => uniqueItems(listOf(values, "find uniq")))),
  ...withMust(goFunction("without", ["any", "...any"], ([values, ...omitted]) => listOf(values, "find without").filter((item) => !omitted.some((other) => deepEqual(item, other))))),
  ...withMust(goFunction("has", ["any", "any"], ([item, values]) => (values === null ? false : listOf(values, "find has").some((other) => deepEqual(item, other))))),
  ...withMust(goFunction("compact", ["any"], ([values]) => listOf(values, "compact").filter(isTrue))),
  ...withMust(goFunction("slice", ["any", "...any"], ([values, ...bounds]) => sliceOf(values, bounds))),
  ...withMust(goFunction("chunk", ["int", "any"], ([size, values]) => chunksOf(size, listOf(values, "chunk")))),
  goFunction("concat", ["...any"], (lists) => lists.flatMap((values) => {
    if (!isList(values)) throw new FunctionFault(`Cannot concat type ${values === null ? "nil" : typeOf(values)} as list`);
    return values;
  })),
  goFunction("until", ["int"], ([count]) => typed(stepsOf(0, count, count < 0 ? -1 : 1), "[]int")),
  goFunction("untilStep", ["int", "int", "int"], ([from, to, step]) => typed(stepsOf(from, to, step), "[]int")),
  goFunction("seq", ["...int"], (bounds) => sequence(bounds)),
];

function tail(items: GoList, cut: (items: GoList) => GoList): GoValue {
  return items.length === 0 ? typed([], "[]interface {}") : cut(items);
}

function uniqueItems(items: GoList): GoList {
  const kept: GoValue[] = [];
  for (const item of items) if (!kept.some((known) => deepEqual(item, known))) kept.push(item);
  return kept;
}

function sliceOf(value: GoValue, bounds: GoList): GoValue {
  const items = listOf(value, "slice");
  const [from, to] = bounds.map((bound) => (bound instanceof Int ? Number(bound.value) : typeof bound === "number" ? Math.trunc(bound) : 0));
  if (items.length === 0) return null;
  const start = from ?? 0;
  const end = to ?? items.length;
  if (start < 0 || end > items.length || start > end) throw new FunctionFault(`reflect.Value.Slice: slice index out of bounds`);
  return typed(items.slice(start, end), typeOf(value));
}

function chunksOf(size: number, items: GoList): GoList {
  if (size <= 0) throw new FunctionFault("runtime error: makeslice: len out of range");
  const chunks: GoList[] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return typed(chunks.length === 0 ? [[]].slice(1) : chunks, "[][]interface {}");
}

function stepsOf(from: number, to: number, step: number): readonly Int[] {
  if (step === 0 || (to < from ? step > 0 : step < 0)) return [];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (count > countMax) throw new FunctionFault(`would make a list of ${count} numbers; at most ${countMax} are made`);
  return Array.from({ length: count }, (_, index) => int(from + index * step));
}

function sequence(bounds: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = bounds;
  const steps = (from: number, to: number, step: number, edge: number): string => {
    const numbers = stepsOf(from, to + edge, step).map((number) => String(number.value));
    checkLength(numbers.length);
    return numbers.join(" ");
  };
  switch (bounds.length) {
    case 1: return steps(1, a, a < 1 ? -1 : 1, a < 1 ? -1 : 1);
    case 2: return steps(a, b, b < a ? -1 : 1, b < a ? -1 : 1);
    case 3: return c < a && b > 0 ? "" : steps(a, c, b, c < a ? -1 : 1);
    default: return "";
  }
}
