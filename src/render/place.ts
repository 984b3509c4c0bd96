import type { Place } from "./render.ts";

/** Reads `file:line:column`; the file may hold colons. */
export function parsePlace(text: string): Place {
  const match = /^(.*):(\d+):(\d+)$/s.exec(text);
  return match === null ? { file: text } : { file: match[1] ?? "", line: Number(match[2]), column: Number(match[3]) };
}

/** Longest name of a text in a text: a longer one is of texts that render themselves. */
const nestedNameLengthMax = 120;

/** The file's name that a text has which is rendered as a template at a place. */
export function nestedName({ file, line = 1 }: Place): string {
  return file.length > nestedNameLengthMax ? file : `${file}:${line}:tpl`;
}
