import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { jsonOf, listOf, mapFrom, mapOf, memberOf, sortedKeys, textOf } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;

/** Maps. Nothing is changed in place; prototypes are never seen. */
export const mapFunctions: readonly TemplateFunction[] = [
  { name: "dict", usage: "dict KEY VALUE …", min: 0, max: many, takesMissing: true, run: (args) => dictOf(args) },
  { name: "get", usage: "get MAP KEY", min: 2, max: 2, run: ([map, key]) => memberOf(mapOf(map), textOf(key)) ?? "" },
  { name: "hasKey", usage: "hasKey MAP KEY", min: 2, max: 2, takesMissing: true, run: ([map, key]) => (map === undefined || map === null ? false : memberOf(mapOf(map), textOf(key)) !== undefined) },
  { name: "keys", usage: "keys MAP", min: 1, max: 1, run: ([map]) => sortedKeys(mapOf(map)) },
  { name: "values", usage: "values MAP", min: 1, max: 1, run: ([map]) => sortedKeys(mapOf(map)).map((key) => mapOf(map)[key] ?? null) },
  { name: "pick", usage: "pick MAP KEY …", min: 1, max: many, run: ([map, ...keys]) => chosen(mapOf(map), (key) => keys.includes(key)) },
  { name: "omit", usage: "omit MAP KEY …", min: 1, max: many, run: ([map, ...keys]) => chosen(mapOf(map), (key) => !keys.includes(key)) },
  { name: "set", usage: "set MAP KEY VALUE", min: 3, max: 3, run: ([map, key, value]) => mapFrom([...Object.entries(mapOf(map)).map(([name, item]) => [name, item ?? null] as const), [textOf(key), jsonOf(value)]]) },
  { name: "unset", usage: "unset MAP KEY", min: 2, max: 2, run: ([map, key]) => chosen(mapOf(map), (name) => name !== key) },
  { name: "merge", usage: "merge MAP FALLBACK …", min: 1, max: many, run: (args) => args.map(mapOf).reduce((left, right) => mergeMaps(right, left)) },
  { name: "mergeOverwrite", usage: "mergeOverwrite MAP OVERRIDE …", min: 1, max: many, run: (args) => args.map(mapOf).reduce((left, right) => mergeMaps(left, right)) },
  { name: "dig", usage: "dig KEY … FALLBACK MAP", min: 3, max: many, takesMissing: true, run: (args) => digValue(args) },
  { name: "pluck", usage: "pluck KEY MAP …", min: 2, max: many, run: ([key, ...maps]) => maps.map((map) => memberOf(mapOf(map), textOf(key))).filter((value) => value !== undefined) },
  { name: "fromEntries", usage: "fromEntries LIST", min: 1, max: 1, run: ([list]) => mapFrom(listOf(list).map((entry) => [textOf(listOf(entry)[0]), listOf(entry)[1] ?? null] as const)) },
];

function dictOf(args: readonly TemplateValue[]): JsonObject {
  if (args.length % 2 !== 0) throw new FunctionFault("needs a value for every key");
  return mapFrom(Array.from({ length: args.length / 2 }, (_, index) => [textOf(args[index * 2]), jsonOf(args[index * 2 + 1])] as const));
}

function chosen(map: JsonObject, keep: (key: string) => boolean): JsonObject {
  return mapFrom(sortedKeys(map).filter(keep).map((key) => [key, map[key] ?? null] as const));
}

/** Deep merge: members of `upper` win, maps are merged, lists replaced. */
function mergeMaps(lower: JsonObject, upper: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(lower), ...Object.keys(upper)])];
  return mapFrom(keys.map((key): readonly [string, Json] => {
    const below = memberOf(lower, key);
    const above = memberOf(upper, key);
    if (above === undefined) return [key, below ?? null];
    return [key, isJsonObject(above) && isJsonObject(below) ? mergeMaps(below, above) : above];
  }));
}

function digValue(args: readonly TemplateValue[]): TemplateValue {
  const keys = args.slice(0, -2).map(textOf);
  let current: TemplateValue = args.at(-1);
  for (const key of keys) {
    if (current === undefined || current === null) break;
    current = memberOf(mapOf(current), key);
  }
  return current ?? args.at(-2);
}
