/**
 * Text on its way through the templates. Two kinds of signs travel inside it, written with Unicode noncharacters that no
 * real text holds: a *mark* says which template place the following text comes from, and a *reference* stands for one
 * plain string value. References are filled in only after the YAML structure has been read, so no value can change it.
 */
const referenceOpen = "\uFDD0";
const referenceClose = "\uFDD1";
const markOpen = "\uFDD2";
const markClose = "\uFDD3";
/** The last character of a mark. */
export const markEnd = markClose;
const signs = /\uFDD2[^\uFDD3]*\uFDD3|\uFDD0(\d+)\uFDD1/g;
const marks = /\uFDD2[^\uFDD3]*\uFDD3/g;
const references = /\uFDD0(\d+)\uFDD1/g;
const anySign = /[\uFDD0-\uFDD3]/;

/** Text that may hold several lines and YAML structure: what toYaml, nindent and include answer. */
export class Block {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** The text without marks: what Go's templates take it for. */
  get plain(): string {
    return withoutMarks(this.text);
  }
}

/** The sign that the text after it comes from `place`, `file:line:column`. */
export function printMark(place: string): string {
  return markOpen + place + markClose;
}

/** The sign that stands for plain value number `index`. */
export function printReference(index: number): string {
  return referenceOpen + String(index) + referenceClose;
}

/** True when a text holds one of the reserved characters. */
export function hasSign(text: string): boolean {
  return anySign.test(text);
}

/** The text without marks, references kept. */
export function withoutMarks(text: string): string {
  return text.includes(markOpen) ? text.replace(marks, "") : text;
}

/** The text as people read it: marks gone, references filled in. */
export function fillText(text: string, values: readonly string[]): string {
  if (!anySign.test(text)) return text;
  return text.replace(signs, (_sign, index: string | undefined) => (index === undefined ? "" : (values[Number(index)] ?? "")));
}

/** Fills references in one scalar that was read from YAML. */
export function fillScalar(text: string, values: readonly string[]): string {
  return text.includes(referenceOpen) ? text.replace(references, (_sign, index: string) => values[Number(index)] ?? "") : text;
}

/** Where the text from an offset on comes from. */
export interface TextMark {
  readonly offset: number;
  /** `file:line:column`. */
  readonly place: string;
  /** Number of the entry in the trace, in a traced render. */
  readonly entry?: number;
}

/** Which template place an offset of an assembled text comes from. */
export interface MarkedText {
  readonly text: string;
  /** The plain values its references stand for, numbered from 0 in their order: equal templates then give equal texts. */
  readonly values: readonly string[];
  /** Ascending by offset. */
  readonly marks: readonly TextMark[];
}

/** Takes the marks out of a rendered text and remembers where they stood. Lines that hold nothing but empty values go. */
export function assembleText(numbered: string, plainValues: readonly string[]): MarkedText {
  const { text: rendered, values: own } = renumber(numbered, plainValues);
  const found: TextMark[] = [];
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  for (const match of rendered.matchAll(marks)) {
    const part = rendered.slice(from, match.index);
    parts.push(part);
    length += part.length;
    found.push({ offset: length, ...readMark(match[0]) });
    from = match.index + match[0].length;
  }
  parts.push(rendered.slice(from));
  return { text: blankEmptyLines(parts.join(""), own), values: own, marks: found };
}

const entrySeparator = "\u0001";

/** The mark of an entry of a trace. */
export function printEntryMark(entry: number, place: string): string {
  return printMark(`${entry}${entrySeparator}${place}`);
}

function readMark(mark: string): Omit<TextMark, "offset"> {
  const at = mark.indexOf(entrySeparator);
  return at < 0 ? { place: mark.slice(1, -1) } : { place: mark.slice(at + 1, -1), entry: Number(mark.slice(1, at)) };
}

/** Numbers of the entries whose marks a text holds. */
export function entriesIn(text: string): readonly number[] {
  return Array.from(text.matchAll(marks), (match) => readMark(match[0]).entry).filter((entry) => entry !== undefined);
}

/** Numbers references by their order in the text. */
function renumber(text: string, values: readonly string[]): { readonly text: string; readonly values: readonly string[] } {
  const own: string[] = [];
  const numbered = text.replace(references, (_sign, index: string) => {
    own.push(values[Number(index)] ?? "");
    return printReference(own.length - 1);
  });
  return { text: numbered, values: own };
}

const referenceLine = /^[ \t]*(?:\uFDD0\d+\uFDD1[ \t]*)+$/gm;

/** Blanks lines of references to "" only, keeping every offset. */
function blankEmptyLines(text: string, values: readonly string[]): string {
  if (!values.includes("")) return text;
  return text.replace(referenceLine, (line) => (fillScalar(line, values).trim() === "" ? " ".repeat(line.length) : line));
}
