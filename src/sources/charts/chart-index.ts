import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";

/** One package of a chart, as a repository's index.yaml lists it. */
export interface IndexEntry {
  readonly version: string;
  /** Of the package, 64 hexadecimal digits; empty where the index does not say. */
  readonly digest: string;
  /** Absolute, or below the index. */
  readonly urls: readonly string[];
  readonly created: string;
  readonly description: string;
}

/**
 * The packages of one chart in an index.yaml. An index has megabytes and is written by programs in one form, so it is not read as YAML but by its lines:
 * only those of the chart are looked at. An index in JSON is read as JSON. Undefined when the chart is not listed.
 */
export function readChartIndex(text: string, chart: string): readonly IndexEntry[] | undefined {
  if (/^\s*\{/.test(text)) return readJsonIndex(JSON.parse(text), chart);
  const section = sectionOf(text, chart);
  if (section === undefined) return undefined;
  return itemsOf(section).map(entryOf);
}

/** The lines below `  CHART:`. */
function sectionOf(text: string, chart: string): readonly string[] | undefined {
  const quoted = chart.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const start = new RegExp(`^( +)["']?${quoted}["']?:[ \\t]*\\r?$`, "m");
  const entries = /^entries:[ \t]*\r?$/m.exec(text);
  if (entries === null) return undefined;
  const from = entries.index + entries[0].length;
  const found = start.exec(text.slice(from));
  if (found === null) return undefined;
  const indent = found[1]?.length ?? 0;
  const end = new RegExp(`^ {0,${indent}}[^ \\-\\r\\n]`, "m");
  const rest = text.slice(from + found.index + found[0].length + 1);
  const stop = end.exec(rest);
  return (stop === null ? rest : rest.slice(0, stop.index)).split(/\r?\n/);
}

/** Lines of each item of a list, its own indentation gone. */
function itemsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const dash = lines.map((line) => /^ *(?=- )/.exec(line)?.[0].length).find((length) => length !== undefined);
  if (dash === undefined) return [];
  const items: string[][] = [];
  for (const line of lines) {
    if (line.startsWith(`${" ".repeat(dash)}- `)) items.push([line.slice(dash + 2)]);
    else items.at(-1)?.push(line.slice(dash + 2));
  }
  return items;
}

function entryOf(lines: readonly string[]): IndexEntry {
  const field = (name: string): string => unquote(lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "");
  const urlsAt = lines.findIndex((line) => /^urls:\s*$/.test(line));
  const below = urlsAt < 0 ? [] : lines.slice(urlsAt + 1);
  const end = below.findIndex((line) => !/^ *- /.test(line));
  const urls = below.slice(0, end < 0 ? below.length : end).map((line) => unquote(line.replace(/^ *- /, "")));
  return { version: field("version"), digest: digestOf(field("digest")), urls, created: field("created"), description: field("description") };
}

function unquote(text: string): string {
  const bare = text.trim();
  const [, quote = "", inner = ""] = /^(["'])(.*)\1$/s.exec(bare) ?? [];
  if (quote === "") return bare;
  return quote === "'" ? inner.replaceAll("''", "'") : inner.replaceAll(/\\(.)/g, "$1");
}

function digestOf(text: string): string {
  return /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase() ?? "";
}

function readJsonIndex(index: unknown, chart: string): readonly IndexEntry[] | undefined {
  const entries = isJsonObject(index) && isJsonObject(index["entries"]) ? index["entries"][chart] : undefined;
  if (!Array.isArray(entries)) return undefined;
  return (entries as readonly Json[]).filter(isJsonObject).map((entry) => {
    const text = (name: string): string => (typeof entry[name] === "string" ? entry[name] : "");
    const urls = Array.isArray(entry["urls"]) ? (entry["urls"] as readonly Json[]).filter((url) => typeof url === "string") : [];
    return { version: text("version"), digest: digestOf(text("digest")), urls, created: text("created"), description: text("description") };
  });
}
