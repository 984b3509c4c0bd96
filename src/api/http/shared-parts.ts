import { deepFreeze } from "../../value/freeze.ts";
import { isJsonObject, parseJson, parseJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { RecentMap } from "../../value/recent-map.ts";
import { bodyDepthMax } from "./request-body.ts";
import { endOfString, scanJson } from "./json-scan.ts";

/** Parts remembered: a spec, labels and annotations for each of the templates the API remembers. */
export const partsMax = 256;

/** A longer part is read anew each time: together they take 4 MB at most, and a body of one template is seldom larger. */
export const partLengthMax = 16 * 1024;

/** A shorter one is read as fast as found. */
const partLengthMin = 24;

/** Parts that came once. */
const awaitedMax = 256;

/** Nesting of a part: with what lies around it, well below what a body may have. */
const partDepthMax = bodyDepthMax - 10;

/** Where a part stands in the text of an object: a member of it, or of its metadata. */
interface Span {
  readonly isOfMetadata: boolean;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Keys written in it. */
  readonly keyCount: number;
}

/**
 * Reads the JSON of objects such that members which were sent before, letter for letter, are the very same frozen values: what was found out about one
 * holds for the next. Looked at are the members of the object and of its metadata that are objects or lists themselves.
 */
export class SharedParts {
  /** By text. */
  readonly #known = new RecentMap<string, Json>({ entriesMax: partsMax });
  /** Those that came once. */
  readonly #awaited = new RecentMap<string, true>({ entriesMax: awaitedMax });

  /** The object of a text; undefined for one that is to be read as a whole: it has no part that is known, or something may be wrong with it. */
  parse(text: string): JsonObject | undefined {
    const { spans, keyCount: keysBeside } = lookThrough(text);
    let keyCount = keysBeside;
    const shared: { readonly span: Span; readonly part: Json }[] = [];
    let rest = "";
    let from = 0;
    for (const span of spans) {
      const part = this.#take(text.slice(span.start, span.end));
      if (part === undefined) { keyCount += span.keyCount; continue; }
      shared.push({ span, part });
      rest += `${text.slice(from, span.start)}null`;
      from = span.end;
    }
    return shared.length === 0 ? undefined : join({ text: `${rest}${text.slice(from)}`, keyCount }, shared);
  }

  #take(text: string): Json | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (!this.#awaited.delete(text)) {
      this.#awaited.set(text, true);
      return undefined;
    }
    const part = parsePart(text);
    if (part === undefined) return undefined;
    // Not the slice, which would keep the whole text it is of.
    this.#known.set(Buffer.from(text).toString(), part);
    return part;
  }
}

/** A part of a text as a value of its own; undefined where something is wrong with it. */
function parsePart(text: string): Json | undefined {
  const value = parseJson(text);
  if (value === undefined) return undefined;
  const { duplicates, isTooDeep, hasPrototypeKey } = scanJson(text, partDepthMax);
  return duplicates.length > 0 || isTooDeep || hasPrototypeKey ? undefined : deepFreeze(value);
}

/** The object whose text has `null` where its parts stood, with its parts. */
function join({ text, keyCount }: { readonly text: string; readonly keyCount: number }, shared: readonly { readonly span: Span; readonly part: Json }[]): JsonObject | undefined {
  const object = parseJsonObject(text);
  if (object === undefined || !isHarmless({ text, keyCount }, object)) return undefined;
  const own: Record<string, Json | undefined> = object;
  const metadata: Record<string, Json | undefined> = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  for (const { span: { isOfMetadata, name }, part } of shared) {
    const place = isOfMetadata ? metadata : own;
    if (place[name] !== null) return undefined;
    place[name] = part;
  }
  return object;
}

/** True where a look through the text would find nothing: no key stands twice where as many were written as read, and none may hide behind an escape. */
function isHarmless({ text, keyCount }: { readonly text: string; readonly keyCount: number }, object: JsonObject): boolean {
  if (!text.includes("\\") && !text.includes(prototypeKey) && keysIn(object, bodyDepthMax) === keyCount) return true;
  const { duplicates, isTooDeep, hasPrototypeKey } = scanJson(text, bodyDepthMax);
  return duplicates.length === 0 && !isTooDeep && !hasPrototypeKey;
}

const prototypeKey = "__proto__";

/** How many members objects have in a value, all together; NaN where it is too deep. */
function keysIn(value: Json | undefined, depthMax: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depthMax === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) for (const item of value as readonly Json[]) count += keysIn(item, depthMax - 1);
  else if (isJsonObject(value)) for (const name in value) count += 1 + keysIn(value[name], depthMax - 1);
  return count;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** The members of an object, and of its metadata, that are worth sharing, and how many keys there are beside theirs. What it says of a text that is no JSON means nothing. */
function lookThrough(text: string): { readonly spans: readonly Span[]; readonly keyCount: number } {
  const spans: Span[] = [];
  let keyCount = 0;
  let depth = 0;
  let isInMetadata = false;
  let name = "";
  let wordStart = 0;
  let start = 0;
  // The depth at which the open part began; 0 outside of parts.
  let partDepth = 0;
  let keysBefore = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      wordStart = at + 1;
      at = endOfString(text, at);
    } else if (code === openBrace || code === openBracket) {
      depth++;
      if (partDepth !== 0 || depth === 1) continue;
      if (depth === 2 && name === "metadata" && code === openBrace) { isInMetadata = true; continue; }
      partDepth = depth;
      start = at;
      keysBefore = keyCount;
    } else if (code === closeBrace || code === closeBracket) {
      if (depth === partDepth) {
        partDepth = 0;
        const length = at + 1 - start;
        if (length >= partLengthMin && length <= partLengthMax) {
          spans.push({ isOfMetadata: isInMetadata, name, start, end: at + 1, keyCount: keyCount - keysBefore });
          keyCount = keysBefore;
        }
      } else if (depth === 2) {
        isInMetadata = false;
      }
      depth--;
    } else if (code === colon) {
      keyCount++;
      if (partDepth === 0) name = text.slice(wordStart, text.lastIndexOf("\"", at));
    } else if (code === comma && partDepth === 0) {
      name = "";
    }
  }
  return { spans, keyCount };
}
