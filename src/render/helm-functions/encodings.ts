import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";
import { goReading, parseYaml, YamlError } from "../../value/yaml.ts";
import { FunctionFault } from "../fault.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { goMap, goValueOf, isMap, jsonOf } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";
import { yamlMessage } from "../values.ts";
import { bytesOf } from "./convert.ts";
import { printJsonGo } from "./json-printer.ts";
import { parseToml, printToml } from "./toml.ts";
import { printYamlGo } from "./yaml-printer.ts";

const toYaml = goFunction("toYaml", ["any"], ([value]) => printYamlGo(jsonOf(value)).replace(/\n$/, ""));
const toJson = goFunction("toJson", ["any"], ([value]) => printJsonGo(value));
const toPrettyJson = goFunction("toPrettyJson", ["any"], ([value]) => printJsonGo(value, { indent: "  " }));
const toRawJson = goFunction("toRawJson", ["any"], ([value]) => printJsonGo(value, { isRaw: true }));
const toToml = goFunction("toToml", ["any"], ([value]) => printToml(value));

/** Between values and their written forms, as Helm. What cannot be read becomes a map with `Error`, as there. */
export const encodingFunctions: readonly GoFunction[] = [
  toYaml, renamed("mustToYaml", toYaml),
  goFunction("toYamlPretty", ["any"], ([value]) => printYaml(jsonOf(value), { isSorted: true }).replace(/\n$/, "")),
  goFunction("fromYaml", ["string"], ([text]) => mapOr(() => readYaml(text), "map[string]interface {}", notJson)),
  goFunction("fromYamlArray", ["string"], ([text]) => listOr(() => readYaml(text), notJson)),
  toJson, renamed("mustToJson", toJson), toPrettyJson, renamed("mustToPrettyJson", toPrettyJson), toRawJson, renamed("mustToRawJson", toRawJson),
  goFunction("fromJson", ["string"], ([text]) => mapOr(() => readJson(text), "map[string]interface {}")),
  goFunction("mustFromJson", ["string"], ([text]) => goValueOf(readJson(text))),
  goFunction("fromJsonArray", ["string"], ([text]) => listOr(() => readJson(text))),
  toToml, renamed("mustToToml", toToml),
  goFunction("fromToml", ["string"], ([text]) => {
    try {
      return parseToml(text);
    } catch (error) {
      return goMap([["Error", error instanceof Error ? error.message : String(error)]]);
    }
  }),
  goFunction("b64enc", ["string"], ([text]) => Buffer.from(text, "utf8").toString("base64")),
  goFunction("b64dec", ["string"], ([text]) => decodeBase64(text)),
  goFunction("b32enc", ["string"], ([text]) => encodeBase32(bytesOf(text))),
  goFunction("b32dec", ["string"], ([text]) => decodeBase32(text)),
];

/** What stands before a fault of JSON that YAML was turned into. */
const notJson = "error unmarshaling JSON: while decoding JSON: ";

function mapOr(read: () => Json, wanted: string, before = ""): GoMap {
  const value = attempt(read);
  if (value instanceof FunctionFault) return goMap([["Error", value.message]]);
  if (value === null) return goMap();
  const map = goValueOf(value);
  return isMap(map) ? map : goMap([["Error", `${before}json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`]]);
}

function listOr(read: () => Json, before = ""): GoValue {
  const value = attempt(read);
  if (value instanceof FunctionFault) return [value.message];
  if (value === null) return [];
  return Array.isArray(value) ? goValueOf(value) : [`${before}json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`];
}

function attempt(read: () => Json): Json | FunctionFault {
  try {
    return read();
  } catch (error) {
    if (error instanceof FunctionFault) return error;
    throw error;
  }
}

function jsonKind(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (isJsonObject(value)) return "object";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function readYaml(text: string): Json {
  try {
    return parseYaml(text, "text", goReading);
  } catch (error) {
    if (error instanceof YamlError) throw new FunctionFault(`error converting YAML to JSON: yaml: line ${error.line}: ${goMessage(yamlMessage(error))}`);
    throw error;
  }
}

/** Go's words where charts look for them. */
function goMessage(message: string): string {
  return message.startsWith("Nested mappings") || message.startsWith("Implicit map keys") ? "mapping values are not allowed in this context" : message;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new FunctionFault(jsonMessage(text, error instanceof Error ? error.message : String(error)));
  }
}

/** Go's words for the two usual faults. */
function jsonMessage(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  const at = position === undefined ? text.length : Number(position);
  if (text.slice(at).trim() === "" || message.startsWith("Unexpected end") || message.startsWith("Unterminated")) return "unexpected end of JSON input";
  return `invalid character ${JSON.stringify(text.charAt(at)).replaceAll("\"", "'")} looking for beginning of value`;
}

/** As Sprig: what is no base64 gives the error's words. */
function decodeBase64(text: string): string {
  const bare = text.replaceAll(/[\r\n]/g, "");
  const bad = /[^A-Za-z0-9+/]/.exec(bare.replace(/={1,2}$/, ""));
  if (bad !== null || bare.length % 4 !== 0) return `illegal base64 data at input byte ${bad?.index ?? bare.length - (bare.length % 4)}`;
  return Buffer.from(bare, "base64").toString("utf8");
}

const base32Signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function encodeBase32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const signs = (bits.match(/.{1,5}/g) ?? []).map((part) => base32Signs.charAt(Number.parseInt(part.padEnd(5, "0"), 2))).join("");
  return signs.padEnd(Math.ceil(signs.length / 8) * 8, "=");
}

function decodeBase32(text: string): string {
  const bare = text.replaceAll(/[\r\n]/g, "");
  const signs = bare.replace(/=+$/, "");
  const bad = /[^A-Z2-7]/.exec(signs);
  if (bad !== null || bare.length % 8 !== 0) return `illegal base32 data at input byte ${bad?.index ?? bare.length}`;
  const bits = Array.from(signs, (sign) => base32Signs.indexOf(sign).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString("utf8");
}
