import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { parseYamlDocuments } from "../../value/yaml.ts";
import type { YamlOptions } from "../../value/yaml.ts";
import { chartText } from "../chart/chart-tree.ts";
import type { Chart } from "../chart/chart-tree.ts";
import { parseParameterPath, parseParameterValue } from "../parameters.ts";
import type { Place, RenderRequest } from "../render.ts";
import { copyOf, goMap, goValueOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";
import { fileText } from "../tree-text.ts";
import { yamlOptionsOf } from "../values.ts";
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
 * Gives a chart tree defaults whose leaves know where they stand, and answers what a request sets over them likewise. They are merged by the code that
 * merges all values, so whatever it does with globals, aliases, imported values and nulls, each value leads back to the layer that won. All files have been
 * read once already, without fault.
 */
export function traceLayers(request: RenderRequest, chart: Chart): GoMap {
  traceDefaults(chart);
  const options = yamlOptionsOf(request.tree.files);
  let values = goMap();
  for (const file of request.valueFiles) if (request.tree.files.has(file)) values = mergeOver(values, tracedFile(fileText(request.tree, file), file, options));
  if (request.valuesText !== undefined) values = mergeOver(values, tracedFile(request.valuesText.text, request.valuesText.name, options));
  values = mergeOver(values, tracedMap(request.values, () => ({ path: "", layer: "inline values" })));
  for (const { name, value, forceString } of request.parameters) {
    const given = forceString === true ? value : parseParameterValue(value);
    const next = withMember(values, parseParameterPath(name), tracedValue(given, [], () => ({ path: "", layer: `parameter ${name}` })));
    values = isMap(next) ? next : values;
  }
  return values;
}

/** The merged values with every leaf named by its path from the root, and a trace that knows them. */
export function nameValues(merged: GoMap): TracedValues {
  const paths = new WeakMap<object, string>();
  const trace = new Trace(paths);
  const values = placed(merged, "Values", { paths, trace });
  return { values: isMap(values) ? values : goMap(), trace };
}

function traceDefaults(chart: Chart): void {
  const file = `${chart.folder}values.yaml`;
  if (chart.files.has("values.yaml")) chart.values = tracedFile(chartText(chart, "values.yaml"), file, yamlOptionsOf(chart.files));
  chart.charts.forEach(traceDefaults);
}

/** Characters of value files kept with places: some megabytes at most. */
const keptLengthMax = 1024 * 1024;
const keptFiles = new Map<string, GoMap>();
let keptLength = 0;

/** A value file with traced leaves, a copy of one that was read before where it is the same. */
function tracedFile(text: string, file: string, options: YamlOptions): GoMap {
  const key = `${file}\u0000${JSON.stringify(options)}\u0000${text}`;
  const known = keptFiles.get(key) ?? readTracedFile(text, file, options);
  if (!keptFiles.has(key) && text.length <= keptLengthMax) {
    if (keptLength + text.length > keptLengthMax) {
      keptFiles.clear();
      keptLength = 0;
    }
    keptFiles.set(key, known);
    keptLength += text.length;
  }
  const copied = copyOf(known);
  return isMap(copied) ? copied : goMap();
}

function readTracedFile(text: string, file: string, options: YamlOptions): GoMap {
  const document = parseYamlDocuments(text, file, options)[0];
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
