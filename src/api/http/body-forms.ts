import { deepFreeze } from "../../value/freeze.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { endOfString } from "./json-scan.ts";

/** Forms remembered. Looking through all of them in vain takes some 2 us, a fifth of what reading a pod takes. */
export const formsMax = 8;

/** Bodies of which a second one of the same form is awaited: clients of a few templates may take turns. */
const awaitedMax = 4;

/** A longer body has no form: with what was read of them, all together take half a megabyte at most. */
export const formBytesMax = 16 * 1024;

/** Texts in which bodies of one form may differ; more are no form of one thing. */
const gapsMax = 8;

/** Longest text read letter by letter. */
const gapBytesMax = 1_024;

/** Where the texts of a form's gaps stand in its object: their numbers, by members and items. */
type Places = ReadonlyMap<string | number, number | Places>;

/** The text of an object with gaps for some of its texts. */
interface BodyForm {
  /** One more than there are gaps. */
  readonly literals: readonly Buffer[];
  readonly literalBytes: number;
  readonly example: JsonObject;
  readonly places: Places;
}

/**
 * Reads bodies that are letter for letter like one before but for some texts, as the names of many objects of one template: of such a body these are read
 * alone, in a tenth of the time the whole takes. What bodies have in common is the very same frozen value in each.
 */
export class BodyForms {
  /** The one used last comes first. */
  readonly #forms: BodyForm[] = [];
  /** Texts, the newest last. */
  readonly #awaited: string[] = [];

  /** The object of a body; undefined where it has no form that is known. */
  parse(body: Uint8Array): JsonObject | undefined {
    if (this.#forms.length === 0 || body.length > formBytesMax) return undefined;
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    for (const form of this.#forms) {
      const texts = textsIn(bytes, form);
      if (texts === undefined) continue;
      if (form !== this.#forms[0]) this.#forms.unshift(...this.#forms.splice(this.#forms.indexOf(form), 1));
      return fill(form.example, form.places, texts) as JsonObject;
    }
    return undefined;
  }

  /** Learns from the text of a body that was read as a whole, and in which nothing was found wrong. */
  learn(text: string): void {
    if (text.length > formBytesMax) return;
    for (const [index, before] of this.#awaited.entries()) {
      const form = formOf(before, text);
      if (form === undefined) continue;
      this.#awaited.splice(index, 1);
      if (this.#forms.length >= formsMax) this.#forms.pop();
      this.#forms.unshift(form);
      return;
    }
    if (this.#awaited.length >= awaitedMax) this.#awaited.shift();
    this.#awaited.push(text);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const tilde = 0x7e;

/** The texts in the gaps of a form; undefined for a body of another form. */
function textsIn(bytes: Buffer, { literals, literalBytes }: BodyForm): readonly string[] | undefined {
  if (bytes.length < literalBytes || bytes.length > literalBytes + gapsMax * gapBytesMax) return undefined;
  const texts: string[] = [];
  let at = 0;
  for (const literal of literals) {
    if (at > 0) {
      const end = endOfPlain(bytes, at);
      if (end === undefined) return undefined;
      texts.push(bytes.toString("latin1", at, end));
      at = end;
    }
    const end = at + literal.length;
    if (end > bytes.length || literal.compare(bytes, at, end) !== 0) return undefined;
    at = end;
  }
  return at === bytes.length ? texts : undefined;
}

/** Where the text that begins here ends; undefined for one that JSON does not write as it is. */
function endOfPlain(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at - start <= gapBytesMax; at++) {
    const code = bytes[at] ?? 0;
    if (code === quote) return at;
    if (code < space || code > tilde || code === backslash) return undefined;
  }
  return undefined;
}

/** The example with other texts at these places; what has none is the example's own. */
function fill(example: Json | undefined, places: number | Places, texts: readonly string[]): Json {
  if (typeof places === "number") return texts[places] ?? "";
  if (Array.isArray(example)) {
    const items: Json[] = example.slice();
    for (const [index, below] of places) items[Number(index)] = fill(items[Number(index)], below, texts);
    return items;
  }
  const members: Record<string, Json | undefined> = isJsonObject(example) ? { ...example } : {};
  for (const [name, below] of places) members[name] = fill(members[name], below, texts);
  return members;
}

/** The form two bodies have in common; undefined where they differ in more than some plain texts. */
function formOf(before: string, text: string): BodyForm | undefined {
  const gaps = gapsBetween(before, text);
  if (gaps === undefined) return undefined;
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of gaps) {
    parts.push(before.slice(from, start));
    from = end;
  }
  parts.push(before.slice(from));
  const literals = parts.map((part) => Buffer.from(part));
  const places = new Map<string | number, number | Places>();
  const marked = JSON.parse(parts.reduce((whole, part, index) => `${whole}${markOf(index - 1)}${part}`)) as Json;
  if (findMarks(marked, places) !== gaps.length) return undefined;
  return { literals, literalBytes: literals.reduce((sum, { length }) => sum + length, 0), example: deepFreeze(JSON.parse(before) as JsonObject), places };
}

/** Stands for a gap while its place is looked for. No text is likely to hold one; an object whose text does gets no form. */
function markOf(gap: number): string {
  return `<gap:${gap}>`;
}

/** Notes where the marks stand in a value; answers how many there are. */
function findMarks(value: Json | undefined, places: Map<string | number, number | Places>): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    const mark = typeof member === "string" ? /^<gap:(\d)>$/.exec(member)?.[1] : undefined;
    if (mark !== undefined) {
      places.set(name, Number(mark));
      count++;
      continue;
    }
    const below = new Map<string | number, number | Places>();
    const found = findMarks(member, below);
    if (found > 0) places.set(name, below);
    count += found;
  }
  return count;
}

/** Where the texts stand in `text` in which another differs from it; undefined where it differs in anything else, or in nothing. */
function gapsBetween(text: string, other: string): readonly { readonly start: number; readonly end: number }[] | undefined {
  const gaps: { readonly start: number; readonly end: number }[] = [];
  let at = 0;
  let there = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) !== other.charCodeAt(there)) return undefined;
    if (text.charCodeAt(at) !== quote) { at++; there++; continue; }
    const end = endOfString(text, at);
    const otherEnd = endOfString(other, there);
    if (text.slice(at, end) !== other.slice(there, otherEnd)) {
      // A member's name is part of what bodies of one form have in common.
      if (gaps.length >= gapsMax || /^"\s*:/.test(text.slice(end, end + keyEndMax)) || !isPlain(text.slice(at + 1, end)) || !isPlain(other.slice(there + 1, otherEnd))) return undefined;
      gaps.push({ start: at + 1, end });
    }
    at = end + 1;
    there = otherEnd + 1;
  }
  return there === other.length && gaps.length > 0 ? gaps : undefined;
}

/** More white space than this before a colon is not looked through: the text is then taken for a value, is none, and there is no form. */
const keyEndMax = 64;

function isPlain(text: string): boolean {
  return text.length <= gapBytesMax && /^[ !#-[\]-~]*$/.test(text);
}
