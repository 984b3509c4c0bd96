import { isEqual } from "./equal.ts";
import { isJsonObject } from "./json.ts";
import type { Json } from "./json.ts";
import { ValueError } from "./value-error.ts";

/**
 * The part of kubectl's JSONPath that columns, selectable fields and scale paths use: members, quoted members, wildcards, indexes, slices,
 * recursive descent and filters that compare one member. Parsed once, then read as often as wanted.
 *
 * @see kubernetes client-go util/jsonpath
 */
export type JsonPath = readonly Segment[];

type Segment =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined; readonly step: number }
  | { readonly kind: "all" }
  | { readonly kind: "descend" }
  | { readonly kind: "filter"; readonly path: JsonPath; readonly operator: Operator | undefined; readonly value: Json };

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** A path longer than this is no path a person wrote. */
const segmentsMax = 100;

const memberPattern = /\.?((?:[A-Za-z0-9_$/@:-]|\\.)+)/y;
const bracketPattern = /\[(?:(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+)|(-?\d*):(-?\d*)(?::(\d+))?|\?\(\s*@([^=!<>)]*?)\s*(?:(==|!=|<=|>=|<|>)\s*([^)]*?)\s*)?\))\]/y;

/** Reads a path: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`. Braces around it are allowed. Throws ValueError. */
export function parseJsonPath(text: string): JsonPath {
  const source = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  const segments: Segment[] = [];
  let position = source.startsWith("$") ? 1 : 0;
  while (position < source.length) {
    if (segments.length >= segmentsMax) throw new ValueError("syntax", `JSON path ${JSON.stringify(text)} has more than ${segmentsMax} parts`);
    const [segment, length] = readSegment(source, position);
    if (segment === undefined) {
      if (source.slice(position) === ".") break;
      throw new ValueError("syntax", `JSON path ${JSON.stringify(text)} cannot be read at character ${position + 1}`);
    }
    segments.push(segment);
    position += length;
  }
  return segments;
}

function readSegment(source: string, position: number): readonly [Segment | undefined, number] {
  if (source.startsWith("..", position)) return [{ kind: "descend" }, source[position + 2] === "[" ? 2 : 1];
  if (source.startsWith(".*", position)) return [{ kind: "all" }, 2];
  if (source.startsWith(".[", position)) {
    const [segment, length] = readSegment(source, position + 1);
    return [segment, length + 1];
  }
  const pattern = source[position] === "[" ? bracketPattern : memberPattern;
  pattern.lastIndex = position;
  const found = pattern.exec(source);
  if (found === null) return [undefined, 0];
  return [pattern === bracketPattern ? bracketOf(found) : { kind: "member", name: (found[1] ?? "").replace(/\\(.)/g, "$1") }, found[0].length];
}

function bracketOf(found: RegExpExecArray): Segment {
  const [, all, single, double, index, from, to, step, path, operator, value] = found;
  if (all !== undefined) return { kind: "all" };
  const name = single ?? double;
  if (name !== undefined) return { kind: "member", name: name.replace(/\\(.)/g, "$1") };
  if (index !== undefined) return { kind: "index", index: Number(index) };
  if (path !== undefined) return { kind: "filter", path: parseJsonPath(path), operator: isOperator(operator) ? operator : undefined, value: literalOf(value ?? "") };
  const number = (part: string | undefined) => (part === undefined || part === "" ? undefined : Number(part));
  return { kind: "slice", from: number(from), to: number(to), step: number(step) ?? 1 };
}

function isOperator(text: string | undefined): text is Operator {
  return text === "==" || text === "!=" || text === "<" || text === "<=" || text === ">" || text === ">=";
}

function literalOf(text: string): Json {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2] ?? "";
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Every value the path leads to, in order; none where it leads nowhere. */
export function readJsonPath(path: JsonPath, root: Json): readonly Json[] {
  return path.reduce<readonly Json[]>((values, segment) => values.flatMap((value) => step(segment, value)), [root]);
}

function step(segment: Segment, value: Json): readonly Json[] {
  switch (segment.kind) {
    case "member": return isJsonObject(value) && Object.hasOwn(value, segment.name) ? [value[segment.name]].filter((member) => member !== undefined) : [];
    case "all": return childrenOf(value);
    case "descend": return everything(value);
    case "index": return Array.isArray(value) ? value.slice(at(segment.index, value.length)).slice(0, 1) : [];
    case "slice": {
      if (!Array.isArray(value) || segment.step < 1) return [];
      return value.slice(segment.from, segment.to).filter((_item, index) => index % segment.step === 0);
    }
    case "filter": return (Array.isArray(value) ? (value as readonly Json[]) : []).filter((item) => isSelected(segment, item));
  }
}

/** Counted from the end where it is negative; past the end where there is no such item. */
function at(index: number, length: number): number {
  return index >= 0 ? index : length + index < 0 ? length : length + index;
}

function isSelected({ path, operator, value }: Extract<Segment, { readonly kind: "filter" }>, item: Json): boolean {
  const [found] = readJsonPath(path, item);
  if (operator === undefined) return found !== undefined;
  if (found === undefined) return false;
  if (operator === "==") return isEqual(found, value);
  if (operator === "!=") return !isEqual(found, value);
  if (typeof found !== typeof value || (typeof found !== "number" && typeof found !== "string") || (typeof value !== "number" && typeof value !== "string")) return false;
  switch (operator) {
    case "<": return found < value;
    case "<=": return found <= value;
    case ">": return found > value;
    case ">=": return found >= value;
  }
}

function childrenOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
}

function everything(value: Json): readonly Json[] {
  return [value, ...childrenOf(value).flatMap(everything)];
}
