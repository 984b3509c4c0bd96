import { FunctionFault } from "../fault.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { printPlain } from "../template/print.ts";
import { quoteGo } from "../template/printf.ts";
import { compareStrings, goMap, int, int64, typed } from "../template/value.ts";
import type { GoList, GoMap, GoValue } from "../template/value.ts";
import { Block, trimBlock } from "../text.ts";
import { toCamelCase, toSeparatedCase } from "./letter-case.ts";
import { bytesOf, checkLength, parseInteger, textOf, textsOf } from "./convert.ts";

const trimAll = goFunction("trimAll", ["string", "string"], ([set, text]) => trimSet(text, set));

/** Texts, as Sprig. Lengths are bytes where Sprig's are. */
export const textFunctions: readonly GoFunction[] = [
  goFunction("hello", [], () => "Hello!"),
  goFunction("abbrev", ["int", "string"], ([width, text]) => (width < 4 ? text : abbreviate(text, 0, width))),
  goFunction("abbrevboth", ["int", "int", "string"], ([left, right, text]) => (right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right))),
  goFunction("trunc", ["int", "string"], ([length, text]) => truncate(length, text)),
  goFunction("trim", ["text"], ([text]) => (text instanceof Block ? trimBlock(text) : text.trim())),
  goFunction("upper", ["string"], ([text]) => (hasOwnCase(text) ? text.toUpperCase() : Array.from(text, toUpperSign).join(""))),
  goFunction("lower", ["string"], ([text]) => (hasOwnCase(text) ? text.toLowerCase() : Array.from(text, (sign) => Array.from(sign.toLowerCase())[0] ?? "").join(""))),
  goFunction("title", ["string"], ([text]) => text.replaceAll(/(?<![\p{L}\p{N}_])\p{L}/gu, toTitleSign)),
  goFunction("untitle", ["string"], ([text]) => text.replaceAll(/(?<!\S)\p{L}/gu, (letter) => letter.toLowerCase())),
  goFunction("substr", ["int", "int", "string"], ([from, to, text]) => substring(from, to, text)),
  goFunction("repeat", ["int", "string"], ([count, text]) => repeat(count, text)),
  trimAll, renamed("trimall", trimAll),
  goFunction("trimSuffix", ["string", "string"], ([suffix, text]) => (suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text)),
  goFunction("trimPrefix", ["string", "string"], ([prefix, text]) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  goFunction("nospace", ["string"], ([text]) => text.replaceAll(/\s/g, "")),
  goFunction("initials", ["string"], ([text]) => text.split(/\s+/).map((word) => Array.from(word)[0] ?? "").join("")),
  goFunction("swapcase", ["string"], ([text]) => Array.from(text, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join("")),
  goFunction("snakecase", ["string"], ([text]) => toSeparatedCase(text, "_")),
  goFunction("kebabcase", ["string"], ([text]) => toSeparatedCase(text, "-")),
  goFunction("camelcase", ["string"], ([text]) => toCamelCase(text)),
  goFunction("wrap", ["int", "string"], ([width, text]) => wrap(text, width, { separator: "\n", breaksWords: false })),
  goFunction("wrapWith", ["int", "string", "string"], ([width, separator, text]) => wrap(text, width, { separator: separator === "" ? "\n" : separator, breaksWords: true })),
  goFunction("contains", ["string", "string"], ([part, text]) => text.includes(part)),
  goFunction("hasPrefix", ["string", "string"], ([prefix, text]) => text.startsWith(prefix)),
  goFunction("hasSuffix", ["string", "string"], ([suffix, text]) => text.endsWith(suffix)),
  goFunction("quote", ["...any"], (args) => withoutNil(args).map((arg) => quoteGo(textOf(arg))).join(" ")),
  goFunction("squote", ["...any"], (args) => withoutNil(args).map((arg) => `'${printPlain(arg)}'`).join(" ")),
  goFunction("cat", ["...any"], (args) => withoutNil(args).map(printPlain).join(" ")),
  goFunction("indent", ["int", "text"], ([width, text]) => indent(width, text)),
  goFunction("nindent", ["int", "text"], ([width, text]) => indent(width, text, "\n")),
  goFunction("replace", ["string", "string", "string"], ([old, next, text]) => (old === "" ? next + Array.from(text, (sign) => sign + next).join("") : text.split(old).join(next))),
  goFunction("plural", ["string", "string", "int"], ([one, many, count]) => (count === 1 ? one : many)),
  goFunction("toString", ["any"], ([value]) => textOf(value)),
  goFunction("toStrings", ["any"], ([value]) => typed(textsOf(value), "[]string")),
  goFunction("atoi", ["string"], ([text]) => int(/^[-+]?\d+$/.test(text) ? (parseInteger(text.replace(/^([-+]?)0+(?=\d)/, "$1")) ?? 0n) : 0n)),
  goFunction("toDecimal", ["any"], ([value]) => int64(/^[-+]?[0-7]+$/.test(printPlain(value)) ? (parseInteger(printPlain(value).replace(/^([-+]?)/, "$10")) ?? 0n) : 0n)),
  goFunction("split", ["string", "string"], ([separator, text]) => numbered(splitText(text, separator))),
  goFunction("splitList", ["string", "string"], ([separator, text]) => typed(splitText(text, separator), "[]string")),
  goFunction("splitn", ["string", "int", "string"], ([separator, count, text]) => numbered(splitText(text, separator, count))),
  goFunction("join", ["string", "any"], ([separator, list]) => textsOf(list).join(separator)),
  goFunction("sortAlpha", ["any"], ([list]) => typed((Array.isArray(list) ? textsOf(list) : [textOf(list)]).toSorted(compareStrings), "[]string")),
];

/** True where one letter stays one: Go changes letter by letter, and leaves those that have no single counterpart. */
function hasOwnCase(text: string): boolean {
  return !/[ßİŉǰ\u0250-\u036f\u0500-\uffff]/.test(text);
}

function toUpperSign(sign: string): string {
  const upper = sign.toUpperCase();
  return Array.from(upper).length === 1 ? upper : sign;
}

/** Digraphs have a third form, for titles. */
const titleSigns: Readonly<Record<string, string>> = { "Ǆ": "ǅ", "ǆ": "ǅ", "Ǉ": "ǈ", "ǉ": "ǈ", "Ǌ": "ǋ", "ǌ": "ǋ", "Ǳ": "ǲ", "ǳ": "ǲ" };

function toTitleSign(sign: string): string {
  return titleSigns[sign] ?? toUpperSign(sign);
}

function withoutNil(args: GoList): GoList {
  return args.filter((arg) => arg !== null && arg !== undefined);
}

function numbered(parts: readonly string[]): GoMap {
  return typed(goMap(parts.map((part, index) => [`_${index}`, part] as const)), "map[string]string");
}

/** strings.SplitN; an empty separator splits into code points. */
function splitText(text: string, separator: string, count = -1): readonly string[] {
  if (count === 0) return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

/** Widest indentation: wider is a mistake, and a way to blow up memory. */
const indentMax = 1_000;

function indent(width: number, text: string | Block, before = ""): GoValue {
  if (width < 0 || width > indentMax) throw new FunctionFault(width < 0 ? "strings: negative Repeat count" : `indents at most ${indentMax} columns`);
  const pad = " ".repeat(width);
  const source = typeof text === "string" ? text : text.text;
  const indented = before + pad + source.replaceAll("\n", `\n${pad}`);
  checkLength(indented.length);
  return typeof text === "string" ? indented : new Block(indented);
}

/** Cuts to the first bytes, or with a negative length to the last ones. */
function truncate(length: number, text: string): string {
  const bytes = bytesOf(text);
  if (length < 0 && bytes.length + length > 0) return decode(bytes.subarray(bytes.length + length));
  return length >= 0 && bytes.length > length ? decode(bytes.subarray(0, length)) : text;
}

function substring(from: number, to: number, text: string): string {
  const bytes = bytesOf(text);
  if (from < 0) return decode(bytes.subarray(0, checkBound(to, bytes.length)));
  if (to < 0 || to > bytes.length) return decode(bytes.subarray(checkBound(from, bytes.length)));
  if (from > to) throw new FunctionFault(`runtime error: slice bounds out of range [${from}:${to}]`);
  return decode(bytes.subarray(from, to));
}

function checkBound(bound: number, length: number): number {
  if (bound < 0 || bound > length) throw new FunctionFault(`runtime error: slice bounds out of range [:${bound}] with length ${length}`);
  return bound;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function repeat(count: number, text: string): string {
  if (count < 0) throw new FunctionFault("strings: negative Repeat count");
  checkLength(count * text.length);
  return text.repeat(count);
}

function trimSet(text: string, set: string): string {
  const signs = Array.from(text);
  let from = 0;
  let to = signs.length;
  while (from < to && set.includes(signs[from] ?? "")) from++;
  while (to > from && set.includes(signs[to - 1] ?? "")) to--;
  return signs.slice(from, to).join("");
}

function abbreviate(text: string, offset: number, width: number): string {
  const bytes = bytesOf(text);
  const { length } = bytes;
  if (length <= width) return text;
  let from = Math.min(offset, length);
  if (length - from < width - 3) from = length - (width - 3);
  if (from <= 4) return `${decode(bytes.subarray(0, width - 3))}...`;
  if (from + width - 3 < length) return `...${abbreviate(decode(bytes.subarray(from)), 0, width - 3)}`;
  return `...${decode(bytes.subarray(length - (width - 3)))}`;
}

function wrap(text: string, width: number, { separator, breaksWords }: { readonly separator: string; readonly breaksWords: boolean }): string {
  const size = Math.max(1, width);
  const lines: string[] = [];
  let at = 0;
  while (text.length - at > size) {
    if (text.charAt(at) === " ") {
      at++;
      continue;
    }
    const blank = text.lastIndexOf(" ", at + size);
    if (blank >= at) {
      lines.push(text.slice(at, blank));
      at = blank + 1;
    } else if (breaksWords) {
      lines.push(text.slice(at, at + size));
      at += size;
    } else {
      const next = text.indexOf(" ", at + size);
      if (next < 0) break;
      lines.push(text.slice(at, next));
      at = next + 1;
    }
  }
  return [...lines, text.slice(at)].join(separator);
}
