import { printCanonicalJson } from "../value/canonical-json.ts";
import type { Json } from "../value/json.ts";

/** A value in a line of a diff is cut at this length: the rest is in Git. */
const shownLengthMax = 200;
/** What is shown before the first difference of two long texts, to recognise the place by. */
const leadLength = 20;

/** A value in one line: texts of several lines by their first. */
export function printShort(value: Json): string {
  const text = typeof value === "string" ? value : printCanonicalJson(value);
  const lines = linesOf(text);
  return lines.length > 1 ? `${cut(lines[0] ?? "")} … (${lines.length} lines)` : cut(text);
}

/** Two values that differ, each in one line, so that the difference is seen: of texts of several lines the first line that differs, with its number. */
export function printShortPair(before: Json, after: Json): { readonly before: string; readonly after: string } {
  if (typeof before !== "string" || typeof after !== "string") return { before: printShort(before), after: printShort(after) };
  const [old, next] = [linesOf(before), linesOf(after)];
  if (old.length === 1 && next.length === 1) return cutPair(before, after);
  if (old.length === 1 || next.length === 1) return { before: printShort(before), after: printShort(after) };
  const at = old.findIndex((line, index) => line !== next[index]);
  // One text is the beginning of the other, or they differ in their last line break alone.
  const index = at < 0 ? old.length : at;
  const pair = cutPair(old[index] ?? "(no more lines)", next[index] ?? "(no more lines)");
  return { before: `line ${index + 1}: ${pair.before}`, after: pair.after };
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

function cut(text: string): string {
  return (text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text).replaceAll("\n", "⏎");
}

/** Long texts lose what they begin with alike. */
function cutPair(before: string, after: string): { readonly before: string; readonly after: string } {
  if (Math.max(before.length, after.length) <= shownLengthMax) return { before: cut(before), after: cut(after) };
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const from = Math.max(0, same - leadLength);
  const shown = (text: string): string => `${from === 0 ? "" : "…"}${cut(text.slice(from))}`;
  return { before: shown(before), after: shown(after) };
}
