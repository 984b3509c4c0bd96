import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { PrintedLeaves } from "../../value/print-yaml.ts";
import { printFloat } from "../template/print.ts";

/** The column behind which go-yaml breaks a text at the next blank. */
const lineWidth = 80;
/** Keys longer than this are written in YAML's explicit form (`? key`). */
const simpleKeyMax = 128;

/**
 * Prints YAML letter by letter as Helm's `toYaml` does (sigs.k8s.io/yaml over go-yaml v2): keys in natural order, lists at their key's column, long
 * texts folded. Charts print such text into config maps and take its digest, so an equal meaning is not enough. Ends with a line break.
 */
export function printYamlGo(value: Json, leaves?: PrintedLeaves): string {
  return isInline(value) ? `${printLeaf(value, { indent: "  ", column: 0, isKey: false }, leaves)}\n` : printBlock(value, "", leaves);
}

function isInline(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return !isJsonObject(value) || Object.keys(value).length === 0;
}

function printLeaf(value: Json, position: Position, leaves: PrintedLeaves | undefined): string {
  const printed = printScalar(value, position);
  return leaves === undefined ? printed : leaves.wrap(printed);
}

function printBlock(value: Json, indent: string, leaves: PrintedLeaves | undefined): string {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => `${indent}- ${printNested(item, `${indent}  `, leaves?.member(index))}`).join("");
  return isJsonObject(value) ? naturalKeys(value).map((key) => indent + printMember(key, value[key] ?? null, { indent, leaves: leaves?.member(key) })).join("") : "";
}

/** A value that begins on the line of a dash. */
function printNested(value: Json, indent: string, leaves: PrintedLeaves | undefined): string {
  return isInline(value) ? `${printLeaf(value, { indent, column: indent.length, isKey: false }, leaves)}\n` : printBlock(value, indent, leaves).slice(indent.length);
}

function printMember(key: string, value: Json, { indent, leaves }: { readonly indent: string; readonly leaves: PrintedLeaves | undefined }): string {
  if (key.length > simpleKeyMax || key.includes("\n")) return `? ${printScalar(key, { indent: `${indent}  `, column: indent.length + 2, isKey: key.includes("\n") })}\n${indent}: ${printNested(value, `${indent}  `, leaves)}`;
  const name = `${printScalar(key, { indent, column: 0, isKey: true })}:`;
  if (isInline(value)) return `${name} ${printLeaf(value, { indent: `${indent}  `, column: indent.length + name.length + 1, isKey: false }, leaves)}\n`;
  return `${name}\n${printBlock(value, Array.isArray(value) ? indent : `${indent}  `, leaves)}`;
}

interface Position {
  /** Of lines that continue the scalar. */
  readonly indent: string;
  readonly column: number;
  readonly isKey: boolean;
}

/** Whole numbers from here on do not fit the widest of Go's integers. */
const wholeMax = 2 ** 64;

function printScalar(value: Json, position: Position): string {
  if (typeof value === "string") return printText(value, position);
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < wholeMax ? String(BigInt(value)) : printFloat(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
  return String(value);
}

function printText(text: string, position: Position): string {
  const looks = analyse(text);
  if (text.includes("\n") && !position.isKey && looks.canBeBlock) return printLiteral(text, position.indent);
  const isPlain = !text.includes("\n") && isResolvedAsText(text);
  if (isPlain && looks.canBePlain) return fold(text, position, { open: "", isEdgeFolded: true });
  if ((isPlain || false) && looks.canBeSingle) return `'${fold(text.replaceAll("'", "''"), position, { open: "'", isEdgeFolded: false })}'`;
  return printDouble(text, position);
}

interface Looks {
  readonly canBePlain: boolean;
  readonly canBeSingle: boolean;
  readonly canBeBlock: boolean;
}

const unprintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Which styles libyaml's emitter allows for a text. */
function analyse(text: string): Looks {
  if (text === "") return { canBePlain: true, canBeSingle: true, canBeBlock: false };
  const hasSpecial = unprintable.test(text);
  const hasSpaceBreak = / \n/.test(text);
  const hasBreakSpace = /\n /.test(text);
  const isIndicated = /^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:\s|$)/.test(text) || /:(?:\s|$)/.test(text) || /\s#/.test(text);
  const hasEdge = /^[ \n]|[ \n]$/.test(text);
  return {
    canBePlain: !hasSpecial && !hasSpaceBreak && !hasBreakSpace && !isIndicated && !hasEdge && !text.includes("\n"),
    canBeSingle: !hasSpecial && !hasSpaceBreak && !hasBreakSpace,
    canBeBlock: !hasSpecial && !hasSpaceBreak && !text.endsWith(" "),
  };
}

const words = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|~|null|Null|NULL|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/;
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|\s+)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?\s*(?:Z|[-+]\d{1,2}(?::\d{2})?)?)?$/;

/** True when go-yaml would read the bare text as a text. */
function isResolvedAsText(text: string): boolean {
  if (text === "" || words.test(text) || base60.test(text)) return false;
  if (!/^[-+.0-9]/.test(text)) return true;
  const digits = text.replaceAll("_", "");
  return !integer.test(digits) && !float.test(digits) && !timestamp.test(text);
}

function printLiteral(text: string, indent: string): string {
  const hint = /^[ \n]/.test(text) ? "2" : "";
  const chomp = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
  const lines = text.replace(/\n$/, "").split("\n").map((line) => (line === "" ? "" : indent + line));
  return `|${hint}${chomp}\n${lines.join("\n")}`;
}

/** Breaks a text at lone blanks behind the line width. */
function fold(text: string, { indent, column, isKey }: Position, { open, isEdgeFolded }: { readonly open: string; readonly isEdgeFolded: boolean }): string {
  if (isKey || column + open.length + text.length <= lineWidth) return text;
  let at = column + open.length;
  let folded = "";
  for (let i = 0; i < text.length; i++) {
    const sign = text.charAt(i);
    const isAlone = sign === " " && text.charAt(i - 1) !== " " && text.charAt(i + 1) !== " ";
    if (isAlone && at > lineWidth && (isEdgeFolded || (i > 0 && i < text.length - 1))) {
      folded += `\n${indent}`;
      at = indent.length;
    } else {
      folded += sign;
      if (!/[\udc00-\udfff]/.test(sign)) at++;
    }
  }
  return folded;
}

const short: Readonly<Record<string, string>> = { "\u0000": "\\0", "\u0007": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\u001b": "\\e", "\"": "\\\"", "\\": "\\\\", "\u0085": "\\N", "\u00a0": "\\_", "\u2028": "\\L", "\u2029": "\\P" };

function printDouble(text: string, { indent, column, isKey }: Position): string {
  let at = column + 1;
  let printed = "\"";
  let isAfterSpace = false;
  const signs = Array.from(text);
  for (const [index, sign] of signs.entries()) {
    if (sign === " " && !isAfterSpace && !isKey && at > lineWidth && index > 0 && index < signs.length - 1) {
      const isDoubled = signs[index + 1] === " ";
      printed += `\n${indent}${isDoubled ? "\\" : ""}`;
      at = indent.length + (isDoubled ? 1 : 0);
      isAfterSpace = true;
      continue;
    }
    isAfterSpace = sign === " ";
    const written = escapeSign(sign);
    printed += written;
    at += written.length;
  }
  return `${printed}"`;
}

function escapeSign(sign: string): string {
  if (sign !== "\u00a0" && short[sign] !== undefined) return short[sign];
  if (!unprintable.test(sign) && sign !== "\ufeff") return sign;
  const point = sign.codePointAt(0) ?? 0;
  if (point <= 0xff) return `\\x${point.toString(16).toUpperCase().padStart(2, "0")}`;
  return point <= 0xffff ? `\\u${point.toString(16).toUpperCase().padStart(4, "0")}` : `\\U${point.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** Keys in go-yaml's order: letters last, runs of digits by their number (`a2` before `a10`). */
function naturalKeys(value: JsonObject): readonly string[] {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return keys.length < 2 ? keys : keys.toSorted(compareNatural);
}

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

function compareNatural(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i] ?? "";
    const y = b[i] ?? "";
    if (x === y) continue;
    const isLeftLetter = letter.test(x);
    const isRightLetter = letter.test(y);
    if (isLeftLetter !== isRightLetter) return isLeftLetter ? 1 : -1;
    if (!isLeftLetter) {
      const order = compareDigits(a, b, i);
      if (order !== 0) return order;
    }
    return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
  }
  return a.length - b.length;
}

function compareDigits(a: readonly string[], b: readonly string[], at: number): number {
  // Zeros behind other digits of a number count.
  let prefix = "";
  if (a[at] === "0" || b[at] === "0") {
    for (let i = at - 1; i >= 0 && digit.test(a[i] ?? ""); i--) {
      if (a[i] !== "0") {
        prefix = "1";
        break;
      }
    }
  }
  const run = (signs: readonly string[]): string => {
    let end = at;
    while (end < signs.length && digit.test(signs[end] ?? "")) end++;
    return signs.slice(at, end).join("");
  };
  const left = run(a);
  const right = run(b);
  const difference = Number(`${prefix}${left}` || "0") - Number(`${prefix}${right}` || "0");
  return difference === 0 ? left.length - right.length : difference;
}
