import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from "yaml";
import type { Document, ScalarTag, Tags } from "yaml";
import { parseFieldPath } from "./field-path.ts";
import type { FieldPath } from "./field-path.ts";
import type { Json } from "./json.ts";

/** A manifest file larger than this is refused unread: it is twice what a whole object may weigh in the store times hundreds. */
export const yamlBytesMax = 20 * 1024 * 1024;
/** Documents of one stream: more is a mistake, and each costs a table of its own. */
export const yamlDocumentsMax = 10_000;
/** Nesting: the parsers and walkers behind this are recursive. */
export const yamlDepthMax = 200;
/** How often aliases may repeat what they point at, in all: a bomb needs thousands. */
export const yamlAliasesMax = 100;

/** A text that is no YAML, or more of it than is read; `file`, `line` and `column` (from 1) say where. */
export class YamlError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(message: string, place: { readonly file: string; readonly line: number; readonly column: number }) {
    super(`${place.file}:${place.line}:${place.column}: ${message}`);
    this.name = "YamlError";
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }
}

/** One document of a stream. */
export interface YamlDocument {
  readonly value: Json;
  /** The line (from 1) of its first node. */
  readonly line: number;
  /** Keys that stand again in a map, where that is allowed, with their lines (from 1). */
  readonly repeated: readonly { readonly key: string; readonly line: number }[];
  /** The line (from 1) of a field, of its nearest ancestor when there is no such field. */
  lineOf(path: FieldPath | string): number;
  /** Every scalar and every empty map and list, in the order of the text; what an alias or merge key repeats stands where it was written first. */
  scalars(): readonly YamlScalar[];
}

/** One scalar and the characters of the stream it is written with, quotes included. */
export interface YamlScalar {
  readonly path: FieldPath;
  readonly start: number;
  readonly end: number;
  readonly value: Json;
}

/** How a text is read where Kubernetes' readers differ. */
export interface YamlOptions {
  /** A key may stand twice in a map, and the last one counts, as Go's reader has it; else that is an error. */
  readonly allowsDuplicateKeys?: boolean;
  /** `y` and `n` are booleans, as Go's reader has it; else texts: they are coordinates more often than answers. */
  readonly hasShortBooleans?: boolean;
}

/** How Helm reads YAML, and Go's reader behind it. */
export const goReading: YamlOptions = { allowsDuplicateKeys: true, hasShortBooleans: true };

/** The document's first value; the reading is Kubernetes'. Null for an empty text. Throws YamlError. */
export function parseYaml(text: string, file = "input", options: YamlOptions = {}): Json {
  return parseYamlDocuments(text, file, options)[0]?.value ?? null;
}

/**
 * Reads every document that is not empty, as Kubernetes reads YAML: version 1.1's booleans (`yes`, `on`), octals (`014`) and merge keys, but no dates,
 * binaries or base-60 numbers. Throws YamlError.
 */
export function parseYamlDocuments(text: string, file = "input", options: YamlOptions = {}): readonly YamlDocument[] {
  if (Buffer.byteLength(text) > yamlBytesMax) throw new YamlError(`the file is larger than ${yamlBytesMax} bytes`, { file, line: 1, column: 1 });
  const lines = new LineCounter();
  const documents = parseStream(text, file, { lineCounter: lines, hasShortBooleans: options.hasShortBooleans === true });
  if (documents.length > yamlDocumentsMax) throw new YamlError(`the file holds more than ${yamlDocumentsMax} documents`, { file, line: 1, column: 1 });
  return documents.flatMap((document) => {
    const place = (offset: number): { file: string; line: number; column: number } => {
      const { line, col } = lines.linePos(offset);
      return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    const error = document.errors[0];
    if (error !== undefined) throw new YamlError(plainMessage(error.message), place(error.pos[0]));
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    return [documentOf(document, place, options)];
  });
}

function parseStream(text: string, file: string, { lineCounter, hasShortBooleans }: { readonly lineCounter: LineCounter; readonly hasShortBooleans: boolean }): readonly Document.Parsed[] {
  try {
    const stream = parseAllDocuments(text, {
      version: "1.1", schema: "yaml-1.1", customTags: hasShortBooleans ? goTags : kubernetesTags, merge: true, lineCounter, prettyErrors: false, strict: true, uniqueKeys: false, logLevel: "silent",
    });
    return "empty" in stream ? [] : stream;
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(depthMessage, { file, line: 1, column: 1 });
    throw error;
  }
}

/** YAML 1.1's merge key, which may stand more than once. */
const mergeKey = "<<";

const depthMessage = `values are nested deeper than ${yamlDepthMax}`;

type Place = (offset: number) => { readonly file: string; readonly line: number; readonly column: number };

function documentOf(document: Document.Parsed, place: Place, options: YamlOptions): YamlDocument {
  const start = place(document.contents?.range[0] ?? 0);
  const repeated = checkDocument(document, place, options);
  let value: Json;
  try {
    value = document.toJS({ maxAliasCount: yamlAliasesMax }) as Json;
  } catch (error) {
    throw new YamlError(error instanceof ReferenceError ? plainMessage(error.message) : depthMessage, start);
  }
  if (hasCycle(value, new Set())) throw new YamlError("an alias stands inside what it points at", start);
  return {
    value,
    line: start.line,
    repeated,
    lineOf: (path) => lineOf(document, typeof path === "string" ? parseFieldPath(path) : path, place),
    scalars: () => scalarsOf(document, document.contents, []),
  };
}

function hasCycle(value: Json, ancestors: Set<Json>): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ancestors.has(value)) return true;
  ancestors.add(value);
  const found = Object.values(value).some((member: Json | undefined) => member !== undefined && hasCycle(member, ancestors));
  ancestors.delete(value);
  return found;
}

/** Refuses what JSON has no place for: infinities, keys that stand twice, and nesting that recursion would choke on. Answers the keys that may stand twice. */
function checkDocument(document: Document.Parsed, place: Place, { allowsDuplicateKeys = false }: YamlOptions): YamlDocument["repeated"] {
  const repeated: { readonly key: string; readonly line: number }[] = [];
  visit(document, {
    Node(_key, node, path) {
      // Pairs stand between a map and its values, so every level counts twice.
      if (path.length > yamlDepthMax * 2) throw new YamlError(depthMessage, place(node.range?.[0] ?? 0));
    },
    // The parser's own check compares each key with each other one: a file of a few kilobytes would take it seconds.
    Map(_key, node) {
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        const value: unknown = isScalar(key) ? key.value : key;
        if (seen.has(value) && value !== mergeKey) {
          if (!allowsDuplicateKeys) throw new YamlError("Map keys must be unique", place(offsetOf(key) ?? 0));
          repeated.push({ key: String(value), line: place(offsetOf(key) ?? 0).line });
        }
        seen.add(value);
      }
    },
    Scalar(_key, node) {
      if (typeof node.value === "number" && !Number.isFinite(node.value)) throw new YamlError("a number must be finite", place(node.range?.[0] ?? 0));
    },
  });
  return repeated;
}

function lineOf(document: Document.Parsed, path: FieldPath, place: Place): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === String(part));
      if (pair === undefined) break;
      offset = offsetOf(pair.key) ?? offset;
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(part)];
      if (next === undefined) break;
      offset = offsetOf(next) ?? offset;
    } else {
      break;
    }
    node = next;
  }
  return place(offset).line;
}

function scalarsOf(document: Document.Parsed, given: unknown, path: FieldPath): readonly YamlScalar[] {
  const node = isAlias(given) ? given.resolve(document) : given;
  if (isSeq(node) && node.items.length > 0) return node.items.flatMap((item, index) => scalarsOf(document, item, [...path, index]));
  if (isMap(node) && node.items.length > 0) return [...membersOf(document, node)].flatMap(([key, pair]) => memberScalars(document, pair, [...path, key]));
  const [start, end] = isScalar(node) || isMap(node) || isSeq(node) ? (node.range ?? [0, 0]) : [0, 0];
  return [{ path, start, end, value: isMap(node) ? {} : isSeq(node) ? [] : isScalar(node) ? (node.value as Json) : null }];
}

/** A member without any value stands behind its key. */
function memberScalars(document: Document.Parsed, { key, value }: Member, path: FieldPath): readonly YamlScalar[] {
  if (value !== null && value !== undefined) return scalarsOf(document, value, path);
  const end = isScalar(key) ? (key.range?.[1] ?? 0) : 0;
  return [{ path, start: end, end, value: null }];
}

interface Member {
  readonly key: unknown;
  readonly value: unknown;
}

/** A map's members by key: the last of equal keys, own ones before those a merge key brings. */
function membersOf(document: Document.Parsed, map: unknown, depth = 0): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  if (!isMap(map) || depth > yamlDepthMax) return members;
  const merged: unknown[] = [];
  for (const { key, value } of map.items) {
    const name = isScalar(key) && typeof key.value === "symbol" ? key.value.description ?? "" : String(isScalar(key) ? key.value : key);
    if (name === mergeKey) merged.push(value);
    else members.set(name, { key, value });
  }
  for (const given of merged) {
    const source = isAlias(given) ? given.resolve(document) : given;
    const sources: readonly unknown[] = isSeq(source) ? source.items.map((item) => (isAlias(item) ? item.resolve(document) : item)) : [source];
    for (const one of sources) for (const [name, member] of membersOf(document, one, depth + 1)) if (!members.has(name)) members.set(name, member);
  }
  return members;
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** YAML 1.1 without the types JSON does not have, and with `y` and `n` as texts. */
function kubernetesTags(tags: Tags): Tags {
  return knownTags(tags, { yes: /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/, no: /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/ });
}

function goTags(tags: Tags): Tags {
  return knownTags(tags, { yes: /^(?:[Yy]|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/, no: /^(?:[Nn]|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/ });
}

/** Octals as version 1.2 writes them, which Go's reader knows too. */
const octal: ScalarTag = { tag: "tag:yaml.org,2002:int", default: true, test: /^[-+]?0o[0-7_]+$/, resolve: (text) => Number(text.replaceAll("_", "").replace(/^\+/, "").replace(/^-0o/, "0o")) * (text.startsWith("-") ? -1 : 1) };

function knownTags(tags: Tags, { yes, no }: { readonly yes: RegExp; readonly no: RegExp }): Tags {
  const without = new Set(["timestamp", "binary", "omap", "pairs", "set"].map((name) => `tag:yaml.org,2002:${name}`));
  return [octal, ...tags].flatMap((tag): Tags => {
    if (typeof tag === "string") return [tag];
    if (without.has(tag.tag) || ("format" in tag && tag.format === "TIME")) return [];
    if (tag.tag === "tag:yaml.org,2002:bool" && "test" in tag && tag.test !== undefined) {
      return [{ ...tag, test: tag.test.test("yes") ? yes : no }];
    }
    if (tag.tag === "tag:yaml.org,2002:float" && "test" in tag && tag.test !== undefined) return [{ ...tag, test: floatTests.find(({ sample }) => tag.test?.test(sample))?.test ?? tag.test }];
    return [tag];
  });
}

/** A float has a digit before its exponent, as in go-yaml's resolver; the library takes `.` (a path) and `e1` (an image tag) for numbers. */
const floatTests: readonly { readonly sample: string; readonly test: RegExp }[] = [
  { sample: "1e1", test: /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)[eE][-+]?[0-9]+$/ },
  { sample: "1.1", test: /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*)$/ },
];

/** One line in plain words; a stack overflow is the parser's way to meet too much nesting. */
function plainMessage(message: string): string {
  if (message.includes("call stack")) return depthMessage;
  if (message.includes("alias count")) return `aliases repeat more than ${yamlAliasesMax} times what they point at`;
  return message.split("\n", 1)[0] ?? message;
}
