import type { Json } from "../../value/json.ts";

/** Text that YAML reads as something else unless it is quoted: numbers, truth values, null, dates. */
const ambiguous = /^(?:[-+]?[\d.][\d._eE+-]*|0[xo][\da-fA-F]+|true|false|yes|no|on|off|null|~|\.inf|\.nan|\d{4}-\d\d-\d\d.*)$/i;

/** Letters a plain scalar may not begin with. */
const markBegin = /^[\s\-?:,[\]{}#&*!|>'"%@`]/;

/** Texts a literal block would change or hide: white space at its begin or at line ends, empty lines at the end, control letters. */
// oxlint-disable-next-line no-control-regex -- control letters are what is looked for
const isAwkwardBlock = /^\s|[^\S\n](?:\n|$)|\n\n$|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** Letters that are only written escaped. */
// oxlint-disable-next-line no-control-regex -- control letters are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** JSON as YAML for people to read: block style, long texts as literal blocks. Pure. */
export function printYaml(value: Json): string {
  return printValue(value, "").replace(/^\n/, "").replace(/^ /, "");
}

function printValue(value: Json | undefined, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return " []\n";
    return `\n${value.map((item: Json) => `${indent}-${printItem(item, `${indent}  `)}`).join("")}`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    if (entries.length === 0) return " {}\n";
    return `\n${entries.map(([key, member]) => `${indent}${printText(key)}:${printValue(member, Array.isArray(member) ? indent : `${indent}  `)}`).join("")}`;
  }
  if (typeof value === "string" && value.includes("\n") && !isAwkwardBlock.test(value)) return printBlock(value, indent);
  return ` ${typeof value === "string" ? printText(value) : String(value ?? null)}\n`;
}

/** A list's item: its first line stands beside the dash. */
function printItem(item: Json, indent: string): string {
  const text = printValue(item, indent);
  return text.startsWith(`\n${indent}`) ? ` ${text.slice(indent.length + 1)}` : text;
}

function printBlock(text: string, indent: string): string {
  const body = text.replace(/\n$/, "");
  const inner = indent === "" ? "  " : indent;
  return ` |${text.endsWith("\n") ? "" : "-"}\n${body.split("\n").map((line) => (line === "" ? "" : `${inner}${line}`)).join("\n")}\n`;
}

function printText(text: string): string {
  const isPlain = text !== "" && !ambiguous.test(text) && !markBegin.test(text) && !control.test(text) && !/: |:$| #|\s$/.test(text);
  return isPlain ? text : JSON.stringify(text);
}
