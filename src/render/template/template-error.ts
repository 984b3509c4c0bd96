import { faultAt } from "../fault.ts";
import type { RenderFault } from "../fault.ts";
import type { Place } from "../render.ts";

/** A text that is no Go template; `offset` says where in it. */
export class TemplateSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = "TemplateSyntaxError";
    this.offset = offset;
  }
}

/** Where the lines of the text asked about last begin: a file is compiled in one go, and asks once for each of its statements. */
let known: { readonly text: string; readonly starts: readonly number[] } = { text: "", starts: [0] };

/** The line and column (from 1) of an offset of a text. */
export function placeIn(file: string, text: string, offset: number): Place {
  if (known.text !== text) known = { text, starts: [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)] };
  let line = 0;
  for (let step = known.starts.length; step >= 1; step = step === 1 ? 0 : Math.ceil(step / 2)) {
    while ((known.starts[line + step] ?? Infinity) <= offset) line += step;
  }
  return { file, line: line + 1, column: offset - (known.starts[line] ?? 0) + 1 };
}

/** A syntax error as a fault at its place. */
export function syntaxFault(file: string, text: string, error: TemplateSyntaxError): RenderFault {
  return faultAt(placeIn(file, text, error.offset), error.message);
}
