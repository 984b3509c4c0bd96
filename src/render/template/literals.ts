import type { Token } from "./lexer.ts";
import { TemplateSyntaxError } from "./template-error.ts";

const escapes: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\", "'": "'", "\"": "\"" };
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gsu;

/** The text of a quoted or raw string. Throws TemplateSyntaxError for an escape Go does not know. */
export function unquote(token: Token): string {
  const inner = token.text.slice(1, -1);
  if (token.text.startsWith("`")) return inner.replaceAll("\r", "");
  if (!inner.includes("\\")) return inner;
  // Bytes above 127 written as \x are UTF-8 parts: they become text only together.
  return decodeBytes(inner.replaceAll(escape, (whole: string, byte: string | undefined, short: string | undefined, long: string | undefined, octal: string | undefined, letter: string | undefined) => {
    if (byte !== undefined) return byteSign(Number.parseInt(byte, 16));
    if (octal !== undefined) return byteSign(Number.parseInt(octal, 8));
    const point = short ?? long;
    if (point !== undefined) return String.fromCodePoint(Number.parseInt(point, 16));
    const text = letter === "'" ? undefined : escapes[letter ?? ""];
    if (text === undefined) throw new TemplateSyntaxError(`invalid syntax: ${whole} in ${token.text}`, token.start);
    return text;
  }));
}

/** Bytes above 127 travel in a private area until the whole string is known. */
const byteArea = 0xf700;

function byteSign(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : String.fromCharCode(byteArea + byte);
}

function decodeBytes(text: string): string {
  return text.replaceAll(/[\uf780-\uf7ff]+/g, (run) => Buffer.from(Array.from(run, (sign) => sign.charCodeAt(0) - byteArea)).toString("utf8"));
}

/** The code point of `'x'`. */
export function parseCharConstant(token: Token): bigint {
  const text = token.text === "'\\''" ? "'" : unquote({ ...token, text: token.text.replaceAll("\"", "\\\"") });
  const points = Array.from(text);
  if (points.length !== 1) throw new TemplateSyntaxError(`malformed character constant: ${token.text}`, token.start);
  return BigInt(points[0]?.codePointAt(0) ?? 0);
}

/** A number as Go's ideal constants: an integer unless written with a point or exponent. */
export function parseNumber(token: Token): { readonly kind: "int"; readonly value: bigint; readonly isOverflow: boolean } | { readonly kind: "float"; readonly value: number } {
  const text = token.text.replaceAll("_", "");
  if (text.endsWith("i")) throw new TemplateSyntaxError(`complex numbers are not supported: ${token.text}`, token.start);
  const unsigned = text.replace(/^[-+]/, "");
  const sign = text.startsWith("-") ? -1 : 1;
  if (/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[1-9][0-9]*|0)$/.test(unsigned) || /^0[0-7]+$/.test(unsigned)) {
    const value = BigInt(sign) * BigInt(/^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned);
    return { kind: "int", value, isOverflow: BigInt.asIntN(64, value) !== value };
  }
  if (/^0[0-9]+$/.test(unsigned)) throw new TemplateSyntaxError(`integer overflow: ${JSON.stringify(token.text)}`, token.start);
  const value = sign * (/^0[xX]/.test(unsigned) ? parseHexFloat(unsigned) : Number(unsigned));
  if (Number.isNaN(value)) throw new TemplateSyntaxError(`illegal number syntax: ${JSON.stringify(token.text)}`, token.start);
  return { kind: "float", value };
}

function parseHexFloat(text: string): number {
  const match = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(text);
  return match === null ? Number.NaN : Number.parseInt(`${match[1] ?? ""}${match[2] ?? ""}`, 16) * 2 ** (Number(match[3]) - 4 * (match[2] ?? "").length);
}
