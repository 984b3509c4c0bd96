import { FunctionFault } from "../fault.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { copyOf, goMap, isMap, isTrue, keysOf, typed, typeOf } from "../template/value.ts";
import type { GoList, GoMap, GoValue } from "../template/value.ts";
import { textOf } from "./convert.ts";

const merge = goFunction("merge", ["map", "...map"], ([target, ...sources]) => sources.reduce<GoMap>((into, source) => mergeInto(into, source, false), target));
const mergeOverwrite = goFunction("mergeOverwrite", ["map", "...map"], ([target, ...sources]) => sources.reduce<GoMap>((into, source) => mergeInto(into, source, true), target));
const deepCopy = goFunction("deepCopy", ["any"], ([value]) => copyOf(value));

/** Maps, as Sprig: `set`, `unset` and the merges change the map they are given. */
export const mapFunctions: readonly GoFunction[] = [
  goFunction("dict", ["...any"], (args) => dictOf(args)),
  goFunction("get", ["map", "string"], ([map, key]) => (key in map ? map[key] : "")),
  goFunction("set", ["map", "string", "any"], ([map, key, value]) => {
    map[key] = value;
    return map;
  }),
  goFunction("unset", ["map", "string"], ([map, key]) => {
    delete map[key];
    return map;
  }),
  goFunction("hasKey", ["map", "string"], ([map, key]) => key in map),
  goFunction("pluck", ["string", "...map"], ([key, ...maps]) => maps.flatMap((map) => (key in map ? [map[key]] : []))),
  // Go's order is a different one each time; sorted, a render stays the same.
  goFunction("keys", ["...map"], (maps) => typed(maps.flatMap(keysOf), "[]string")),
  goFunction("values", ["map"], ([map]) => keysOf(map).map((key) => map[key])),
  goFunction("pick", ["map", "...string"], ([map, ...keys]) => goMap(keys.flatMap((key) => (key in map ? [[key, map[key]] as const] : [])))),
  goFunction("omit", ["map", "...string"], ([map, ...keys]) => goMap(Object.entries(map).filter(([key]) => !keys.includes(key)))),
  merge, renamed("mustMerge", merge), mergeOverwrite, renamed("mustMergeOverwrite", mergeOverwrite),
  deepCopy, renamed("mustDeepCopy", deepCopy),
  goFunction("dig", ["...any"], (args) => digValue(args)),
];

function dictOf(args: GoList): GoMap {
  const map = goMap();
  for (let i = 0; i < args.length; i += 2) map[textOf(args[i])] = i + 1 < args.length ? args[i + 1] : "";
  return map;
}

/** Fills or overwrites members of `target`, deep. What is empty in the target counts as not there, as in mergo. */
function mergeInto(target: GoMap, source: GoMap, overwrites: boolean): GoMap {
  for (const key of Object.keys(source)) {
    const theirs = source[key];
    const own = target[key];
    if (theirs === null || theirs === undefined) {
      // As in mergo: what is null fills nothing, and takes away where it overwrites.
      if (overwrites) target[key] = null;
    } else if (isMap(theirs) && isMap(own)) {
      mergeInto(own, theirs, overwrites);
    } else if (overwrites || !isTrue(own)) {
      target[key] = theirs;
    }
  }
  return target;
}

function digValue(args: GoList): GoValue {
  if (args.length < 3) throw new FunctionFault("dig needs at least three arguments");
  const fallback = args.at(-2);
  let current = args.at(-1);
  for (const key of args.slice(0, -2)) {
    if (typeof key !== "string") throw new FunctionFault(`interface conversion: interface {} is ${typeOf(key)}, not string`);
    if (!isMap(current)) throw new FunctionFault(`interface conversion: interface {} is ${current === null || current === undefined ? "nil" : typeOf(current)}, not map[string]interface {}`);
    if (!(key in current)) return fallback;
    current = current[key];
  }
  return current;
}
