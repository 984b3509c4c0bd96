import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { parseYamlDocuments } from "../value/yaml.ts";
import type { YamlDocument } from "../value/yaml.ts";
import { chartTestRequest } from "./chart-test.ts";
import { readChartTree } from "./chart/chart-tree.ts";
import type { Chart } from "./chart/chart-tree.ts";
import { chartText } from "./chart/chart-tree.ts";
import { renderChart } from "./chart.ts";
import type { ValueRead } from "./engine.ts";
import { engines } from "./engines.ts";
import { RenderFault } from "./fault.ts";
import { readManifests } from "./manifests.ts";
import type { Manifest, Place, RenderProblem } from "./render.ts";
import { readYamlFile } from "./values.ts";

/** One object the chart gives, and where each of its fields stands in the templates. */
export interface LintedObject {
  readonly manifest: Manifest;
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

/** A chart, read once for all rules. */
export interface LintSubject {
  readonly chart: Chart;
  /** Values that lint was given over the chart's own. */
  readonly given: JsonObject;
  /** `values.yaml`, an empty map where there is none. */
  readonly values: JsonObject;
  readonly schema: JsonObject | undefined;
  /** Every value its own templates name. */
  readonly reads: readonly ValueRead[];
  readonly problems: readonly RenderProblem[];
  readonly objects: readonly LintedObject[];
  /** The place of a field of one of the chart's YAML files, of its nearest ancestor when there is no such field. */
  readonly placeIn: (file: "Chart.yaml" | "values.yaml", path: readonly (string | number)[]) => Place;
}

/** Reads and renders a chart. Throws RenderFault when it is none. */
export function readSubject(tree: FileTree, given: JsonObject): LintSubject {
  const chart = readChartTree(tree);
  const documents = new Map<string, YamlDocument | undefined>();
  const documentOf = (file: string): YamlDocument | undefined => {
    if (!documents.has(file)) documents.set(file, chart.files.has(file) ? parseYamlDocuments(chartText(chart, file), file)[0] : undefined);
    return documents.get(file);
  };
  const values = chart.files.has("values.yaml") ? readYamlFile(chartText(chart, "values.yaml"), "values.yaml") : null;
  const { objects, problems } = renderedObjects(tree, given);
  return {
    chart, given, values: isJsonObject(values) ? values : {}, schema: schemaOf(chart), reads: readsOf(chart, problems), problems, objects,
    placeIn: (file, path) => ({ file, line: documentOf(file)?.lineOf(path) ?? 1 }),
  };
}

/** A schema that cannot be read is told by the render. */
function schemaOf(chart: Chart): JsonObject | undefined {
  if (!chart.files.has("values.schema.json")) return undefined;
  try {
    const schema = JSON.parse(chartText(chart, "values.schema.json")) as Json;
    return isJsonObject(schema) ? schema : undefined;
  } catch {
    return undefined;
  }
}

function renderedObjects(tree: FileTree, given: JsonObject): { readonly objects: readonly LintedObject[]; readonly problems: readonly RenderProblem[] } {
  const objects: LintedObject[] = [];
  try {
    const output = renderChart(chartTestRequest(tree, given));
    if (output.problems.length > 0) return { objects, problems: output.problems };
    const { problems } = readManifests(output.texts, { listener: (manifest, placeOf) => { objects.push({ manifest, placeOf }); } });
    return { objects, problems };
  } catch (error) {
    if (error instanceof RenderFault) return { objects, problems: [error.problem] };
    throw error;
  }
}

/** A template that cannot be read is told by the render too: what it names is then unknown, and nothing else is guessed from its silence. */
function readsOf(chart: Chart, problems: readonly RenderProblem[]): readonly ValueRead[] {
  return [...chart.files.keys()].filter((file) => file.startsWith("templates/")).toSorted().flatMap((file) => {
    const engine = engines.find((one) => one.reads(file));
    try {
      return engine?.valueReads({ file, text: chartText(chart, file) }) ?? [];
    } catch (error) {
      if (error instanceof RenderFault && problems.length > 0) return [{ path: [], place: { file } }];
      throw error;
    }
  });
}
