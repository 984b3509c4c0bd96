import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { printExponent, printFloat, printPlain } from "./print.ts";
import { Int, isList, isMap, keysOf, Struct, typeOf } from "./value.ts";
import type { GoMap, GoValue } from "./value.ts";

/** Widest padding and longest precision: wider is a mistake, and a way to blow up memory. Go's own bound is 10^6, beyond which it writes that there is no verb. */
const widthMax = 100_000;

/** One directive of a format. */
interface Directive {
  readonly verb: string;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const directive = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(?:\[(\d+)\])?(\*|\d+)?)?(?:\[(\d+)\])?(.)?/gsu;

/** Go's fmt.Sprintf: what does not fit is written into the text (`%!d(string=x)`). Throws FunctionFault for padding that only a mistake asks for. */
export function printFormat(format: string, args: readonly GoValue[]): string {
  let next = 0;
  let isReordered = false;
  const take = (): GoValue | Missing => (next < args.length ? args[next++] : missing);
  const jump = (index: string | undefined): void => {
    if (index === undefined) return;
    next = Number(index) - 1;
    isReordered = true;
  };
  const starred = (text: string | undefined): number | undefined => {
    const value = text === "*" ? take() : undefined;
    const size = text === undefined ? undefined : text !== "*" ? Number(text) : value instanceof Int ? Number(value.value) : undefined;
    if (size !== undefined && Math.abs(size) > widthMax) throw new FunctionFault(`pads to at most ${widthMax} characters, and not to ${text === "*" ? size : text}`);
    return size;
  };
  const text = format.replaceAll(directive, (whole: string, flags: string, widthIndex: string | undefined, width: string | undefined, precisionIndex: string | undefined, precision: string | undefined, index: string | undefined, verb: string | undefined) => {
    if (verb === undefined) return "%!(NOVERB)";
    if (verb === "%") return "%";
    jump(widthIndex);
    let size = starred(width);
    const isLeft = size !== undefined && size < 0;
    size = size === undefined ? undefined : Math.abs(size);
    jump(precisionIndex);
    const digits = whole.includes(".") && /\.(?:\[\d+\])?(?:\*|\d+)?(?:\[\d+\])?.$/su.test(whole) ? (starred(precision) ?? 0) : undefined;
    jump(index);
    const isIndexed = index !== undefined || widthIndex !== undefined || precisionIndex !== undefined;
    if (next < 0 || (isIndexed && next >= args.length)) return `%!${verb}(BADINDEX)`;
    const value = take();
    if (value === missing) return `%!${verb}(MISSING)`;
    // A plus before v is about structs, not about signs.
    const own = verb === "v" ? flags.replaceAll("+", "") : flags;
    return printVerb({ verb, flags: isLeft ? `${own}-` : own, width: size, precision: digits }, value as GoValue);
  });
  if (isReordered || next >= args.length) return text;
  return `${text}%!(EXTRA ${args.slice(next).map((arg) => (arg === null || arg === undefined ? "<nil>" : `${typeOf(arg)}=${printPlain(arg)}`)).join(", ")})`;
}

interface Missing { readonly isMissing: true }
const missing: Missing = { isMissing: true };

function printVerb(given: Directive, value: GoValue): string {
  const { verb } = given;
  if (verb === "T") return pad(typeOf(value), given);
  if (value === null || value === undefined) return verb === "v" ? pad("<nil>", given) : `%!${verb}(<nil>)`;
  if (typeof value === "string") return printText(given, value);
  if (value instanceof Block) return printText(given, value.plain);
  if (typeof value === "boolean") return verb === "t" || verb === "v" ? pad(String(value), given) : bad(given, value);
  if (typeof value === "number") return printNumber(given, value);
  if (value instanceof Int) return printInteger(given, value);
  if (value instanceof Uint8Array) return "sqxX".includes(verb) ? printText(given, Buffer.from(value).toString("utf8")) : `[${Array.from(value, (byte) => printInteger(given, new Int(BigInt(byte), "uint8"))).join(" ")}]`;
  if (value instanceof Struct) return "vsqxX".includes(verb) ? printText(verb === "v" ? { ...given, verb: "s" } : given, printPlain(value)) : bad(given, value);
  if (given.flags.includes("#") && verb === "v") return printSource(value);
  if (isList(value)) return `[${value.map((item) => printMember(given, item)).join(" ")}]`;
  return isMap(value) ? printMap(given, value) : "";
}

function printMap(given: Directive, map: GoMap): string {
  return `map[${keysOf(map).map((key) => `${printVerb(given, key)}:${printMember(given, map[key])}`).join(" ")}]`;
}

/** `%#v`: as Go source. */
function printSource(value: GoValue): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value === "string" || value instanceof Block) return quoteGo(typeof value === "string" ? value : value.plain);
  if (isList(value)) return `${typeOf(value)}{${value.map(printSource).join(", ")}}`;
  if (isMap(value)) return `${typeOf(value)}{${keysOf(value).map((key) => `${quoteGo(key)}:${printSource(value[key])}`).join(", ")}}`;
  return printPlain(value);
}

function bad(given: Directive, value: GoValue): string {
  return `%!${given.verb}(${typeOf(value)}=${printVerb({ ...given, verb: "v" }, value)})`;
}

/** Members of lists and maps: a nil among them is written without its verb. */
function printMember(given: Directive, value: GoValue): string {
  return value === null || value === undefined ? "<nil>" : printVerb(given, value);
}

function printText(given: Directive, text: string): string {
  const cut = given.precision === undefined ? text : Array.from(text).slice(0, given.precision).join("");
  switch (given.verb) {
    case "s": return pad(cut, given);
    case "v": return given.flags.includes("#") ? pad(quoteGo(cut), given) : pad(cut, given);
    case "q": return pad(given.flags.includes("#") && !/[`\p{Cc}]/u.test(cut.replaceAll("\t", "")) ? `\`${cut}\`` : quoteGo(cut), given);
    case "x": case "X": {
      const bytes = Array.from(Buffer.from(cut, "utf8"), (byte) => byte.toString(16).padStart(2, "0"));
      const hex = bytes.map((byte) => (given.flags.includes("#") && given.flags.includes(" ") ? `0x${byte}` : byte)).join(given.flags.includes(" ") ? " " : "");
      const full = given.flags.includes("#") && !given.flags.includes(" ") && hex !== "" ? `0x${hex}` : hex;
      return pad(given.verb === "X" ? full.toUpperCase() : full, given);
    }
    default: return bad(given, text);
  }
}

const radixes: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const prefixes: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };

function printInteger(given: Directive, int: Int): string {
  const { verb, flags } = given;
  if (verb === "v" && int.type.startsWith("time.")) return pad(printPlain(int), given);
  if (verb === "s" && int.type.startsWith("time.")) return pad(printPlain(int), given);
  const radix = radixes[verb];
  const { value } = int;
  if (radix === undefined) {
    if (verb === "c") return pad(signOf(value), given);
    if (verb === "q") return pad(quoteGo(signOf(value), "'"), given);
    if (verb === "U") return pad(`U+${BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(4, "0")}`, given);
    return bad(given, int);
  }
  let digits = (value < 0n ? -value : value).toString(radix);
  if (verb === "X") digits = digits.toUpperCase();
  if (given.precision !== undefined) digits = given.precision === 0 && value === 0n ? "" : digits.padStart(given.precision, "0");
  const prefix = verb === "O" ? "0o" : flags.includes("#") ? (prefixes[verb] ?? "") : "";
  const sign = value < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  if (flags.includes("0") && !flags.includes("-") && given.width !== undefined && given.precision === undefined) digits = digits.padStart(given.width - sign.length, "0");
  return pad(sign + prefix + digits, { ...given, flags: flags.replaceAll("0", "") });
}

/** The sign of a code point; what is none becomes U+FFFD. */
function signOf(point: bigint): string {
  return point < 0n || point > 0x10ffffn || (point >= 0xd800n && point <= 0xdfffn) ? "\uFFFD" : String.fromCodePoint(Number(point));
}

/** Decimals JavaScript can write; Go's more would all be digits of the binary expansion. */
const decimalsMax = 100;

function printNumber(given: Directive, value: number): string {
  const { verb, flags } = given;
  if (verb === "x" || verb === "X") return pad(verb === "x" ? printHexFloat(value) : printHexFloat(value).toUpperCase(), given);
  if (verb === "b") return pad(printBinaryFloat(value), given);
  if (!"vgGeEfF".includes(verb)) return bad(given, value);
  const precision = Math.min(given.precision ?? 6, decimalsMax);
  let text: string;
  if (!Number.isFinite(value)) text = printFloat(value);
  else if (verb === "f" || verb === "F") text = fixed(value, precision);
  else if (verb === "e" || verb === "E") text = exponential(value, precision);
  else text = given.precision === undefined ? printFloat(value) : general(value, Math.max(1, precision));
  if (verb === "E" || verb === "G") text = text.toUpperCase();
  const sign = text.startsWith("-") || text.startsWith("+") ? "" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const signed = sign + text;
  if (!flags.includes("0") || flags.includes("-") || given.width === undefined || !Number.isFinite(value)) return pad(signed, { ...given, flags: flags.replaceAll("0", "") });
  const hasSign = /^[-+ ]/.test(signed);
  return (hasSign ? signed.charAt(0) : "") + signed.slice(hasSign ? 1 : 0).padStart(given.width - (hasSign ? 1 : 0), "0");
}

/** `0x1.8p+01`: the mantissa's bits in hexadecimal. */
function printHexFloat(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0x0p+00" : printFloat(value);
  let exponent = Math.floor(Math.log2(Math.abs(value)));
  let mantissa = Math.abs(value) / 2 ** exponent;
  if (mantissa >= 2) { mantissa /= 2; exponent++; }
  return `${value < 0 ? "-" : ""}0x${mantissa.toString(16)}${printExponent(exponent).replace("e", "p")}`;
}

/** Bits of a float64's mantissa behind the first. */
const mantissaBits = 52;

/** `4503599627370496p-53`: the mantissa as a whole number and its power of two. */
function printBinaryFloat(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0p-1074" : printFloat(value);
  const exponent = Math.floor(Math.log2(Math.abs(value))) - mantissaBits;
  return `${value / 2 ** exponent}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** Exact decimals: JavaScript leaves them to the exponent from 1e21 on. */
function fixed(value: number, precision: number): string {
  const text = Math.abs(value) < 1e21 ? value.toFixed(precision) : `${BigInt(value)}${precision > 0 ? `.${"0".repeat(precision)}` : ""}`;
  return Object.is(value, -0) ? `-${text}` : text;
}

function exponential(value: number, precision: number): string {
  const [digits = "", exponent = "0"] = value.toExponential(precision).split("e");
  return digits + printExponent(Number(exponent));
}

function general(value: number, precision: number): string {
  const [digits = "", exponentText = "0"] = value.toExponential(precision - 1).split("e");
  const exponent = Number(exponentText);
  const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= precision) return trimmed(digits) + printExponent(exponent);
  return trimmed(value.toFixed(Math.max(0, precision - 1 - exponent)));
}

function pad(text: string, { width, flags }: Directive): string {
  if (width === undefined) return text;
  const missingSigns = width - Array.from(text).length;
  if (missingSigns <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missingSigns);
  return (flags.includes("0") ? "0" : " ").repeat(missingSigns) + text;
}

const short: Readonly<Record<string, string>> = { "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\" };

/** Go's strconv.Quote. */
export function quoteGo(text: string, mark: "\"" | "'" = "\""): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (mark === "\"" && /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(text)) return `"${text}"`;
  return mark + Array.from(text, (sign) => quoteSign(sign, mark)).join("") + mark;
}

function quoteSign(sign: string, mark: string): string {
  if (sign === mark) return `\\${mark}`;
  const known = short[sign];
  if (known !== undefined) return known;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(sign) || sign === " ") return sign;
  const point = sign.codePointAt(0) ?? 0;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, "0")}`;
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, "0")}` : `\\u${point.toString(16).padStart(4, "0")}`;
}
