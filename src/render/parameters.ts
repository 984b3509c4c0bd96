import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { RenderFault } from "./fault.ts";
import { listIndexMax, parameterDepthMax } from "./limits.ts";

/** One `--set` of Helm: a path with dots, `\.` for a dot in a key, `[0]` for a list index, and its value. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly forceString?: boolean;
}

/** The values with one parameter set. Throws RenderFault for a path nobody can follow. */
export function parseParameter(parameter: Parameter, values: JsonObject): JsonObject {
  const path = parseParameterPath(parameter.name);
  const value = parameter.forceString === true ? parameter.value : parseParameterValue(parameter.value);
  const result = withValue(values, path, value);
  return isJsonObject(result) ? result : {};
}

/** Takes `a.b\.c[0]` apart: `["a", "b.c", 0]`. */
export function parseParameterPath(name: string): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  const pattern = /\[(\d+)\]|((?:\\.|[^\\.[\]])+)|(\.)|(.)/gsy;
  for (const match of name.matchAll(pattern)) {
    if (match[1] !== undefined) parts.push(Number(match[1]));
    else if (match[2] !== undefined) parts.push(match[2].replaceAll(/\\(.)/gs, "$1"));
    else if (match[4] !== undefined) throw badParameter(name, `"${match[4]}" does not belong there`);
  }
  if (parts.length === 0 || typeof parts[0] === "number" || /(?:^|[^\\])\.(?:\.|$)|^\./.test(name)) throw badParameter(name, "it must look like image.tag or hosts[0]");
  if (parts.length > parameterDepthMax) throw badParameter(name, `it is nested deeper than ${parameterDepthMax}`);
  if (parts.some((part) => typeof part === "number" && part > listIndexMax)) throw badParameter(name, `a list index may be at most ${listIndexMax}`);
  return parts;
}

/** As Helm reads `--set`: booleans, null, whole numbers without a leading zero, else text; `{a,b}` is a list. */
export function parseParameterValue(text: string): Json {
  if (/^\{.*\}$/s.test(text)) return text.slice(1, -1) === "" ? [] : text.slice(1, -1).split(/(?<!\\),/).map((item) => parseParameterValue(item));
  const plain = text.replaceAll(/\\([,\\{}])/g, "$1");
  if (plain === "true") return true;
  if (plain === "false") return false;
  if (plain === "null") return null;
  if (/^-?(?:0|[1-9]\d*)$/.test(plain) && Number.isSafeInteger(Number(plain))) return Number(plain);
  return plain;
}

function withValue(target: Json | undefined, path: readonly (string | number)[], value: Json): Json | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (typeof head === "number") {
    const list: (Json | undefined)[] = Array.isArray(target) ? [...(target as readonly Json[])] : [];
    while (list.length < head) list.push(null);
    list[head] = withValue(list[head], rest, value) ?? null;
    return list.map((item) => item ?? null);
  }
  const map = isJsonObject(target) ? target : {};
  const below = Object.hasOwn(map, head) ? map[head] : undefined;
  const inner = withValue(below, rest, value);
  const entries = Object.entries(map).filter(([key]) => key !== head);
  return Object.fromEntries([...entries, [head, inner]]);
}

function badParameter(name: string, why: string): RenderFault {
  return new RenderFault({ message: `parameter ${JSON.stringify(name)} cannot be set: ${why}`, valuePath: `Values.${name}` });
}
