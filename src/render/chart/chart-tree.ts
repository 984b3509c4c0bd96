import type { FileTree } from "../../value/file-tree.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { faultAt } from "../fault.ts";
import { helmIgnore } from "../helm-ignore.ts";
import { fileText } from "../tree-text.ts";
import { goMap, goValueOf, isMap } from "../template/value.ts";
import type { GoMap } from "../template/value.ts";
import { readYamlFile, yamlOptionsOf } from "../values.ts";
import { unpackChart } from "./tar.ts";

/** One entry of a chart's dependencies. `name` becomes the alias when there is one. */
export interface Dependency {
  name: string;
  readonly chartName: string;
  readonly alias: string;
  readonly version: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly importValues: readonly Json[];
  isEnabled: boolean;
}

/** A chart on its way to be rendered. Dependencies are switched and values are filled in while it is prepared. */
export interface Chart {
  /** Its own name, or the alias its parent gives it. */
  name: string;
  /** Where its files lie in the tree: empty for the root, else `charts/redis/`. */
  readonly folder: string;
  readonly metadata: JsonObject;
  /** Its own files by path inside it, dependencies' left out. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Its own default values. */
  values: GoMap;
  dependencies: readonly Dependency[];
  /** Charts it holds, whether switched on or not. */
  charts: readonly Chart[];
}

/** Deepest nesting of charts in charts; real ones reach three. */
const depthMax = 20;
/** Most charts in one tree; an umbrella has about thirty. */
const chartsMax = 500;

/** Reads a chart and the charts it holds, folders and packages. Throws RenderFault. */
export function readChartTree(tree: FileTree): Chart {
  let count = 0;
  const read = (files: ReadonlyMap<string, Uint8Array>, folder: string, depth: number): Chart => {
    if (depth > depthMax) throw faultAt({ file: `${folder}Chart.yaml` }, `charts hold charts more than ${depthMax} deep`);
    if (++count > chartsMax) throw faultAt({ file: "Chart.yaml" }, `there are more than ${chartsMax} charts in charts/`);
    const own = withoutIgnored(files, tree, folder);
    const { rest, held } = splitHeld(own);
    const metadata = readMetadata(rest, folder);
    const charts = [...held].flatMap(([name, content]): readonly Chart[] => {
      if (content instanceof Uint8Array) return [read(unpackChart(`${folder}charts/${name}`, content), `${folder}charts/${name}/`, depth + 1)];
      return content.has("Chart.yaml") ? [read(content, `${folder}charts/${name}/`, depth + 1)] : [];
    });
    return {
      name: metadata.name, folder, metadata, files: rest, charts,
      values: readDefaults(rest, folder), dependencies: readDependencies(metadata, rest, folder),
    };
  };
  return read(tree.files, "", 0);
}

/** A file of a chart as text, as a tree of its own so that messages name its full path. Throws RenderFault. */
export function chartText(chart: Pick<Chart, "files" | "folder">, file: string): string {
  const content = chart.files.get(file) ?? new Uint8Array();
  return fileText({ kind: "tree", digest: "", files: new Map([[chart.folder + file, content]]) }, chart.folder + file);
}

/** The chart's own files, and by name what lies in `charts/`. */
function splitHeld(files: ReadonlyMap<string, Uint8Array>): { readonly rest: ReadonlyMap<string, Uint8Array>; readonly held: ReadonlyMap<string, Uint8Array | Map<string, Uint8Array>> } {
  const rest = new Map<string, Uint8Array>();
  const held = new Map<string, Uint8Array | Map<string, Uint8Array>>();
  for (const [path, content] of files) {
    if (!path.startsWith("charts/")) {
      rest.set(path, content);
      continue;
    }
    const [, name = "", ...inner] = path.split("/");
    if (name.startsWith("_") || name.startsWith(".")) continue;
    if (inner.length === 0) {
      if (name.endsWith(".tgz")) held.set(name, content);
      continue;
    }
    const folder = held.get(name);
    if (folder instanceof Map) folder.set(inner.join("/"), content);
    else held.set(name, new Map([[inner.join("/"), content]]));
  }
  return { rest, held: new Map([...held].toSorted(([left], [right]) => (left < right ? -1 : 1))) };
}

/** Only the root's `.helmignore` counts, as in Helm, for charts in folders; a packed one was filtered when it was packed. */
function withoutIgnored(files: ReadonlyMap<string, Uint8Array>, tree: FileTree, folder: string): ReadonlyMap<string, Uint8Array> {
  if (folder !== "" || !tree.files.has(".helmignore")) return files;
  const isIgnored = helmIgnore(fileText(tree, ".helmignore"));
  return new Map([...files].filter(([file]) => file === "Chart.yaml" || !isIgnored(file)));
}

function readMetadata(files: ReadonlyMap<string, Uint8Array>, folder: string): JsonObject & { readonly name: string } {
  const file = `${folder}Chart.yaml`;
  const metadata = readYamlFile(chartText({ files, folder }, "Chart.yaml"), file, yamlOptionsOf(files));
  const name = isJsonObject(metadata) ? metadata["name"] : undefined;
  if (!isJsonObject(metadata) || typeof name !== "string") throw faultAt({ file, line: 1 }, "the chart needs at least `name: …` here");
  return { ...metadata, name };
}

function readDefaults(files: ReadonlyMap<string, Uint8Array>, folder: string): GoMap {
  if (!files.has("values.yaml")) return goMap();
  const file = `${folder}values.yaml`;
  const value = goValueOf(readYamlFile(chartText({ files, folder }, "values.yaml"), file, yamlOptionsOf(files)));
  if (value === null) return goMap();
  if (!isMap(value)) throw faultAt({ file, line: 1 }, "a value file must hold a map at its top");
  return value;
}

/** `dependencies` of Chart.yaml, or of a v1 chart's requirements.yaml. */
function readDependencies(metadata: JsonObject, files: ReadonlyMap<string, Uint8Array>, folder: string): readonly Dependency[] {
  const isOld = metadata["apiVersion"] === "v1" || metadata["apiVersion"] === undefined;
  const source = isOld && files.has("requirements.yaml") ? readYamlFile(chartText({ files, folder }, "requirements.yaml"), `${folder}requirements.yaml`) : metadata;
  const list = isJsonObject(source) && Array.isArray(source["dependencies"]) ? (source["dependencies"] as readonly Json[]) : [];
  return list.filter(isJsonObject).map((entry) => {
    const text = (key: string): string => (typeof entry[key] === "string" || typeof entry[key] === "number" ? String(entry[key]) : "");
    const items = (key: string): readonly Json[] => (Array.isArray(entry[key]) ? (entry[key] as readonly Json[]) : []);
    const chartName = text("name");
    return { name: chartName, chartName, alias: text("alias"), version: text("version"), condition: text("condition"), tags: items("tags").map(String), importValues: items("import-values"), isEnabled: true };
  });
}
