import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { checkValues } from "./chart-schema.ts";
import type { Template, TemplateEngine, TemplateObjects } from "./engine.ts";
import { hasTemplates } from "./engine.ts";
import { engines } from "./engines.ts";
import { faultAt } from "./fault.ts";
import { helmIgnore } from "./helm-ignore.ts";
import { fileSizeMaxBytes, templateCountMax } from "./limits.ts";
import type { ManifestText } from "./manifests.ts";
import type { RenderProblem, RenderRequest } from "./render.ts";
import { fillText } from "./text.ts";
import { fileText } from "./tree-text.ts";
import { layerOf, readValues, readYamlFile } from "./values.ts";

/** What a chart gave: manifest texts of its own and of its templates, and the values they were rendered with. */
export interface ChartOutput {
  readonly sourceType: "Helm" | "Handlebars";
  readonly texts: readonly ManifestText[];
  readonly plainValues: readonly string[];
  readonly values: JsonObject;
  readonly notes: string;
  readonly problems: readonly RenderProblem[];
}

const chartFiles: ReadonlySet<string> = new Set(["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json", ".helmignore"]);

/** Renders a chart folder. Throws RenderFault for what makes the rest pointless. */
export function renderChart(request: RenderRequest): ChartOutput {
  const tree = withoutIgnored(request.tree);
  const metadata = readChartFile(tree);
  const engine = engineOf(tree);
  const { values, layers } = readValues({ ...request, tree });
  const findLayer = (path: readonly string[]) => layerOf(layers, path);
  const base = { sourceType: engine?.sourceType ?? "Handlebars", plainValues: [], values, notes: "" } as const;
  const violations = checkSchema(tree, values, findLayer);
  if (violations.length > 0) return { ...base, texts: [], problems: violations };
  const crds = request.skipCrds === true ? [] : crdTexts(tree);
  if (engine === undefined) return { ...base, texts: crds, problems: [] };
  const { templates, partials, plain } = splitTemplates(tree, engine);
  const result = engine.render({ templates, partials, objects: templateObjects(request, tree, metadata, values), layerOf: findLayer });
  const notes = result.outputs.filter((output) => isNotes(output.file)).map((output) => fillText(output.text, result.plainValues)).join("\n");
  return {
    ...base, plainValues: result.plainValues, notes, problems: result.problems,
    texts: [...crds, ...plain, ...result.outputs.filter((output) => !isNotes(output.file))],
  };
}

function readChartFile(tree: FileTree): JsonObject {
  const chart = readYamlFile(fileText(tree, "Chart.yaml"), "Chart.yaml");
  if (!isJsonObject(chart) || typeof chart["name"] !== "string") throw faultAt({ file: "Chart.yaml", line: 1 }, "the chart needs at least `name: …` here");
  if (Array.isArray(chart["dependencies"]) && chart["dependencies"].length > 0) throw faultAt({ file: "Chart.yaml" }, "charts with dependencies cannot be rendered by this version; render them beforehand or copy their templates");
  return chart;
}

/** The one engine of the chart's templates; undefined for a chart of crds/ and plain manifests only. */
function engineOf(tree: FileTree): TemplateEngine | undefined {
  const found = engines.filter((engine) => hasTemplates(engine, tree));
  if (found.length > 1) throw faultAt({ file: "templates" }, `the chart mixes template languages (${found.map((engine) => engine.name).join(", ")}); keep to one`);
  const goTemplate = [...tree.files.keys()].toSorted().find((file) => /^templates\/.*\.(?:ya?ml|tpl|txt)$/.test(file) && fileText(tree, file).includes("{{"));
  if (goTemplate !== undefined && found.length === 0) {
    throw faultAt({ file: goTemplate }, `this is a Helm chart with Go templates, which this version cannot render yet; it renders ${engines.map((engine) => engine.name).join(", ")} charts (templates/*.hbs) and plain manifests`);
  }
  return found[0];
}

function splitTemplates(tree: FileTree, engine: TemplateEngine): { readonly templates: readonly Template[]; readonly partials: readonly Template[]; readonly plain: readonly ManifestText[] } {
  const files = [...tree.files.keys()].filter((file) => file.startsWith("templates/")).toSorted();
  const own = files.filter((file) => engine.reads(file));
  if (own.length > templateCountMax) throw faultAt({ file: "templates" }, `the chart has ${own.length} templates; at most ${templateCountMax} are rendered`);
  const read = (file: string): Template => ({ file, text: fileText(tree, file) });
  return {
    templates: own.filter((file) => !isPartial(file)).map(read),
    partials: own.filter(isPartial).map(read),
    plain: files.filter((file) => /\.(?:ya?ml|json)$/.test(file) && !isPartial(file)).map(read),
  };
}

function isPartial(file: string): boolean {
  return file.slice(file.lastIndexOf("/") + 1).startsWith("_");
}

function isNotes(file: string): boolean {
  return /(?:^|\/)NOTES\.[a-z.]+$/.test(file);
}

function crdTexts(tree: FileTree): readonly ManifestText[] {
  return [...tree.files.keys()].filter((file) => /^crds\/.*\.(?:ya?ml|json)$/.test(file)).toSorted().map((file) => ({ file, text: fileText(tree, file) }));
}

function checkSchema(tree: FileTree, values: JsonObject, findLayer: (path: readonly string[]) => string | undefined): readonly RenderProblem[] {
  const file = "values.schema.json";
  if (!tree.files.has(file)) return [];
  try {
    const schema: unknown = JSON.parse(fileText(tree, file));
    if (!isJsonObject(schema)) throw new Error("it must be a map");
    return checkValues(schema, values, findLayer);
  } catch (error) {
    throw faultAt({ file }, `the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Helm's objects. Names with capitals are Helm's own. */
function templateObjects(request: RenderRequest, tree: FileTree, metadata: JsonObject, values: JsonObject): TemplateObjects {
  const { name, namespace, revision, isInstall } = request.release;
  const { kubeVersion, apiVersions } = request.capabilities;
  const [, major = "", minor = ""] = /^v?(\d+)\.(\d+)/.exec(kubeVersion) ?? [];
  return {
    Values: values,
    Release: { Name: name, Namespace: namespace, Revision: revision, IsInstall: isInstall, IsUpgrade: !isInstall, Service: "Capstan" },
    Chart: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value])),
    Capabilities: { KubeVersion: { Version: kubeVersion, Major: major, Minor: minor, GitVersion: kubeVersion }, APIVersions: apiVersions },
    Files: otherFiles(tree),
  };
}

/** Texts of the files that are no part of the chart's own layout; binaries are left out. */
function otherFiles(tree: FileTree): JsonObject {
  const texts: [string, string][] = [];
  for (const [file, bytes] of tree.files) {
    if (chartFiles.has(file) || file.startsWith("templates/") || file.startsWith("crds/") || bytes.byteLength > fileSizeMaxBytes || bytes.includes(0)) continue;
    texts.push([file, new TextDecoder().decode(bytes)]);
  }
  return Object.fromEntries(texts.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function withoutIgnored(tree: FileTree): FileTree {
  if (!tree.files.has(".helmignore")) return tree;
  const isIgnored = helmIgnore(fileText(tree, ".helmignore"));
  return { ...tree, files: new Map([...tree.files].filter(([file]) => file === "Chart.yaml" || !isIgnored(file))) };
}
