import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { goReading, parseYamlDocuments, YamlError } from "../value/yaml.ts";
import type { YamlOptions } from "../value/yaml.ts";
import { faultAt } from "./fault.ts";
import { parseParameter } from "./parameters.ts";
import type { RenderRequest } from "./render.ts";
import { fileText } from "./tree-text.ts";
import { parseKeptYaml } from "./yaml-cache.ts";

/** One source of values. */
export interface ValueLayer {
  /** A file's path, `inline values` or `parameters`. */
  readonly name: string;
  readonly values: JsonObject;
}

/** The values a request sets over a chart's own, and the layers they come from, which are kept to say where one came from. */
export interface GivenValues {
  /** Merged; a null is kept, since it may take away a default of the chart or of a dependency. */
  readonly values: JsonObject;
  /** Lowest first. */
  readonly layers: readonly ValueLayer[];
}

/** Reads the layers of a request: value files, inline text and values, parameters. Throws RenderFault. */
export function readValues(request: RenderRequest): GivenValues {
  const layers: ValueLayer[] = [];
  for (const file of request.valueFiles) {
    if (request.tree.files.has(file)) {
      layers.push(readValueFile(request, file));
    } else if (request.ignoreMissingValueFiles !== true) {
      throw faultAt({ file }, "this value file is not in the source's folder; add it, correct valueFiles, or set ignoreMissingValueFiles");
    }
  }
  if (request.valuesText !== undefined) layers.push(readLayer(request.valuesText.text, { name: request.valuesText.name, what: "this text", options: yamlOptionsOf(request.tree.files) }));
  if (Object.keys(request.values).length > 0) layers.push({ name: "inline values", values: request.values });
  let values = mergeLayers(layers);
  for (const parameter of request.parameters) {
    values = parseParameter(parameter, values);
    layers.push({ name: `parameter ${parameter.name}`, values: parseParameter(parameter, {}) });
  }
  return { values, layers };
}

/** Merges layers: maps merge, everything else replaces, null too. */
export function mergeLayers(layers: readonly ValueLayer[]): JsonObject {
  return layers.reduce<JsonObject>((lower, layer) => mergeOver(lower, layer.values), {});
}

function mergeOver(lower: JsonObject, upper: JsonObject): JsonObject {
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => {
    const below = Object.hasOwn(lower, key) ? lower[key] : undefined;
    const above = Object.hasOwn(upper, key) ? upper[key] : undefined;
    return [key, isJsonObject(below) && isJsonObject(above) ? mergeOver(below, above) : above === undefined ? below : above];
  }));
}

/** The name of the topmost layer that says anything about a path, or undefined. */
export function layerOf(layers: readonly ValueLayer[], path: readonly string[]): string | undefined {
  return layers.findLast((layer) => holds(layer.values, path))?.name;
}

/** True when a layer says anything about a path. */
export function holds(values: JsonObject, path: readonly string[]): boolean {
  let current: Json | undefined = values;
  for (const part of path.flatMap((piece) => piece.split(/[[\].]+/).filter((name) => name !== ""))) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, part)) return false;
    current = (current as { readonly [key: string]: Json | undefined })[part];
  }
  return true;
}

/** The line of a value in a file of the tree; undefined when the layer is no file or has no such value. Reads the file again: for messages only. */
export function lineOfValue(tree: FileTree, file: string, path: readonly string[]): number | undefined {
  if (!tree.files.has(file)) return undefined;
  return parseYamlDocuments(fileText(tree, file), file, goReading)[0]?.lineOf(path);
}

function readValueFile(request: RenderRequest, file: string): ValueLayer {
  return readLayer(fileText(request.tree, file), { name: file, what: "a value file", options: yamlOptionsOf(request.tree.files) });
}

function readLayer(text: string, { name, what, options }: { readonly name: string; readonly what: string; readonly options: YamlOptions }): ValueLayer {
  const values = readYamlFile(text, name, options);
  if (values === null) return { name, values: {} };
  if (!isJsonObject(values)) throw faultAt({ file: name, line: 1 }, `${what} must hold a map at its top`);
  return { name, values };
}

/** How the YAML of a chart is read: a key may stand twice where Helm would read it, and never in a chart of Handlebars. */
export function yamlOptionsOf(files: ReadonlyMap<string, unknown>): YamlOptions {
  for (const file of files.keys()) if (file.startsWith("templates/") && file.endsWith(".hbs")) return {};
  return files.has("Chart.yaml") ? goReading : {};
}

/** Reads one YAML document of a file, which must not be changed; a syntax error becomes a RenderFault with its place. */
export function readYamlFile(text: string, file: string, options: YamlOptions = {}): Json {
  try {
    return parseKeptYaml(text, file, options)[0]?.value ?? null;
  } catch (error) {
    if (error instanceof YamlError) throw faultAt({ file: error.file, line: error.line, column: error.column }, yamlMessage(error));
    throw error;
  }
}

/** A YAML error's message without the place it begins with. */
export function yamlMessage(error: YamlError): string {
  return error.message.replace(`${error.file}:${error.line}:${error.column}: `, "");
}
