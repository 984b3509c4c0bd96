import type { PrintedLeaves } from "../../value/print-yaml.ts";
import { Block } from "../text.ts";
import { Int, isList, jsonOf, keysOf, isMap } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";

const htmlSigns: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\b": "\\u0008", "\f": "\\u000c" };

/** How JSON is printed; `leaves` is asked for every scalar. */
export interface PrintJsonOptions {
  readonly indent?: string;
  readonly isRaw?: boolean;
  readonly leaves?: PrintedLeaves;
}

/** Prints JSON as Go's encoder does: keys sorted, `<`, `>` and `&` escaped unless raw. */
export function printJsonGo(value: GoValue, { indent = "", isRaw = false, leaves: outer }: PrintJsonOptions = {}): string {
  const print = (item: GoValue, pad: string, leaves: PrintedLeaves | undefined): string => {
    if (isList(item) && item.length > 0) return wrap(item.map((member, index) => print(member, pad + indent, leaves?.member(index))), "[]", pad);
    const keys = isMap(item) ? keysOf(item) : [];
    if (isMap(item) && keys.length > 0) return wrap(keys.map((key) => `${printString(key, isRaw)}:${indent === "" ? "" : " "}${print(item[key], pad + indent, leaves?.member(key))}`), "{}", pad);
    const printed = printLeaf(item);
    return leaves === undefined ? printed : leaves.wrap(printed);
  };
  const printLeaf = (item: GoValue): string => {
    if (isList(item) || isMap(item)) return isList(item) ? "[]" : "{}";
    if (item instanceof Int) return String(item.value);
    if (typeof item === "string" || item instanceof Block) return printString(typeof item === "string" ? item : item.plain, isRaw);
    if (typeof item === "number") return printNumber(item);
    return JSON.stringify(jsonOf(item));
  };
  const wrap = (parts: readonly string[], [open = "", close = ""]: string, pad: string): string => {
    return indent === "" ? open + parts.join(",") + close : `${open}\n${pad}${indent}${parts.join(`,\n${pad}${indent}`)}\n${pad}${close}`;
  };
  return print(value, "", outer);
}

/** Escapes Go's encoder writes by their number. */
const goEscapes: Readonly<Record<string, string>> = { "\\b": "\\u0008", "\\f": "\\u000c" };

function printString(text: string, isRaw: boolean): string {
  // Escapes are read one by one: behind a backslash of the text, `b` is only a letter.
  const printed = JSON.stringify(text).replaceAll(/\\./g, (escape) => goEscapes[escape] ?? escape);
  return printed.replaceAll(isRaw ? /[\u2028\u2029]/g : /[<>&\u2028\u2029]/g, (sign) => htmlSigns[sign] ?? sign);
}

function printNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}
