import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { Block } from "../text.ts";
import { integerOf, jsonOf, kindOf, numberOf, textOf } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;
/** Widest padding of printf. */
const widthMax = 1_000;

/** Functions that write values as text. */
export const printFunctions: readonly TemplateFunction[] = [
  // JSON's quoting is YAML's double-quoted style, so the answer is one safe scalar on one line.
  { name: "quote", usage: "quote VALUE …", min: 1, max: many, run: (args) => new Block(args.map((arg) => JSON.stringify(printValue(arg))).join(" ")) },
  { name: "squote", usage: "squote VALUE …", min: 1, max: many, run: (args) => new Block(args.map(singleQuoted).join(" ")) },
  { name: "print", usage: "print VALUE …", min: 1, max: many, run: (args) => args.map(printValue).join("") },
  { name: "printf", usage: "printf FORMAT VALUE …", min: 1, max: many, run: ([format, ...args]) => printFormat(textOf(format), args) },
];

function printValue(value: TemplateValue): string {
  return typeof value === "object" && value !== null && !(value instanceof Block) ? JSON.stringify(value) : textOf(value);
}

function singleQuoted(value: TemplateValue): string {
  const text = printValue(value);
  if (/[\n\r\u0085\u2028\u2029]/.test(text)) throw new FunctionFault("cannot write a text of several lines in single quotes; use quote");
  return `'${text.replaceAll("'", "''")}'`;
}

const verbs = /%([-+0 ]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;

/** Go's verbs that charts use: %s %v %d %q %t %f %x %c %%, with width, `-`, `0` and precision. */
function printFormat(format: string, args: readonly TemplateValue[]): string {
  let next = 0;
  return format.replaceAll(verbs, (_whole, flags: string, width: string, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= args.length) throw new FunctionFault(`has fewer values than its format ${JSON.stringify(format)} asks for`);
    const text = printVerb(verb, args[next++], precision);
    const size = Number(width);
    if (size > widthMax) throw new FunctionFault(`pads to at most ${widthMax} characters`);
    if (flags.includes("-")) return text.padEnd(size);
    return flags.includes("0") && verb !== "s" && verb !== "q" ? padNumber(text, size) : text.padStart(size);
  });
}

function padNumber(text: string, size: number): string {
  return text.startsWith("-") ? `-${text.slice(1).padStart(size - 1, "0")}` : text.padStart(size, "0");
}

function printVerb(verb: string, value: TemplateValue, precision: string | undefined): string {
  switch (verb) {
    case "s": case "v": return precision === undefined ? printValue(value) : printValue(value).slice(0, Number(precision));
    case "q": return JSON.stringify(printValue(value));
    case "d": return String(integerOf(value));
    case "f": return numberOf(value).toFixed(Math.min(20, Number(precision ?? 6)));
    case "t": return String(jsonOf(value) === true);
    case "x": return kindOf(value) === "string" ? hex(textOf(value)) : integerOf(value).toString(16);
    case "c": return String.fromCodePoint(integerOf(value));
    default: throw new FunctionFault(`does not know the verb %${verb}; it knows %s %v %q %d %f %t %x %c`);
  }
}

function hex(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
