import { renderChart } from "./chart.ts";
import type { ChartOutput } from "./chart.ts";
import { readChartTree } from "./chart/chart-tree.ts";
import type { Chart } from "./chart/chart-tree.ts";
import { readDirectory } from "./directory.ts";
import { unpackChart } from "./chart/tar.ts";
import { faultAt, RenderFault } from "./fault.ts";
import { isTestEvent } from "./hooks.ts";
import type { FileTree } from "../value/file-tree.ts";
import { messageLengthMax, problemCountMax } from "./limits.ts";
import { readManifests } from "./manifests.ts";
import type { ManifestText } from "./manifests.ts";
import type { ObjectOrigins } from "./origins/origin.ts";
import { readOrigins } from "./origins/read-origins.ts";
import { unpackOrigins } from "./origins/origin-log.ts";
import type { OriginLog, TraceRecord } from "./origins/origin-log.ts";
import type { RenderProblem, RenderRequest, RenderResult } from "./render.ts";
import { fileText } from "./tree-text.ts";

/** A result, and where every scalar came from as the render wrote it down, when the request says that it is kept. */
export type RenderedTree = RenderResult & { readonly log?: OriginLog };

/** Is told of each file before it is read or rendered, so that whoever stops a render can say where it was. */
export type BeginFile = (file: string) => void;

const untold: BeginFile = () => { /* Nobody asks. */ };

/** Renders a folder: a chart where there is a Chart.yaml, else its plain manifests. Pure and synchronous; equal requests give equal results. */
export function renderTree(given: RenderRequest, begin: BeginFile = untold): RenderedTree {
  try {
    const unpacked = { ...given, tree: unpackTree(given.tree) };
    if (unpacked.kept !== undefined) return tellKept(unpacked, unpacked.kept);
    const request = withFileParameters(unpacked);
    return request.tree.files.has("Chart.yaml") ? renderChartFolder(request, begin) : renderFolder(request, begin);
  } catch (error) {
    if (error instanceof RenderFault) return failed([error.problem]);
    if (error instanceof RangeError) return failed([{ message: "the source is nested too deeply to be read" }]);
    throw error;
  }
}

/** Values that are texts of files, as parameters with these texts. */
function withFileParameters(request: RenderRequest): RenderRequest {
  if (request.fileParameters === undefined || request.fileParameters.length === 0) return request;
  const parameters = request.fileParameters.map(({ name, path }) => {
    if (!request.tree.files.has(path)) throw faultAt({ file: path }, `this file, the value of parameter ${name}, is not in the source's folder; add it, or correct fileParameters`);
    return { name, value: fileText(request.tree, path), forceString: true };
  });
  return { ...request, parameters: [...request.parameters, ...parameters] };
}

/** A tree that is one packed chart, as chart repositories give it, is what lies in the package. */
function unpackTree(tree: FileTree): FileTree {
  const [file, ...others] = tree.files.keys();
  const packed = file === undefined ? undefined : tree.files.get(file);
  if (file === undefined || packed === undefined || others.length > 0 || !file.endsWith(".tgz")) return tree;
  const files = unpackChart(file, packed);
  if (!files.has("Chart.yaml")) throw faultAt({ file }, "the package holds no Chart.yaml, so it is no chart");
  return { ...tree, files };
}

function renderFolder(request: RenderRequest, begin: BeginFile): RenderResult {
  const texts = readDirectory(request);
  const { manifests, problems } = readManifests(texts, { begin });
  return problems.length > 0 ? failed(problems) : { kind: "rendered", sourceType: "Directory", manifests, notes: "", values: {}, ...originsOf(request, texts, undefined) };
}

function renderChartFolder(request: RenderRequest, begin: BeginFile): RenderedTree {
  const chart = renderChart(request, begin);
  const asked = { ...(chart.asked.length === 0 ? {} : { asked: chart.asked }), ...(chart.pinned.length === 0 ? {} : { pinned: chart.pinned }) };
  if (chart.problems.length > 0) return { ...failed(chart.problems), ...asked };
  const read = readManifests(chart.texts, { begin });
  if (read.problems.length > 0) return { ...failed(read.problems), ...asked };
  const manifests = request.skipTests === true ? read.manifests.filter(({ hook }) => hook === undefined || !hook.events.every(isTestEvent)) : read.manifests;
  return { kind: "rendered", sourceType: chart.sourceType, manifests, notes: chart.notes, values: chart.values, ...originsOf(request, chart.texts, chart.trace), ...logOf(request, chart), ...asked };
}

function originsOf(request: RenderRequest, texts: readonly ManifestText[], trace: TraceRecord | undefined): { readonly origins?: readonly ObjectOrigins[] } {
  return request.origins === undefined ? {} : { origins: readOrigins(texts, trace, request.origins) };
}

function logOf({ keepsOrigins }: RenderRequest, { texts, trace }: ChartOutput): { readonly log?: OriginLog } {
  return keepsOrigins === true && trace !== undefined ? { log: { texts, trace } } : {};
}

/** Origins of an earlier render of the same tree, told from what it kept. */
function tellKept(request: RenderRequest, kept: Uint8Array): RenderResult {
  const { texts, trace } = unpackOrigins(kept);
  const files = chartFiles(readChartTree(request.tree));
  const whole = texts.map((text): ManifestText => ({ ...text, text: text.text ?? fileText({ ...request.tree, files }, text.file) }));
  return { kind: "rendered", sourceType: "Helm", manifests: [], notes: "", values: {}, ...originsOf(request, whole, trace) };
}

/** Every file of a chart and of those it holds, packed ones too. */
function chartFiles(chart: Chart): ReadonlyMap<string, Uint8Array> {
  return new Map([...[...chart.files].map(([path, content]) => [chart.folder + path, content] as const), ...chart.charts.flatMap((held) => [...chartFiles(held)])]);
}

function failed(problems: readonly RenderProblem[]): RenderResult {
  return { kind: "failed", problems: problems.slice(0, problemCountMax).map((problem) => (problem.message.length > messageLengthMax ? { ...problem, message: `${problem.message.slice(0, messageLengthMax)}…` } : problem)) };
}
