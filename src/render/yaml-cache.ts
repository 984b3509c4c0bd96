import type { Json } from "../value/json.ts";
import { parseYamlDocuments } from "../value/yaml.ts";
import type { YamlOptions } from "../value/yaml.ts";

/** One document of a text: its value, the line of its first node, and the line of a field. */
export interface ParsedDocument {
  readonly value: Json;
  readonly line: number;
  lineOf(path: readonly (string | number)[]): number;
}

/** Characters of texts kept parsed. Their values take a few times that: about 10 MB at most. */
const keptLengthMax = 2 * 1024 * 1024;

/** By the way they are read, since a text's own hash is known to the map already and a longer key's is not. */
const kept = [new Map<string, readonly ParsedDocument[]>(), new Map<string, readonly ParsedDocument[]>(), new Map<string, readonly ParsedDocument[]>(), new Map<string, readonly ParsedDocument[]>()] as const;
let keptLength = 0;

/**
 * Reads a text's documents, from memory when it was read before. Templates make the same text again and again, since plain values
 * are filled in only later: an edited value then costs no parsing. What is answered must not be changed. Throws YamlError.
 */
export function parseKeptYaml(text: string, file: string, options: YamlOptions = {}): readonly ParsedDocument[] {
  const own = options.allowsDuplicateKeys === true ? (options.hasShortBooleans === true ? kept[3] : kept[2]) : (options.hasShortBooleans === true ? kept[1] : kept[0]);
  const known = own.get(text);
  if (known !== undefined) return known;
  const documents = parseYamlDocuments(text, file, options).map(({ value, line }, index) => ({
    value, line,
    // The syntax tree is large and lines are asked for rarely: it is made again when needed.
    lineOf: (path: readonly (string | number)[]) => parseYamlDocuments(text, file, options)[index]?.lineOf(path) ?? line,
  }));
  if (text.length > keptLengthMax) return documents;
  if (keptLength + text.length > keptLengthMax) {
    for (const map of kept) map.clear();
    keptLength = 0;
  }
  own.set(text, documents);
  keptLength += text.length;
  return documents;
}
