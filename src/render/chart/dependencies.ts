import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { faultAt } from "../fault.ts";
import { untraced } from "../origins/traced.ts";
import { copyOf, goMap, isMap, valueAt } from "../template/value.ts";
import type { GoMap } from "../template/value.ts";
import { matchesVersion } from "../version.ts";
import type { Chart, Dependency } from "./chart-tree.ts";
import { coalesceValues, mergeTables, mergeValues } from "./coalesce.ts";

/** Switches a chart's dependencies by conditions and tags, names them by their aliases, and imports the values they export. Changes the chart. Throws RenderFault. */
export function processDependencies(chart: Chart, values: GoMap): void {
  switchDependencies(chart, values, "");
  importValues(chart);
}

function switchDependencies(chart: Chart, values: GoMap, path: string): void {
  if (chart.dependencies.length === 0) return;
  chart.charts = [...unlisted(chart), ...chart.dependencies.flatMap((dependency) => named(chart, dependency))];
  const coalesced = coalesceValues(chart, values);
  switchByTags(chart.dependencies, coalesced);
  switchByConditions(chart.dependencies, coalesced, path);
  const off = new Set(chart.dependencies.filter(({ isEnabled }) => !isEnabled).map(({ name }) => name));
  chart.charts = chart.charts.filter(({ name }) => !off.has(name));
  chart.dependencies = chart.dependencies.filter(({ name }) => !off.has(name));
  const missing = chart.dependencies.find(({ name }) => !chart.charts.some((held) => held.name === name));
  if (missing !== undefined) {
    throw faultAt({ file: `${chart.folder}Chart.yaml` }, `the dependency ${missing.chartName}${missing.version === "" ? "" : ` ${missing.version}`} is not in ${chart.folder}charts/; run "helm dependency build" and commit the folder`);
  }
  for (const held of chart.charts) switchDependencies(held, coalesced, `${path}${held.name}.`);
}

/** Charts that lie in `charts/` without standing in Chart.yaml are always rendered. */
function unlisted(chart: Chart): readonly Chart[] {
  return chart.charts.filter((held) => !chart.dependencies.some((dependency) => isMeant(held, dependency)));
}

function isMeant(held: Chart, { chartName, version }: Dependency): boolean {
  return held.name === chartName && (version === "" || matchesVersion(version, textOf(held.metadata["version"])) !== false);
}

/** The chart a dependency means, under its alias; a copy, since two dependencies may mean one chart. */
function named(chart: Chart, dependency: Dependency): readonly Chart[] {
  const found = chart.charts.find((held) => isMeant(held, dependency));
  if (dependency.alias !== "") dependency.name = dependency.alias;
  return found === undefined ? [] : [copyChart(found, dependency.name)];
}

function copyChart(chart: Chart, name: string): Chart {
  return { ...chart, name, dependencies: chart.dependencies.map((dependency) => ({ ...dependency })), charts: chart.charts.map((held) => copyChart(held, held.name)) };
}

function switchByTags(dependencies: readonly Dependency[], values: GoMap): void {
  const { tags } = values;
  if (!isMap(tags)) return;
  for (const dependency of dependencies) {
    const switches = dependency.tags.map((tag) => untraced(tags[tag])).filter((value) => typeof value === "boolean");
    dependency.isEnabled = switches.length === 0 || switches.includes(true);
  }
}

/** The first condition whose path holds a boolean decides, over the tags. */
function switchByConditions(dependencies: readonly Dependency[], values: GoMap, path: string): void {
  for (const dependency of dependencies) {
    for (const condition of dependency.condition.trim().split(",").filter((text) => text !== "")) {
      const value = untraced(valueAt(values, path + condition));
      if (typeof value !== "boolean") continue;
      dependency.isEnabled = value;
      break;
    }
  }
}

/** `import-values`: what a dependency exports becomes a default of its parent. Inner charts first. */
function importValues(chart: Chart): void {
  for (const held of chart.charts) importValues(held);
  if (chart.dependencies.length === 0) return;
  const merged = mergeValues(chart, goMap());
  const imported = goMap();
  for (const dependency of chart.dependencies) for (const entry of dependency.importValues) mergeTables(imported, importOf(merged, dependency, entry), true);
  const values = copyOf(merged);
  chart.values = mergeTables(isMap(values) ? values : goMap(), imported, true);
}

function importOf(values: GoMap, { name }: Dependency, entry: Json): GoMap {
  const child = isJsonObject(entry) ? textOf(entry["child"]) : `exports.${textOf(entry)}`;
  const parent = isJsonObject(entry) ? textOf(entry["parent"]) : ".";
  const table = copyOf(valueAt(values, `${name}.${child}`));
  if (!isMap(table)) return goMap();
  return parent === "." ? table : parent.split(".").reduceRight<GoMap>((inner, part) => goMap([[part, inner]]), table);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
