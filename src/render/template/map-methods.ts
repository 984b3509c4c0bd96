import { FunctionFault } from "../fault.ts";
import { matchesGlob } from "../glob.ts";
import { printYamlGo } from "../helm-functions/yaml-printer.ts";
import { goMap, isMap, jsonOf, plain, typed, typeOf, valueAt } from "./value.ts";
import type { GoMap, GoValue } from "./value.ts";
import { Block } from "../text.ts";

/** A method of a map. */
export type MapMethod = (map: GoMap, args: readonly GoValue[]) => GoValue;

/** Go's type of Helm's values. */
export const valuesType = "common.Values";
/** Go's type of the files of a chart. */
export const filesType = "engine.files";

/** The methods of a map, when its type has any. */
export function methodsOf(map: GoMap): ReadonlyMap<string, MapMethod> | undefined {
  return methods.get(typeOf(map));
}

/** Helm's `common.Values`. */
const valuesMethods: readonly (readonly [string, MapMethod])[] = [
  ["AsMap", (map) => map],
  ["YAML", (map) => printYamlGo(jsonOf(map))],
  ["Table", (map, [path]) => {
    const table = valueAt(map, textOf(path));
    if (!isMap(table)) throw new FunctionFault(`${JSON.stringify(textOf(path))} is not a table`);
    return table;
  }],
  ["PathValue", (map, [path]) => {
    const value = valueAt(map, textOf(path));
    if (value === undefined) throw new FunctionFault(`${JSON.stringify(textOf(path))} is not a value`);
    return value;
  }],
];

/** Helm's `.Files`: contents by path. A file that is not there is empty. */
const filesMethods: readonly (readonly [string, MapMethod])[] = [
  ["Get", (map, [path]) => decode(map[textOf(path)])],
  ["GetBytes", (map, [path]) => map[textOf(path)] ?? new Uint8Array()],
  ["Glob", (map, [pattern]) => typed(goMap(Object.entries(map).filter(([path]) => matchesGlob(textOf(pattern), path))), filesType)],
  ["Lines", (map, [path]) => typed(linesOf(decode(map[textOf(path)])), "[]string")],
  ["AsConfig", (map) => trimmed(printYamlGo(Object.fromEntries(Object.entries(map).map(([path, content]) => [baseName(path), decode(content)]))))],
  ["AsSecrets", (map) => trimmed(printYamlGo(Object.fromEntries(Object.entries(map).map(([path, content]) => [baseName(path), Buffer.from(content instanceof Uint8Array ? content : []).toString("base64")]))))],
];

const methods: ReadonlyMap<string, ReadonlyMap<string, MapMethod>> = new Map([[valuesType, new Map(valuesMethods)], [filesType, new Map(filesMethods)]]);

function textOf(value: GoValue): string {
  if (typeof value === "string" || value instanceof Block) return plain(value);
  throw new FunctionFault(`wrong type for value; expected string; got ${typeOf(value)}`);
}

function decode(content: GoValue): string {
  return content instanceof Uint8Array ? new TextDecoder().decode(content) : "";
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function trimmed(yaml: string): string {
  return yaml.replace(/\n$/, "");
}
