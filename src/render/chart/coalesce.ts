import { copyOf, goMap, isMap } from "../template/value.ts";
import type { GoMap } from "../template/value.ts";
import type { Chart } from "./chart-tree.ts";

/** The member every chart of a tree shares. */
export const globalKey = "global";

/** The values one render uses: `values` over the chart's defaults, its dependencies' below their names, globals handed down. Null takes a default away. */
export function coalesceValues(chart: Chart, values: GoMap): GoMap {
  return coalesce(chart, copyMap(values), false);
}

/** The same with nulls kept: what import-values works on. */
export function mergeValues(chart: Chart, values: GoMap): GoMap {
  return coalesce(chart, copyMap(values), true);
}

function copyMap(values: GoMap): GoMap {
  const copied = copyOf(values);
  return isMap(copied) ? copied : goMap();
}

function coalesce(chart: Chart, target: GoMap, isMerge: boolean): GoMap {
  fillDefaults(chart, target, isMerge);
  for (const held of chart.charts) {
    const own = target[held.name];
    const below = isMap(own) ? own : goMap();
    handDownGlobals(below, target);
    target[held.name] = coalesce(held, below, isMerge);
  }
  return target;
}

function fillDefaults(chart: Chart, target: GoMap, isMerge: boolean): void {
  const defaults = copyMap(chart.values);
  for (const key of Object.keys(defaults)) {
    const fallback = defaults[key];
    if (!(key in target)) {
      if (!isMerge && fallback === null) continue;
      if (!isMerge && isMap(fallback)) dropNulls(fallback);
      target[key] = fallback;
      continue;
    }
    const own = target[key];
    if (own === null && !isMerge) {
      delete target[key];
    } else if (isMap(own) && isMap(fallback)) {
      // Nulls meant for a dependency must reach its own defaults.
      const keepsNulls = isMerge || chart.charts.some((held) => held.name === key);
      if (!keepsNulls) dropNulls(fallback);
      mergeTables(own, fallback, keepsNulls);
    }
  }
}

/** Fills what `target` has not from `source`. With `keepsNulls` a null in the target stays; else it takes the source's member away. */
export function mergeTables(target: GoMap, source: GoMap, keepsNulls: boolean): GoMap {
  for (const key of Object.keys(source)) {
    const own = target[key];
    const fallback = source[key];
    if (!(key in target)) target[key] = fallback;
    else if (own === null && !keepsNulls && fallback !== null) delete target[key];
    else if (isMap(own) && isMap(fallback)) mergeTables(own, fallback, keepsNulls);
  }
  return target;
}

/** A parent's globals win over those of the charts it holds. */
function handDownGlobals(target: GoMap, source: GoMap): void {
  const own = globalKey in target ? target[globalKey] : goMap();
  const given = globalKey in source ? source[globalKey] : goMap();
  if (!isMap(own) || !isMap(given)) return;
  for (const key of Object.keys(given)) {
    const value = given[key];
    const known = own[key];
    if (isMap(value)) {
      if (!(key in own)) own[key] = copyOf(value);
      else if (isMap(known)) own[key] = mergeTables(copyMap(value), known, true);
    } else if (!isMap(known)) {
      own[key] = value;
    }
  }
  target[globalKey] = own;
}

function dropNulls(map: GoMap): void {
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === null) delete map[key];
    else if (isMap(value)) dropNulls(value);
  }
}
