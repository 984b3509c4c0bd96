import type { Json } from "../../value/json.ts";
import { isJsonObject } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";
import type { PrintedLeaves } from "../../value/print-yaml.ts";
import { printJsonGo } from "../helm-functions/json-printer.ts";
import { printYamlGo } from "../helm-functions/yaml-printer.ts";
import { jsonOf } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { untracedDeep } from "./traced.ts";

/** Prints a map or list whose leaves may be traced. */
type Printer = (value: GoValue, leaves: PrintedLeaves) => string;

const withoutBreak = (text: string): string => text.replace(/\n$/, "");
const yamlPretty: Printer = (value, leaves) => withoutBreak(printYaml(jsonOf(value), { isSorted: true, leaves }));
const yamlGo: Printer = (value, leaves) => withoutBreak(printYamlGo(jsonOf(value), leaves));
const jsonGo: Printer = (value, leaves) => printJsonGo(untracedDeep(value), { leaves });
const jsonGoPretty: Printer = (value, leaves) => printJsonGo(untracedDeep(value), { leaves, indent: "  " });
const jsonGoRaw: Printer = (value, leaves) => printJsonGo(untracedDeep(value), { leaves, isRaw: true });
const json: Printer = (value, leaves) => printJson(jsonOf(value), { pad: "", indent: "", leaves });
const jsonPretty: Printer = (value, leaves) => printJson(jsonOf(value), { pad: "", indent: "  ", leaves });

/** The printers behind the functions that write a map or list out, once more, with a sign around every scalar. Helm's, and those Handlebars has of its own. */
export const printersOf = {
  helm: new Map<string, Printer>([["toYaml", yamlGo], ["mustToYaml", yamlGo], ["toYamlPretty", yamlPretty], ["toJson", jsonGo], ["mustToJson", jsonGo], ["toPrettyJson", jsonGoPretty], ["mustToPrettyJson", jsonGoPretty], ["toRawJson", jsonGoRaw], ["mustToRawJson", jsonGoRaw]]),
  handlebars: new Map<string, Printer>([["toYaml", yamlPretty], ["mustToYaml", yamlPretty], ["toYamlPretty", yamlPretty], ["toJson", json], ["mustToJson", json], ["toRawJson", json], ["toPrettyJson", jsonPretty], ["mustToPrettyJson", jsonPretty]]),
} as const;

/** As `JSON.stringify`. */
function printJson(value: Json, { pad, indent, leaves }: { readonly pad: string; readonly indent: string; readonly leaves: PrintedLeaves }): string {
  const inner = pad + indent;
  const member = (part: string | number, item: Json): string => printJson(item, { pad: inner, indent, leaves: leaves.member(part) });
  const wrap = (parts: readonly string[], open: string, close: string): string => (indent === "" ? `${open}${parts.join(",")}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${pad}${close}`);
  if (Array.isArray(value) && value.length > 0) return wrap((value as readonly Json[]).map((item, index) => member(index, item)), "[", "]");
  if (isJsonObject(value) && Object.keys(value).length > 0) return wrap(Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${indent === "" ? "" : " "}${member(key, item ?? null)}`), "{", "}");
  return leaves.wrap(JSON.stringify(value));
}
