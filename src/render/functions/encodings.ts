import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";
import { parseYaml } from "../../value/yaml.ts";
import { FunctionFault } from "../fault.ts";
import type { TemplateFunction } from "../functions.ts";
import { Block } from "../text.ts";
import { jsonOf, listOf, spokenKind, textOf } from "../template-value.ts";

/** Functions between values and their written forms. */
export const encodingFunctions: readonly TemplateFunction[] = [
  { name: "toYaml", usage: "toYaml VALUE", min: 1, max: 1, run: ([value]) => new Block(printYaml(jsonOf(value), { isSorted: true }).replace(/\n$/, "")) },
  // JSON is YAML's flow style: one line that keeps its structure.
  { name: "toJson", usage: "toJson VALUE", min: 1, max: 1, run: ([value]) => new Block(JSON.stringify(jsonOf(value))) },
  { name: "toPrettyJson", usage: "toPrettyJson VALUE", min: 1, max: 1, run: ([value]) => new Block(JSON.stringify(jsonOf(value), null, 2)) },
  { name: "fromYaml", usage: "fromYaml TEXT", min: 1, max: 1, run: ([text]) => expectMap(readYaml(textOf(text)), "fromYamlArray") },
  { name: "fromYamlArray", usage: "fromYamlArray TEXT", min: 1, max: 1, run: ([text]) => listOf(readYaml(textOf(text))) },
  { name: "fromJson", usage: "fromJson TEXT", min: 1, max: 1, run: ([text]) => expectMap(readJson(textOf(text)), "fromJsonArray") },
  { name: "fromJsonArray", usage: "fromJsonArray TEXT", min: 1, max: 1, run: ([text]) => listOf(readJson(textOf(text))) },
  { name: "b64enc", usage: "b64enc TEXT", min: 1, max: 1, run: ([text]) => Buffer.from(textOf(text), "utf8").toString("base64") },
  { name: "b64dec", usage: "b64dec TEXT", min: 1, max: 1, run: ([text]) => decodeBase64(textOf(text)) },
  { name: "urlquery", usage: "urlquery TEXT", min: 1, max: 1, run: ([text]) => encodeURIComponent(textOf(text)) },
];

function readYaml(text: string): Json {
  try {
    return parseYaml(text, "the text");
  } catch (error) {
    throw new FunctionFault(`cannot read YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new FunctionFault("cannot read the text as JSON");
  }
}

function expectMap(value: Json, other: string): Json {
  if (!isJsonObject(value)) throw new FunctionFault(`expects a map in the text, but it holds ${spokenKind(value)}; for a list there is ${other}`);
  return value;
}

function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text.trim())) throw new FunctionFault("cannot read the text as base64");
  return Buffer.from(text, "base64").toString("utf8");
}
