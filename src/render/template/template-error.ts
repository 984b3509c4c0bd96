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

/** The line and column (from 1) of an offset of a text. */
export function placeIn(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { file, line, column: offset - before.lastIndexOf("\n") };
}

/** A syntax error as a fault at its place. */
export function syntaxFault(file: string, text: string, error: TemplateSyntaxError): RenderFault {
  return faultAt(placeIn(file, text, error.offset), error.message);
}
