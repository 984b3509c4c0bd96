/** Lines kept: more than anybody scrolls, and some megabytes at most. */
export const logLinesMax = 5_000;

/** The tail of a log, and how many lines went. */
export interface LogBuffer {
  readonly lines: readonly string[];
  readonly droppedCount: number;
  /** A line whose end has not come yet. */
  readonly open: string;
}

/** Nothing yet. */
export const emptyLog: LogBuffer = { lines: [], droppedCount: 0, open: "" };

/** Appends a piece of text; the oldest lines go when there are too many. Pure. */
export function withText(buffer: LogBuffer, text: string, linesMax = logLinesMax): LogBuffer {
  const parts = (buffer.open + text).split("\n");
  const open = parts.pop() ?? "";
  if (parts.length === 0) return { ...buffer, open };
  const all = [...buffer.lines, ...parts];
  const dropCount = Math.max(all.length - linesMax, 0);
  return { lines: dropCount === 0 ? all : all.slice(dropCount), droppedCount: buffer.droppedCount + dropCount, open };
}

/** The lines that hold a text, case aside, with their places. */
export function searchLines(lines: readonly string[], search: string): readonly { readonly index: number; readonly line: string }[] {
  const wanted = search.toLowerCase();
  return lines.flatMap((line, index) => (wanted === "" || line.toLowerCase().includes(wanted) ? [{ index, line }] : []));
}
