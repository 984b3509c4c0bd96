import { parse } from "smol-toml";
import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { FunctionFault } from "../fault.ts";
import { printFloat } from "../template/print.ts";
import { goMap, Int, int64, isList, isMap, jsonOf, keysOf } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";
import { Block } from "../text.ts";

/** Reads TOML: integers become int64, dates their text. The only door to npm `smol-toml`. Throws an Error for what is none. */
export function parseToml(text: string): GoMap {
  const value = fromToml(parse(text, { integersAsBigInt: true }));
  return isMap(value) ? value : goMap();
}

function fromToml(value: unknown): GoValue {
  if (typeof value === "bigint") return int64(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(fromToml);
  return isJsonObject(value) ? goMap(Object.entries(value as Record<string, unknown>).map(([key, member]) => [key, fromToml(member)] as const)) : null;
}

/** Prints TOML as Go's BurntSushi encoder: simple members first, then tables, all sorted; tables below a table are indented. Throws FunctionFault. */
export function printToml(value: GoValue): string {
  if (!isMap(value)) throw new FunctionFault("toml: top-level values must be Go maps or structs");
  return printTable(value, []).replace(/^\n/, "");
}

function printTable(map: GoMap, path: readonly string[]): string {
  const keys = keysOf(map).filter((key) => map[key] !== null && map[key] !== undefined);
  const pad = "  ".repeat(Math.max(0, path.length));
  const simple = keys.filter((key) => !isTable(map[key]) && !isTableList(map[key]));
  const lines = simple.map((key) => `${pad}${printKey(key)} = ${printInline(map[key])}\n`).join("");
  const tables = keys.filter((key) => isTable(map[key]) || isTableList(map[key])).map((key) => {
    const inner = [...path, key];
    const name = inner.map(printKey).join(".");
    const value = map[key];
    if (isMap(value)) return `${path.length === 0 ? "\n" : ""}${pad}[${name}]\n${printTable(value, inner)}`;
    return isList(value) ? value.map((item) => `${path.length === 0 ? "\n" : ""}${pad}[[${name}]]\n${isMap(item) ? printTable(item, inner) : ""}`).join("") : "";
  });
  return lines + tables.join("");
}

function isTable(value: GoValue): boolean {
  return isMap(value);
}

function isTableList(value: GoValue): boolean {
  return isList(value) && value.length > 0 && value.every((item) => isMap(item));
}

function printKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : printText(key);
}

function printInline(value: GoValue): string {
  if (typeof value === "string" || value instanceof Block) return printText(typeof value === "string" ? value : value.plain);
  if (value instanceof Int) return String(value.value);
  if (typeof value === "number") return Number.isInteger(value) ? `${value}.0` : printFloat(value).replace("e+", "e+");
  if (isList(value)) return `[${value.map(printInline).join(", ")}]`;
  if (isMap(value)) return `{${keysOf(value).map((key) => `${printKey(key)} = ${printInline(value[key])}`).join(", ")}}`;
  const json: Json = jsonOf(value);
  return JSON.stringify(json);
}

/** JSON's quoting, but that TOML takes DEL for a control character too. */
function printText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007F");
}
