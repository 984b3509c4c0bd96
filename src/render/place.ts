import type { Place } from "./render.ts";

/** Reads `file:line:column`; the file may hold colons. */
export function parsePlace(text: string): Place {
  const match = /^(.*):(\d+):(\d+)$/s.exec(text);
  return match === null ? { file: text } : { file: match[1] ?? "", line: Number(match[2]), column: Number(match[3]) };
}
