import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** How `printYaml` writes. */
export interface PrintYamlOptions {
  /** Members sorted by key, as Go prints maps; else in their own order. */
  readonly isSorted?: boolean;
  /** Asked for every scalar that is written, so that its text can be found in the whole. */
  readonly leaves?: PrintedLeaves | undefined;
}

/** A value that is being printed, and what stands around the text of each scalar of it: something without width, or the text is folded elsewhere. */
export interface PrintedLeaves {
  /** The same of a member or item. */
  member(part: string | number): PrintedLeaves;
  /** The text of a scalar, an empty map or an empty list, with what stands around it. */
  wrap(printed: string): string;
}

/**
 * Prints a JSON value as YAML that versions 1.1 and 1.2 read alike: what either could take for something other than text is quoted.
 * Ends with a line break. The same value always gives the same text.
 */
export function printYaml(value: Json, options: PrintYamlOptions = {}): string {
  return isEmptyOrScalar(value) ? `${printLeaf(value, "", options)}\n` : printBlock(value, "", options);
}

/** Prints several documents, separated by `---`. */
export function printYamlDocuments(values: readonly Json[], options: PrintYamlOptions = {}): string {
  return values.map((value) => printYaml(value, options)).join("---\n");
}

function printBlock(value: Json, indent: string, options: PrintYamlOptions): string {
  if (Array.isArray(value)) return value.map((item: Json, index) => printItem(item, indent, below(options, index))).join("");
  if (!isJsonObject(value)) return "";
  return membersOf(value, options).map(([key, member]) => printMember(key, member, { indent, options: below(options, key) })).join("");
}

function printItem(item: Json, indent: string, options: PrintYamlOptions): string {
  if (isEmptyOrScalar(item)) return `${indent}- ${printLeaf(item, `${indent}  `, options)}\n`;
  const inner = printBlock(item, `${indent}  `, options);
  return `${indent}- ${inner.slice(indent.length + 2)}`;
}

function printMember(key: string, member: Json, { indent, options }: { readonly indent: string; readonly options: PrintYamlOptions }): string {
  const name = `${indent}${printKey(key)}:`;
  if (isEmptyOrScalar(member)) return `${name} ${printLeaf(member, `${indent}  `, options)}\n`;
  // Lists stand at their key's own column, as Go's printer has it.
  return `${name}\n${printBlock(member, Array.isArray(member) ? indent : `${indent}  `, options)}`;
}

function membersOf(value: JsonObject, options: PrintYamlOptions): readonly (readonly [string, Json])[] {
  const members: (readonly [string, Json])[] = [];
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) members.push([key, member]);
  }
  return options.isSorted === true ? members.toSorted(([a], [b]) => (a < b ? -1 : 1)) : members;
}

function isEmptyOrScalar(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isJsonObject(value)) return true;
  for (const key of Object.keys(value)) if (value[key] !== undefined) return false;
  return true;
}

function below(options: PrintYamlOptions, part: string | number): PrintYamlOptions {
  return options.leaves === undefined ? options : { ...options, leaves: options.leaves.member(part) };
}

function printLeaf(value: Json, indent: string, { leaves }: PrintYamlOptions): string {
  const printed = printInline(value, indent);
  return leaves === undefined ? printed : leaves.wrap(printed);
}

function printInline(value: Json, indent: string): string {
  if (typeof value === "string") return printText(value, indent);
  if (Array.isArray(value)) return "[]";
  return typeof value === "object" && value !== null ? "{}" : String(value);
}

function printKey(key: string): string {
  return isPlain(key) ? key : JSON.stringify(key);
}

/** Texts of several lines become literal blocks where these keep every character; an indicator is never needed then. */
function printText(text: string, indent: string): string {
  if (isPlain(text)) return text;
  // At the left edge these would end the document.
  if (indent === "" && /^(?:---|\.\.\.)/m.test(text)) return JSON.stringify(text);
  if (!text.includes("\n") || !/^[^\s\p{Cc}]/u.test(text) || /[^\S\n ]|[^\P{Cc}\n]|[\u0085\u2028\u2029\ufeff]|\p{Cs}|[ ]$|[ ]\n|^\n+$/u.test(text)) return JSON.stringify(text);
  const trailing = /\n*$/.exec(text)?.[0].length ?? 0;
  const chomp = trailing === 0 ? "-" : trailing === 1 ? "" : "+";
  const lines = text.slice(0, text.length - trailing).split("\n").map((line) => (line === "" ? "" : `${indent}${line}`));
  return `|${chomp}\n${lines.join("\n")}${"\n".repeat(Math.max(trailing - 1, 0))}`;
}

/** Words some version reads as a boolean, a null or a merge. */
const reserved = new Set(["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"]);

/** True for a text every version reads as that text without quotes: begins with a letter, `/` or `_`, and holds nothing that means something. */
function isPlain(text: string): boolean {
  return /^[A-Za-z_/][A-Za-z0-9_./@+,;=()$^*!?<>\\|~-]*(?::[A-Za-z0-9_./@+-]+| [A-Za-z0-9_./@+(),;=<>\\|~-]+)*$/.test(text) && !reserved.has(text.toLowerCase());
}
