/**
 * Text on its way through the templates. Two kinds of signs travel inside it, written with Unicode noncharacters that no
 * real text holds: a *mark* says which template place the following text comes from, and a *reference* stands for one
 * plain string value. References are filled in only after the YAML structure has been read, so no value can change it.
 */
const referenceOpen = "\uFDD0";
const referenceClose = "\uFDD1";
/** The first character of a mark. */
export const markOpen = "\uFDD2";
const markClose = "\uFDD3";
const signs = /\uFDD2[^\uFDD3]*\uFDD3|\uFDD0(\d+)\uFDD1/g;
const marks = /\uFDD2[^\uFDD3]*\uFDD3/g;
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
  return replaceReferences(text, (index) => values[index] ?? "");
}

/** Where the text from an offset on comes from. */
export interface TextMark {
  readonly offset: number;
  /** `file:line:column`. */
  readonly place: string;
  /** Number of the entry in the trace, in a traced render. */
  readonly entry?: number;
  /** What decided and called it, in a traced render. */
  readonly context?: TextContext;
}

/** A context of a trace, and the one a block was handed on in that holds it. */
export interface TextContext {
  readonly id: number;
  readonly around: TextContext | undefined;
}

/** A rendered text without its marks, and which template place an offset of it comes from. */
export interface MarkedText {
  readonly text: string;
  /** The plain values its references stand for, numbered from 0 in their order: equal templates then give equal texts. */
  readonly values: readonly string[];
  readonly hasMarks: boolean;
  /** Ascending by offset. */
  readonly marks: readonly TextMark[];
  /** The place mark that an offset stands behind. */
  markBefore(offset: number): Pick<TextMark, "offset" | "place"> | undefined;
}

/** Takes the marks out of a rendered text and remembers where they stood. Lines that hold nothing but empty values go. */
export function assembleText(numbered: string, plainValues: readonly string[]): MarkedText {
  const { text: rendered, values } = renumber(numbered, plainValues);
  const spans: number[] = [];
  let text = "";
  let from = 0;
  for (let open = rendered.indexOf(markOpen); open >= 0; open = rendered.indexOf(markOpen, from)) {
    if (open > from) text += rendered.slice(from, open);
    const close = rendered.indexOf(markClose, open);
    from = close < 0 ? rendered.length : close + 1;
    spans.push(text.length, open + 1, from - 1);
  }
  text = from === 0 ? rendered : text + rendered.slice(from);
  return new AssembledText(blankEmptyLines(text, values), values, { rendered, spans });
}

/** The same text with other marks. */
export function withMarks(text: string, values: readonly string[], list: readonly TextMark[]): MarkedText {
  return { text, values, hasMarks: list.length > 0, marks: list, markBefore: (offset) => list.findLast((mark) => mark.offset <= offset) };
}

/** Numbers of one mark in the list of spans: where it stands in the text, and its body in what was rendered. */
const spanSize = 3;

/** Reads marks when they are asked for: of most only the place is counted, and of most texts nobody asks. */
class AssembledText implements MarkedText {
  readonly text: string;
  readonly values: readonly string[];
  readonly #rendered: string;
  readonly #spans: readonly number[];
  #marks: readonly TextMark[] | undefined;

  constructor(text: string, values: readonly string[], { rendered, spans }: { readonly rendered: string; readonly spans: readonly number[] }) {
    this.text = text;
    this.values = values;
    this.#rendered = rendered;
    this.#spans = spans;
  }

  get hasMarks(): boolean {
    return this.#spans.length > 0;
  }

  get marks(): readonly TextMark[] {
    this.#marks ??= this.#read();
    return this.#marks;
  }

  markBefore(offset: number): Pick<TextMark, "offset" | "place"> | undefined {
    let low = 0;
    let high = this.#spans.length / spanSize;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle * spanSize] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index--) {
      const body = this.#bodyAt(index);
      if (!isContextSign(body)) return readMark(body, this.#spans[index * spanSize] ?? 0, undefined);
    }
    return undefined;
  }

  #read(): readonly TextMark[] {
    const found: TextMark[] = [];
    let context: TextContext | undefined;
    for (let index = 0; index * spanSize < this.#spans.length; index++) {
      const body = this.#bodyAt(index);
      if (isContextSign(body)) context = contextAfter(body, context);
      else found.push(readMark(body, this.#spans[index * spanSize] ?? 0, context));
    }
    return found;
  }

  #bodyAt(index: number): string {
    return this.#rendered.slice(this.#spans[index * spanSize + 1], this.#spans[index * spanSize + 2]);
  }
}

const entrySeparator = "\u0001";
/** What a mark begins with that names a context and no place: the text after it is in it; a block begins in it; that block ends. */
const contextSigns = { is: "\u0002", opens: "\u0003", closes: "\u0004" } as const;

/** The mark of an entry of a trace. */
export function printEntryMark(entry: number, place: string): string {
  return `${numbered(entryOpenings, entry, (id) => markOpen + String(id) + entrySeparator)}${place}${markClose}`;
}

/** The sign that what follows is in a context of a trace. */
export function printContextMark(context: number): string {
  return numbered(contextMarks, context, (id) => markOpen + contextSigns.is + String(id) + markClose);
}

/** A block of text as it is handed on in a context: what it holds is in that one too, and afterwards the context is that one again. */
export function printInContext(context: number, text: string): string {
  return numbered(blockOpenings, context, (id) => markOpen + contextSigns.opens + String(id) + markClose) + text + numbered(blockEnds, context, (id) => markOpen + contextSigns.closes + String(id) + markClose);
}

/** Every render counts from 0 again: so many small texts are kept, two megabytes at most. */
const numberedMax = 10_000;
const entryOpenings: string[] = [];
const contextMarks: string[] = [];
const blockOpenings: string[] = [];
const blockEnds: string[] = [];

function numbered(known: string[], id: number, print: (id: number) => string): string {
  while (known.length <= id && known.length < numberedMax) known.push(print(known.length));
  return known[id] ?? print(id);
}

function isContextSign(body: string): boolean {
  const sign = body.charCodeAt(0);
  return sign >= 2 && sign <= 4;
}

function contextAfter(body: string, before: TextContext | undefined): TextContext | undefined {
  const id = Number(body.slice(1));
  switch (body.charAt(0)) {
    case contextSigns.opens: return { id, around: { id, around: before?.around } };
    case contextSigns.closes: return before?.around === undefined ? { id, around: undefined } : { id: before.around.id, around: before.around.around };
    default: return { id, around: before?.around };
  }
}

function readMark(body: string, offset: number, context: TextContext | undefined): TextMark {
  const at = body.indexOf(entrySeparator);
  const known = context === undefined ? { offset } : { offset, context };
  return at < 0 ? { ...known, place: body } : { ...known, place: body.slice(at + 1), entry: Number(body.slice(0, at)) };
}

/** Numbers of the entries and contexts of a trace that a text was written by. */
export function tracesIn(text: string): { readonly entries: readonly number[]; readonly contexts: readonly number[] } {
  const entries: number[] = [];
  const contexts: number[] = [];
  for (const [mark] of text.matchAll(marks)) {
    const body = mark.slice(1, -1);
    const at = body.indexOf(entrySeparator);
    if (isContextSign(body)) contexts.push(Number(body.slice(1)));
    else if (at >= 0) entries.push(Number(body.slice(0, at)));
  }
  return { entries, contexts };
}

/** A template's text with a mark before every line, since indenting a block moves its lines. The last line has none when nothing stands on it. */
export function markLines(file: string, line: number, { column, text }: { readonly column: number; readonly text: string }): string {
  const lines = text.split("\n");
  return lines.map((one, index) => (index > 0 && index === lines.length - 1 && one === "" ? "" : printMark(`${file}:${line + index}:${index === 0 ? column : 1}`) + one)).join("\n");
}

/** The text without the line break at its end; marks behind it stay. */
export function withoutLastBreak(text: string): string {
  let end = text.length;
  while (text[end - 1] === markClose) end = text.lastIndexOf(markOpen, end - 1);
  return text[end - 1] === "\n" ? text.slice(0, end - 1) + text.slice(end) : text;
}

/** The text of a block without blanks at its edges. Marks of a trace stay: what wrote nothing there might have written something. Of places the last one stays. */
export function trimBlock(block: Block): Block | "" {
  const before = edgeBefore.exec(block.text)?.[0] ?? "";
  const rest = block.text.slice(before.length);
  const after = edgeAfter.exec(rest)?.[0] ?? "";
  const kept = [...marksIn(before).filter((mark, index, all) => isOfTrace(mark) || all.findLastIndex((other) => !isOfTrace(other)) === index), rest.slice(0, rest.length - after.length), ...marksIn(after).filter(isOfTrace)];
  const isBlank = rest.length === after.length;
  const text = (isBlank ? kept.filter(isOfTrace) : kept).join("");
  return text === "" ? "" : new Block(text);
}

function marksIn(text: string): readonly string[] {
  return Array.from(text.matchAll(marks), ([mark]) => mark);
}

/** True for marks of contexts and entries, which only traced renders have. */
function isOfTrace(mark: string): boolean {
  return mark.startsWith(markOpen) && (isContextSign(mark.slice(1)) || mark.includes(entrySeparator));
}

const edgeBefore = /^(?:\uFDD2[^\uFDD3]*\uFDD3|\s)+/;
const edgeAfter = /(?:\uFDD2[^\uFDD3]*\uFDD3|\s)+$/;

/** Numbers references by their order in the text, and answers only the values it has. */
export function renumber(text: string, values: readonly string[]): { readonly text: string; readonly values: readonly string[] } {
  const own: string[] = [];
  const renumbered = replaceReferences(text, (index) => {
    own.push(values[index] ?? "");
    return printReference(own.length - 1);
  });
  return { text: renumbered, values: own };
}

/** Only templates write these signs, and always in pairs. */
function replaceReferences(text: string, replace: (index: number) => string): string {
  let open = text.indexOf(referenceOpen);
  if (open < 0) return text;
  let replaced = "";
  let from = 0;
  while (open >= 0) {
    const close = text.indexOf(referenceClose, open);
    if (close < 0) break;
    replaced += text.slice(from, open) + replace(Number(text.slice(open + 1, close)));
    from = close + 1;
    open = text.indexOf(referenceOpen, from);
  }
  return replaced + text.slice(from);
}

const referenceLine = /^[ \t]*(?:\uFDD0\d+\uFDD1[ \t]*)+$/gm;

/** Blanks lines of references to "" only, keeping every offset. */
function blankEmptyLines(text: string, values: readonly string[]): string {
  if (!values.includes("")) return text;
  return text.replace(referenceLine, (line) => (fillScalar(line, values).trim() === "" ? " ".repeat(line.length) : line));
}
