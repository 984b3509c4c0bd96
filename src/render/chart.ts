import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { checkValues } from "./chart-schema.ts";
import { chartText, readChartTree } from "./chart/chart-tree.ts";
import type { Chart } from "./chart/chart-tree.ts";
import { coalesceValues } from "./chart/coalesce.ts";
import { processDependencies } from "./chart/dependencies.ts";
import { hasTemplates } from "./engine.ts";
import type { EngineOutput, EngineScope, Template, TemplateEngine, TemplateObjects } from "./engine.ts";
import { engines } from "./engines.ts";
import { faultAt, RenderFault } from "./fault.ts";
import { fileSizeMaxBytes, templateCountMax, templateLimits } from "./limits.ts";
import type { ManifestText } from "./manifests.ts";
import { nameValues, traceLayers } from "./origins/value-origins.ts";
import type { Trace } from "./origins/trace.ts";
import { pinnedFacts } from "./pinned-facts.ts";
import type { LookupQuery, RenderProblem, RenderRequest } from "./render.ts";
import { goMap, goValueOf, isList, isMap, jsonOf } from "./template/value.ts";
import type { GoMap, GoValue } from "./template/value.ts";
import { fillText, hasSign } from "./text.ts";
import { holds, layerOf, lineOfValue, readValues } from "./values.ts";
import type { ValueLayer } from "./values.ts";
import { matchesVersion } from "./version.ts";

/** What a chart gave: manifest texts of its own and of its templates, and the values they were rendered with. */
export interface ChartOutput {
  readonly sourceType: "Helm" | "Handlebars";
  readonly texts: readonly ManifestText[];
  readonly values: JsonObject;
  readonly notes: string;
  readonly problems: readonly RenderProblem[];
  /** What templates looked for in the cluster and were not told. */
  readonly asked: readonly LookupQuery[];
  /** Call sites that asked for chance, the clock or the cluster. */
  readonly pinned: readonly string[];
  /** What followed the values, when origins are asked for. */
  readonly trace?: Trace;
}

/** Renders a chart folder and the charts it holds. Throws RenderFault for what makes the rest pointless. */
export function renderChart(request: RenderRequest, begin: (file: string) => void = () => { /* Nobody asks. */ }): ChartOutput {
  const chart = readChartTree(request.tree);
  const given = readValues(request);
  const isTraced = request.origins !== undefined || request.keepsOrigins === true;
  const user = isTraced ? traceLayers(request, chart) : mapOf(given.values);
  processDependencies(chart, user);
  const merged = coalesceValues(chart, user);
  const traced = isTraced ? nameValues(merged) : undefined;
  const values = traced?.values ?? merged;
  const json = plainJson(values);
  if (hasSign(JSON.stringify(json))) throw new RenderFault({ message: "a value holds one of the characters U+FDD0 to U+FDD3, which are reserved" });
  const charts = placeCharts(chart, values, given.layers);
  const engine = engineOf(chart);
  const base = { sourceType: engine?.sourceType ?? (chart.charts.length > 0 ? "Helm" : "Handlebars"), values: json, notes: "" } as const;
  const violations = charts.flatMap((placed) => [...checkKubeVersion(placed.chart, request), ...(request.skipSchema === true ? [] : checkSchema(placed, request, begin))]);
  if (violations.length > 0) return { ...base, texts: [], problems: violations, asked: [], pinned: [] };
  const crds = request.skipCrds === true ? [] : charts.flatMap((placed) => crdTexts(placed.chart));
  const { outputs, problems, asked, pinned } = runEngines(request, charts, { trace: traced?.trace, begin });
  const isNotes = ({ file }: EngineOutput): boolean => /(?:^|\/)NOTES\.[a-z.]+$/.test(file);
  const notes = outputs.filter((output) => isNotes(output) && output.file.startsWith("templates/")).map((output) => fillText(output.text, output.plainValues)).join("\n");
  const plain = charts.flatMap((placed) => plainTexts(placed.chart));
  const isHelm = base.sourceType === "Helm";
  return { ...base, notes, problems, asked, pinned, ...(traced === undefined ? {} : { trace: traced.trace }), texts: [...crds, ...plain, ...outputs.filter((output) => !isNotes(output)).map((output) => ({ ...output, isHelm }))] };
}

/** One chart of the tree with its place in it and its values. */
interface PlacedChart {
  readonly chart: Chart;
  readonly chartPath: string;
  /** Names from the root, without the root's. */
  readonly path: readonly string[];
  readonly values: GoMap;
  readonly layerOf: (path: readonly string[]) => string | undefined;
}

/** Every chart of the tree, parents first. A chart sees the part of its parent's values below its name. */
function placeCharts(root: Chart, values: GoMap, layers: readonly ValueLayer[]): readonly PlacedChart[] {
  const place = (placed: Omit<PlacedChart, "layerOf">, outer: readonly Omit<PlacedChart, "layerOf">[]): readonly PlacedChart[] => {
    const { chart, chartPath, path } = placed;
    const line = [...outer, placed];
    // What is set wins over defaults, and a parent's defaults over those of the charts it holds.
    const findLayer = (at: readonly string[]): string | undefined => layerOf(layers, [...path, ...at])
      ?? line.filter((giver) => holds(plainJson(giver.chart.values), [...path, ...at].slice(giver.path.length))).map((giver) => `${giver.chart.folder}values.yaml`)[0];
    return [{ ...placed, layerOf: findLayer }, ...chart.charts.flatMap((held) => {
      const below = placed.values[held.name];
      return place({ chart: held, chartPath: `${chartPath}/charts/${held.name}`, path: [...path, held.name], values: isMap(below) ? below : goMap() }, line);
    })];
  };
  return place({ chart: root, chartPath: root.name, path: [], values }, []);
}

/** Runs each language over the charts written in it. */
function runEngines(request: RenderRequest, charts: readonly PlacedChart[], told: { readonly trace: Trace | undefined; readonly begin: (file: string) => void }): { readonly outputs: readonly EngineOutput[]; readonly problems: readonly RenderProblem[]; readonly asked: readonly LookupQuery[]; readonly pinned: readonly string[] } {
  const facts = pinnedFacts(request);
  const scopes = scopesOf(request, charts);
  const results = engines.map((engine) => {
    const own = charts.flatMap((placed) => {
      const scope = engineOf(placed.chart) === engine ? scopes.get(placed.chart) : undefined;
      return scope === undefined ? [] : [scope];
    });
    const [root] = charts;
    const rootScope = root === undefined ? undefined : scopes.get(root.chart);
    if (own.length === 0 || rootScope === undefined) return { outputs: [], problems: [] };
    return engine.render(own, rootScope, { facts, limits: request.limits ?? templateLimits, ...told });
  });
  return { outputs: results.flatMap(({ outputs }) => outputs), problems: results.flatMap(({ problems }) => problems), asked: facts.asked, pinned: facts.pinned };
}

function scopesOf(request: RenderRequest, charts: readonly PlacedChart[]): ReadonlyMap<Chart, EngineScope> {
  const scopes = new Map<Chart, EngineScope>();
  // Inner charts first: a scope names those it holds.
  for (const placed of charts.toReversed()) {
    const { chart, chartPath, values } = placed;
    const engine = engineOf(chart);
    const children = chart.charts.flatMap((held) => {
      const scope = scopes.get(held);
      return scope === undefined ? [] : [{ name: held.name, scope }];
    });
    const files = otherFiles(chart);
    const json = plainJson(values);
    scopes.set(chart, {
      chartPath, folder: chart.folder, values, files, children, layerOf: placed.layerOf,
      ...(engine === undefined ? { templates: [], partials: [] } : splitTemplates(chart, engine)),
      objects: templateObjects(request, chart, json, files),
    });
  }
  return scopes;
}

/** The one language of a chart's templates; undefined for a chart of crds/ only. Where there is Handlebars, other files are plain manifests. */
function engineOf(chart: Chart): TemplateEngine | undefined {
  return engines.find((engine) => hasTemplates(engine, chart.files));
}

/** A library chart only defines: its files without a leading `_` are never rendered. */
function splitTemplates(chart: Chart, engine: TemplateEngine): { readonly templates: readonly Template[]; readonly partials: readonly Template[] } {
  const own = [...chart.files.keys()].filter((file) => file.startsWith("templates/") && engine.reads(file)).toSorted();
  if (own.length > templateCountMax) throw faultAt({ file: `${chart.folder}templates` }, `the chart has ${own.length} templates; at most ${templateCountMax} are rendered`);
  const read = (file: string): Template => ({ file: chart.folder + file, text: chartText(chart, file) });
  const isLibrary = chart.metadata["type"] === "library";
  return { templates: isLibrary ? [] : own.filter((file) => !isPartial(file)).map(read), partials: own.filter(isPartial).map(read) };
}

function isPartial(file: string): boolean {
  return file.slice(file.lastIndexOf("/") + 1).startsWith("_");
}

/** Manifests among Handlebars templates that are no templates. */
function plainTexts(chart: Chart): readonly ManifestText[] {
  if (engineOf(chart)?.sourceType !== "Handlebars") return [];
  return [...chart.files.keys()].filter((file) => /^templates\/.*\.(?:ya?ml|json)$/.test(file) && !isPartial(file)).toSorted().map((file) => ({ file: chart.folder + file, text: chartText(chart, file) }));
}

function crdTexts(chart: Chart): readonly ManifestText[] {
  return [...chart.files.keys()].filter((file) => /^crds\/.*\.(?:ya?ml|json)$/.test(file)).toSorted().map((file) => ({ file: chart.folder + file, text: chartText(chart, file), isHelm: true, isKept: true }));
}

function checkKubeVersion(chart: Chart, request: RenderRequest): readonly RenderProblem[] {
  const { kubeVersion: range } = chart.metadata;
  const { kubeVersion } = request.capabilities;
  if (typeof range !== "string" || range === "" || matchesVersion(range, kubeVersion) !== false) return [];
  return [{ message: `the chart needs Kubernetes ${range}, and this is ${kubeVersion}`, place: { file: `${chart.folder}Chart.yaml` } }];
}

function checkSchema({ chart, values, layerOf: findLayer, path }: PlacedChart, { tree }: RenderRequest, begin: (file: string) => void): readonly RenderProblem[] {
  const file = "values.schema.json";
  if (!chart.files.has(file)) return [];
  begin(chart.folder + file);
  try {
    const schema: unknown = JSON.parse(chartText(chart, file));
    if (!isJsonObject(schema)) throw new Error("it must be a map");
    // A chart's own defaults stand without the names of the charts around it.
    const lineOf = (layer: string, at: readonly string[]): number | undefined => lineOfValue(tree, layer, layer === `${chart.folder}values.yaml` ? at : [...path, ...at]);
    return checkValues(schema, plainJson(values), { layerOf: findLayer, lineOf }).map((problem) => inChart(problem, chart, path));
  } catch (error) {
    throw faultAt({ file: chart.folder + file }, `the schema cannot be used: ${error instanceof RangeError ? "it refers to itself without end" : error instanceof Error ? error.message : String(error)}`);
  }
}

/** A problem of a held chart's values, told from the root. */
function inChart(problem: RenderProblem, chart: Chart, path: readonly string[]): RenderProblem {
  if (path.length === 0) return problem;
  const place = problem.place?.file === "values.schema.json" ? { file: `${chart.folder}values.schema.json` } : problem.place;
  const prefix = `Values.${path.join(".")}`;
  return { ...problem, message: problem.message.replace(/^Values/, prefix), ...(place === undefined ? {} : { place }), ...(problem.valuePath === undefined ? {} : { valuePath: problem.valuePath.replace(/^Values/, prefix) }) };
}

/** Helm's objects. Names with capitals are Helm's own. */
function templateObjects(request: RenderRequest, chart: Chart, values: JsonObject, files: ReadonlyMap<string, Uint8Array>): TemplateObjects {
  const { name, namespace, revision, isInstall } = request.release;
  const { kubeVersion, apiVersions } = request.capabilities;
  let texts: JsonObject | undefined;
  const [, major = "", minor = ""] = /^v?(\d+)\.(\d+)/.exec(kubeVersion) ?? [];
  return {
    Values: values,
    Release: { Name: name, Namespace: namespace, Revision: revision, IsInstall: isInstall, IsUpgrade: !isInstall, Service: "Capstan" },
    Chart: { ...Object.fromEntries(Object.entries(chart.metadata).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value])), Name: chart.name },
    Capabilities: { KubeVersion: { Version: kubeVersion, Major: major, Minor: minor, GitVersion: kubeVersion }, APIVersions: apiVersions },
    // Only Handlebars reads texts here, and few charts read any.
    get Files() { return (texts ??= textsOf(files)); },
  };
}

/** Files that Helm's `.Files` does not show. */
const chartFiles: ReadonlySet<string> = new Set(["Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.yaml", "values.schema.json"]);

/** The files that are no part of the chart's own layout. */
function otherFiles(chart: Chart): ReadonlyMap<string, Uint8Array> {
  return new Map([...chart.files].filter(([file]) => !chartFiles.has(file) && file !== ".helmignore" && !file.startsWith("templates/") && !file.startsWith("crds/")).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Files as texts; binaries are left out. */
function textsOf(files: ReadonlyMap<string, Uint8Array>): JsonObject {
  return Object.fromEntries([...files].filter(([, bytes]) => bytes.byteLength <= fileSizeMaxBytes && !bytes.includes(0)).map(([file, bytes]) => [file, new TextDecoder().decode(bytes)]));
}

function mapOf(value: Json): GoMap {
  const map = goValueOf(value);
  return isMap(map) ? map : goMap();
}

/** Values as plain JSON objects, for those who compare, send and check them. */
function plainJson(values: GoMap): JsonObject {
  const plain = (value: GoValue): Json => {
    if (isList(value)) return value.map(plain);
    return isMap(value) ? plainJson(value) : jsonOf(value);
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, plain(value)]));
}
