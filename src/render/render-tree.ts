import { renderChart } from "./chart.ts";
import { readDirectory } from "./directory.ts";
import { RenderFault } from "./fault.ts";
import { problemCountMax } from "./limits.ts";
import { readManifests } from "./manifests.ts";
import type { ManifestText } from "./manifests.ts";
import type { ObjectOrigins } from "./origins/origin.ts";
import { readOrigins } from "./origins/read-origins.ts";
import type { Trace } from "./origins/trace.ts";
import type { RenderProblem, RenderRequest, RenderResult } from "./render.ts";

/** Renders a folder: a chart where there is a Chart.yaml, else its plain manifests. Pure and synchronous; equal requests give equal results. */
export function renderTree(request: RenderRequest): RenderResult {
  try {
    return request.tree.files.has("Chart.yaml") ? renderChartFolder(request) : renderFolder(request);
  } catch (error) {
    if (error instanceof RenderFault) return failed([error.problem]);
    if (error instanceof RangeError) return failed([{ message: "the source is nested too deeply to be read" }]);
    throw error;
  }
}

function renderFolder(request: RenderRequest): RenderResult {
  const texts = readDirectory(request);
  const { manifests, problems } = readManifests(texts);
  return problems.length > 0 ? failed(problems) : { kind: "rendered", sourceType: "Directory", manifests, notes: "", values: {}, ...originsOf(request, texts, undefined) };
}

function renderChartFolder(request: RenderRequest): RenderResult {
  const chart = renderChart(request);
  const asked = { ...(chart.asked.length === 0 ? {} : { asked: chart.asked }), ...(chart.pinned.length === 0 ? {} : { pinned: chart.pinned }) };
  if (chart.problems.length > 0) return { ...failed(chart.problems), ...asked };
  const { manifests, problems } = readManifests(chart.texts);
  if (problems.length > 0) return failed(problems);
  return { kind: "rendered", sourceType: chart.sourceType, manifests, notes: chart.notes, values: chart.values, ...originsOf(request, chart.texts, chart.trace), ...asked };
}

function originsOf(request: RenderRequest, texts: readonly ManifestText[], trace: Trace | undefined): { readonly origins?: readonly ObjectOrigins[] } {
  return request.origins === undefined ? {} : { origins: readOrigins(texts, trace, request.origins) };
}

function failed(problems: readonly RenderProblem[]): RenderResult {
  return { kind: "failed", problems: problems.slice(0, problemCountMax) };
}
