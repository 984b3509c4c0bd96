import { isEqual } from "../../value/equal.ts";
import type { Json } from "../../value/json.ts";
import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { countOf, integerOf, isTrue, jsonOf, kindOf, listOf, mapOf, memberOf, sortedKeys, textOf } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;
/** Longest list `until` makes: more is a mistake, and a way to blow up memory. */
const untilMax = 10_000;

/** Lists. Nothing is changed in place; every function answers a new list. */
export const listFunctions: readonly TemplateFunction[] = [
  { name: "list", usage: "list A B …", min: 0, max: many, takesMissing: true, run: (args) => args.map(jsonOf) },
  { name: "first", usage: "first LIST", min: 1, max: 1, run: ([list]) => listOf(list)[0] },
  { name: "last", usage: "last LIST", min: 1, max: 1, run: ([list]) => listOf(list).at(-1) },
  { name: "rest", usage: "rest LIST", min: 1, max: 1, run: ([list]) => listOf(list).slice(1) },
  { name: "initial", usage: "initial LIST", min: 1, max: 1, run: ([list]) => listOf(list).slice(0, -1) },
  { name: "index", usage: "index COLLECTION KEY …", min: 2, max: many, run: ([collection, ...keys]) => keys.reduce<TemplateValue>(elementOf, collection) },
  { name: "append", usage: "append LIST ITEM", min: 2, max: 2, run: ([list, item]) => [...listOf(list), jsonOf(item)] },
  { name: "prepend", usage: "prepend LIST ITEM", min: 2, max: 2, run: ([list, item]) => [jsonOf(item), ...listOf(list)] },
  { name: "concat", usage: "concat LIST …", min: 1, max: many, run: (args) => args.flatMap((list) => listOf(list)) },
  { name: "has", usage: "has ITEM LIST", min: 2, max: 2, run: ([item, list]) => listOf(list).some((entry) => isEqual(entry, item)) },
  { name: "without", usage: "without LIST ITEM …", min: 2, max: many, run: ([list, ...items]) => listOf(list).filter((entry) => !items.some((item) => isEqual(entry, item))) },
  { name: "uniq", usage: "uniq LIST", min: 1, max: 1, run: ([list]) => uniqueItems(listOf(list)) },
  { name: "compact", usage: "compact LIST", min: 1, max: 1, run: ([list]) => listOf(list).filter((entry) => isTrue(entry)) },
  { name: "reverse", usage: "reverse LIST", min: 1, max: 1, run: ([list]) => listOf(list).toReversed() },
  { name: "sortAlpha", usage: "sortAlpha LIST", min: 1, max: 1, run: ([list]) => listOf(list).map(textOf).toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0)) },
  { name: "slice", usage: "slice LIST FROM [TO]", min: 2, max: 3, run: ([list, from, to]) => listOf(list).slice(integerOf(from), to === undefined ? undefined : integerOf(to)) },
  { name: "until", usage: "until COUNT", min: 1, max: 1, run: ([count]) => Array.from({ length: countOf(count, untilMax) }, (_, index) => index) },
  { name: "join", usage: "join SEPARATOR LIST", min: 2, max: 2, run: ([separator, list]) => listOf(list).map(textOf).join(textOf(separator)) },
  // A list, as Sprig's splitList: `split` of Sprig answers a map `_0, _1 …` that nobody reads with joy.
  { name: "split", usage: "split SEPARATOR TEXT", min: 2, max: 2, run: ([separator, text]) => textOf(text).split(textOf(separator)) },
  { name: "len", usage: "len VALUE", min: 1, max: 1, run: ([value]) => lengthOf(value) },
];

function lengthOf(value: TemplateValue): number {
  switch (kindOf(value)) {
    case "slice": return listOf(value).length;
    case "map": return sortedKeys(mapOf(value)).length;
    case "string": return new TextEncoder().encode(textOf(value)).length;
    default: throw new FunctionFault("needs a text, a list or a map");
  }
}

function elementOf(collection: TemplateValue, key: TemplateValue): TemplateValue {
  if (kindOf(collection) === "map") return memberOf(mapOf(collection), textOf(key));
  const list = listOf(collection);
  const index = integerOf(key);
  if (index < 0 || index >= list.length) throw new FunctionFault(`has no element ${index}, the list has ${list.length}`);
  return list[index];
}

function uniqueItems(list: readonly Json[]): readonly Json[] {
  const kept: Json[] = [];
  for (const entry of list) if (!kept.some((known) => isEqual(known, entry))) kept.push(entry);
  return kept;
}
