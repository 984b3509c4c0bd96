import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { parseYaml, parseYamlDocuments, YamlError } from "../value/yaml.ts";
import type { YamlDocument } from "../value/yaml.ts";
import { faultAt } from "./fault.ts";

/** The dialect editors and Helm read. */
const dialect = "http://json-schema.org/draft-07/schema#";
/** The line that tells editors with the YAML language server where the schema is. */
export const editorLine = "# yaml-language-server: $schema=values.schema.json";
const annotation = "@schema";

/**
 * A JSON schema of a values file: each value's type is that of its default, its description the comment above it, and what else is known stands in
 * comments as `# @schema minimum: 1, maximum: 10`. Maps that have members take no others, so that a misspelt value is an error; empty ones take any.
 * Members of `known`, an existing schema, win. `charts` are names of charts the chart holds, whose values are theirs. Throws RenderFault.
 */
export function deriveSchema(text: string, { known = {}, charts = [] }: { readonly known?: JsonObject; readonly charts?: readonly string[] } = {}): JsonObject {
  const document = parseYamlDocuments(text, "values.yaml")[0];
  const values = document?.value ?? {};
  const comments = new Comments(text, document);
  const derived = schemaOf(values, [], comments);
  const open = Object.fromEntries(["global", ...charts].map((name) => [name, { type: "object" }] as const));
  const properties = isJsonObject(derived["properties"]) ? derived["properties"] : {};
  return merged({ $schema: dialect, ...derived, properties: { ...open, ...properties, ...openGlobals(properties), ...Object.fromEntries(charts.map((name) => [name, { type: "object" }])) } }, known);
}

/** Globals are those of every chart around, too: they may have members that this chart does not know. */
function openGlobals(properties: JsonObject): JsonObject {
  const globals = properties["global"];
  if (!isJsonObject(globals)) return {};
  const { additionalProperties: _closed, ...open } = globals;
  return { global: open };
}

function schemaOf(value: Json, path: readonly (string | number)[], comments: Comments): JsonObject {
  const { description, said } = path.length === 0 ? { description: "", said: {} } : comments.of(path);
  return { ...(description === "" ? {} : { description }), ...typeOf(value, path, comments), ...said };
}

function typeOf(value: Json, path: readonly (string | number)[], comments: Comments): JsonObject {
  if (typeof value === "string") return { type: "string" };
  if (typeof value === "boolean") return { type: "boolean" };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (Array.isArray(value)) return { type: "array", ...itemsOf(value) };
  if (!isJsonObject(value)) return {};
  const members = Object.entries(value);
  if (members.length === 0) return { type: "object" };
  return { type: "object", additionalProperties: false, properties: Object.fromEntries(members.map(([key, member]) => [key, schemaOf(member ?? null, [...path, key], comments)])) };
}

/** What all items of a list have in common, when that is their type. */
function itemsOf(list: readonly Json[]): JsonObject {
  const types = [...new Set(list.map((item) => (Array.isArray(item) ? "array" : isJsonObject(item) ? "object" : item === null ? "null" : typeof item)))];
  const [type] = types;
  return types.length === 1 && type !== undefined && type !== "null" ? { items: { type } } : {};
}

/** The comments of a values file by the value they stand above or beside. */
class Comments {
  readonly #lines: readonly string[];
  readonly #document: YamlDocument | undefined;

  constructor(text: string, document: YamlDocument | undefined) {
    this.#lines = text.split("\n");
    this.#document = document;
  }

  of(path: readonly (string | number)[]): { readonly description: string; readonly said: JsonObject } {
    const line = this.#document?.lineOf(path) ?? 1;
    const above: string[] = [];
    for (let at = line - 2; at >= 0; at--) {
      const comment = /^\s*#(.*)$/.exec(this.#lines[at] ?? "")?.[1];
      if (comment === undefined) break;
      above.unshift(comment);
    }
    const texts = above.map((text) => text.replace(/^\s*(?:--\s*)?/, "").trimEnd()).filter((text) => !text.startsWith("yaml-language-server:") && !/^[-=#\s]*$/.test(text));
    const said = texts.filter((text) => text.startsWith(annotation)).map((text) => this.#annotation(text.slice(annotation.length), line));
    return { description: texts.filter((text) => !text.startsWith(annotation)).join(" "), said: Object.assign({}, ...said) as JsonObject };
  }

  #annotation(text: string, line: number): JsonObject {
    try {
      const said = parseYaml(`{${text.trim().replaceAll(";", ",")}}`, "values.yaml");
      if (isJsonObject(said)) return said;
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
    }
    throw faultAt({ file: "values.yaml", line }, `the comment above cannot be read: write ${annotation} minimum: 1, maximum: 10`);
  }
}

/** Keywords that may be added to a schema somebody wrote without changing what it takes: a map it leaves open stays open. */
const addable = ["$schema", "description"] as const;

/** `known` over `derived`: what a person wrote stands, values it does not name yet are added. */
function merged(derived: JsonObject, known: JsonObject): JsonObject {
  if (Object.keys(known).length === 0) return derived;
  const added = addable.flatMap((key) => (known[key] === undefined && derived[key] !== undefined ? [[key, derived[key]] as const] : []));
  const { properties } = known;
  if (!isJsonObject(properties) || !isJsonObject(derived["properties"])) return { ...Object.fromEntries(added), ...known };
  const mine = derived["properties"];
  const members = [...new Set([...Object.keys(properties), ...Object.keys(mine)])].map((name) => {
    const below = mine[name];
    const above = properties[name];
    return [name, isJsonObject(below) && isJsonObject(above) ? merged(below, above) : above ?? below] as const;
  });
  return { ...Object.fromEntries(added), ...known, properties: Object.fromEntries(members) };
}

/** A values file whose first line tells editors where its schema is. */
export function withEditorLine(text: string): string {
  return /^#\s*yaml-language-server:.*\$schema=/m.test(text) ? text : `${editorLine}\n${text}`;
}
