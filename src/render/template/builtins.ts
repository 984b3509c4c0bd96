import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { areEqual, compareValues } from "./compare.ts";
import { goFunction } from "./function.ts";
import type { GoFunction } from "./function.ts";
import { noValue, printPlain } from "./print.ts";
import { printFormat } from "./printf.ts";
import { Int, int, isList, isMap, isTrue, kindOf, plain, Struct, typed, typeOf, zeroOf } from "./value.ts";
import type { GoList, GoValue } from "./value.ts";

/** The functions of text/template itself. `and` and `or` do not compute what they need not; that is the compiler's work. */
export const builtins: readonly GoFunction[] = [
  goFunction("and", ["any", "...any"], (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1)),
  goFunction("or", ["any", "...any"], (args) => args.find((arg) => isTrue(arg)) ?? args.at(-1)),
  goFunction("not", ["any"], ([value]) => !isTrue(value)),
  goFunction("len", ["any"], ([value]) => int(lengthOf(value))),
  goFunction("index", ["any", "...any"], ([collection, ...keys]) => keys.reduce<GoValue>(elementOf, collection)),
  goFunction("slice", ["any", "...any"], ([value, ...bounds]) => sliceOf(value, bounds)),
  goFunction("call", ["any", "...any"], ([value]) => { throw new FunctionFault(value === null ? "call of nil" : `non-function of type ${typeOf(value)}`); }),
  goFunction("print", ["...any"], (args) => printAll(args)),
  goFunction("println", ["...any"], (args) => `${args.map(printPlain).join(" ")}\n`),
  goFunction("printf", ["string", "...any"], ([format, ...args]) => printFormat(format, args)),
  goFunction("html", ["...any"], (args) => escapeHtml(textOfAll(args))),
  goFunction("js", ["...any"], (args) => escapeJs(textOfAll(args))),
  goFunction("urlquery", ["...any"], (args) => queryEscape(textOfAll(args))),
  goFunction("eq", ["any", "...any"], ([first, ...others]) => {
    if (others.length === 0) throw new FunctionFault("missing argument for comparison");
    return others.some((other) => areEqual(first, other));
  }),
  goFunction("ne", ["any", "any"], ([left, right]) => !areEqual(left, right)),
  goFunction("lt", ["any", "any"], ([left, right]) => compareValues(left, right) < 0),
  goFunction("le", ["any", "any"], ([left, right]) => compareValues(left, right) <= 0),
  goFunction("gt", ["any", "any"], ([left, right]) => compareValues(left, right) > 0),
  goFunction("ge", ["any", "any"], ([left, right]) => compareValues(left, right) >= 0),
];

/** Bytes of a text, elements of a slice or map. Throws FunctionFault. */
export function lengthOf(value: GoValue): number {
  if (typeof value === "string" || value instanceof Block) return Buffer.byteLength(plain(value));
  if (isList(value) || value instanceof Uint8Array) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new FunctionFault(value === null || value === undefined ? "len of nil pointer" : `len of type ${typeOf(value)}`);
}

function elementOf(collection: GoValue, key: GoValue): GoValue {
  if (collection === null || collection === undefined) throw new FunctionFault("index of untyped nil");
  if (isMap(collection)) {
    if (key === null || key === undefined) throw new FunctionFault("value is nil; should be of type string");
    if (typeof key !== "string") throw new FunctionFault(`value has type ${typeOf(key)}; should be string`);
    return key in collection ? collection[key] : zeroOf(collection);
  }
  if (isList(collection)) return collection[indexIn(key, collection.length)];
  const bytes = typeof collection === "string" || collection instanceof Block ? Buffer.from(plain(collection)) : collection;
  if (!(bytes instanceof Uint8Array)) throw new FunctionFault(`can't index item of type ${typeOf(collection)}`);
  return new Int(BigInt(bytes[indexIn(key, bytes.length)] ?? 0), "uint8");
}

function indexIn(key: GoValue, length: number): number {
  const index = indexOf(key);
  if (index < 0 || index > length) throw new FunctionFault(`index out of range: ${index}`);
  if (index === length) throw new FunctionFault("reflect: slice index out of range");
  return index;
}

function indexOf(key: GoValue): number {
  if (key === null || key === undefined) throw new FunctionFault("cannot index slice/array with nil");
  if (!(key instanceof Int)) throw new FunctionFault(`cannot index slice/array with type ${typeOf(key)}`);
  return Number(key.value);
}

/** More bounds than Go's slices have. */
const boundsMax = 3;

function sliceOf(value: GoValue, bounds: GoList): GoValue {
  if (value === null || value === undefined) throw new FunctionFault("slice of untyped nil");
  if (bounds.length > boundsMax) throw new FunctionFault(`too many slice indexes: ${bounds.length}`);
  const isText = typeof value === "string" || value instanceof Block;
  if (!isText && !isList(value)) throw new FunctionFault(`can't slice item of type ${typeOf(value)}`);
  if (isText && bounds.length === boundsMax) throw new FunctionFault("cannot 3-index slice a string");
  const length = isText ? Buffer.byteLength(plain(value)) : value.length;
  const places = bounds.map(indexOf);
  const outside = places.find((place) => place < 0 || place > length);
  if (outside !== undefined) throw new FunctionFault(`index out of range: ${outside}`);
  const [from = 0, to = length] = places;
  if (from > to) throw new FunctionFault(`invalid slice index: ${from} > ${to}`);
  return isText ? Buffer.from(plain(value)).subarray(from, to).toString("utf8") : typed(value.slice(from, to), typeOf(value));
}

/** fmt.Sprint: a blank between two operands when neither is a text. */
export function printAll(args: GoList): string {
  return args.map((arg, index) => (index > 0 && !isText(arg) && !isText(args[index - 1]) ? " " : "") + printPlain(arg)).join("");
}

function isText(value: GoValue): boolean {
  return kindOf(value) === "string" && !(value instanceof Struct);
}

function textOfAll(args: GoList): string {
  const [only] = args;
  if (args.length === 1 && (only === null || only === undefined)) return noValue;
  return printAll(args);
}

const htmlSigns: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", "\"": "&#34;", "\u0000": "\uFFFD" };

function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is one of the signs Go replaces
  return text.replaceAll(/[<>&'"\u0000]/g, (sign) => htmlSigns[sign] ?? sign);
}

const jsSigns: Readonly<Record<string, string>> = { "\\": "\\\\", "'": "\\'", "\"": "\\\"", "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D" };

function escapeJs(text: string): string {
  return Array.from(text, (sign) => jsSigns[sign] ?? (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(sign) ? sign : `\\u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`)).join("");
}

/** net/url's QueryEscape. */
export function queryEscape(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll("%20", "+");
}
