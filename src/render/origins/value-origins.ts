import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { parseYamlDocuments } from "../../value/yaml.ts";
import { chartText, readChartTree } from "../chart/chart-tree.ts";
import type { Chart } from "../chart/chart-tree.ts";
import { coalesceValues } from "../chart/coalesce.ts";
import { processDependencies } from "../chart/dependencies.ts";
import { parseParameterPath, parseParameterValue } from "../parameters.ts";
import type { Place, RenderRequest } from "../render.ts";
import { goMap, goValueOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";
import { fileText } from "../tree-text.ts";
import { lineStartsOf, placeAt } from "./offsets.ts";
import type { Source } from "./origin.ts";
import { Trace } from "./trace.ts";
import { untraced } from "./traced.ts";

/** The values of a render, each leaf knowing the layer that won it, and the trace that follows them. */
export interface TracedValues {
  readonly values: GoMap;
  readonly trace: Trace;
}

/**
 * Merges the layers of a request a second time, with leaves that know where they stand. The merge is the same code, so whatever it does with globals,
 * aliases, imported values and nulls, each value leads back to the layer that won. Throws RenderFault as the first merge did.
 */
export function traceValues(request: RenderRequest): TracedValues {
  const chart = readChartTree(request.tree);
  traceDefaults(chart);
  const user = userValues(request);
  processDependencies(chart, user);
  const merged = coalesceValues(chart, user);
  const paths = new WeakMap<object, string>();
  const trace = new Trace(paths);
  const values = placed(merged, "Values", { paths, trace });
  return { values: isMap(values) ? values : goMap(), trace };
}

function traceDefaults(chart: Chart): void {
  const file = `${chart.folder}values.yaml`;
  if (chart.files.has("values.yaml")) chart.values = tracedFile(chartText(chart, "values.yaml"), file);
  chart.charts.forEach(traceDefaults);
}

function userValues(request: RenderRequest): GoMap {
  let values = goMap();
  for (const file of request.valueFiles) if (request.tree.files.has(file)) values = mergeOver(values, tracedFile(fileText(request.tree, file), file));
  if (request.valuesText !== undefined) values = mergeOver(values, tracedFile(request.valuesText.text, request.valuesText.name));
  values = mergeOver(values, tracedMap(request.values, () => ({ path: "", layer: "inline values" })));
  for (const { name, value, forceString } of request.parameters) {
    const given = forceString === true ? value : parseParameterValue(value);
    const next = withMember(values, parseParameterPath(name), tracedValue(given, [], () => ({ path: "", layer: `parameter ${name}` })));
    values = isMap(next) ? next : values;
  }
  return values;
}

function tracedFile(text: string, file: string): GoMap {
  const document = parseYamlDocuments(text, file)[0];
  if (document === undefined || !isJsonObject(document.value)) return goMap();
  const starts = lineStartsOf(text);
  const places = new Map<string, Place>(document.scalars().map(({ path, start }) => [pathKey(path), placeAt({ file, line: 1, column: 1 }, starts, start)]));
  return tracedMap(document.value, (path) => {
    const place = places.get(pathKey(path));
    return { path: "", layer: file, ...(place === undefined ? {} : { place }) };
  });
}

function tracedMap(values: JsonObject, sourceAt: (path: readonly (string | number)[]) => Source): GoMap {
  const map = tracedValue(values, [], sourceAt);
  return isMap(map) ? map : goMap();
}

/** Every leaf traced, but for null, which takes values away. */
function tracedValue(value: Json | undefined, path: readonly (string | number)[], sourceAt: (path: readonly (string | number)[]) => Source): GoValue {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => tracedValue(item, [...path, index], sourceAt));
  if (isJsonObject(value)) return goMap(Object.keys(value).map((key) => [key, tracedValue(value[key], [...path, key], sourceAt)] as const));
  return value === null || value === undefined ? null : new Traced(goValueOf(value), [sourceAt(path)]);
}

/** Maps merge, everything else replaces, null too: as the layers of a request do. */
function mergeOver(lower: GoMap, upper: GoMap): GoMap {
  const merged = goMap(Object.entries(lower));
  for (const key of Object.keys(upper)) {
    const below = merged[key];
    const above = upper[key];
    merged[key] = isMap(below) && isMap(above) ? mergeOver(below, above) : above;
  }
  return merged;
}

function withMember(target: GoValue, [head, ...rest]: readonly (string | number)[], value: GoValue): GoValue {
  if (head === undefined) return value;
  if (typeof head === "number") {
    const list = isList(target) ? [...target] : [];
    while (list.length <= head) list.push(null);
    list[head] = withMember(list[head], rest, value) ?? null;
    return list;
  }
  const map = isMap(target) ? target : goMap();
  return goMap([...Object.entries(map).filter(([key]) => key !== head), [head, withMember(map[head], rest, value)]]);
}

/** The merged values with every leaf named by its path from the root. */
function placed(value: GoValue, path: string, known: { readonly paths: WeakMap<object, string>; readonly trace: Trace }): GoValue {
  if (isList(value)) {
    const items = value.map((item, index) => placed(item, `${path}[${index}]`, known));
    known.paths.set(items, path);
    return items;
  }
  if (isMap(value)) {
    const map = goMap(Object.keys(value).map((key) => [key, placed(value[key], `${path}.${key}`, known)] as const));
    known.paths.set(map, path);
    return map;
  }
  const own = untraced(value);
  if (own === null || own === undefined) return own;
  const [given] = value instanceof Traced ? value.sources : [];
  const source = { path, layer: given?.layer ?? "chart", ...(given?.place === undefined ? {} : { place: given.place }) };
  return new Traced(own, [known.trace.remember(source, own)]);
}

function pathKey(path: readonly (string | number)[]): string {
  return JSON.stringify(path);
}
