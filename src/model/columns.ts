import { printAge } from "../value/duration.ts";
import { parseTime } from "./conditions.ts";
import type { Column } from "./kind.ts";
import type { ApiObject } from "./object.ts";

/** The first column of nearly every kind. */
export const nameColumn: Column = { name: "Name", type: "string", format: "name", priority: 0, value: (object) => object.metadata.name };

/** How long ago the object was made. */
export const ageColumn: Column = { name: "Age", type: "string", priority: 0, value: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs) };

/** A column of texts; an absent one is "". */
export function textColumn<T extends ApiObject>(name: string, read: (object: T) => string | undefined, priority = 0): Column<T> {
  return { name, type: "string", priority, value: (object) => read(object) ?? "" };
}

/** A column of whole numbers; absent is 0. Some kinds declare theirs as texts and still send numbers. */
export function countColumn<T extends ApiObject>(name: string, type: "integer" | "string", read: (object: T) => number | undefined): Column<T> {
  return { name, type, priority: 0, value: (object) => read(object) ?? 0 };
}

/** The span since a time, `<unknown>` when there is none. */
export function ageOf(time: string | undefined, nowMs: number): string {
  const timeMs = parseTime(time);
  return timeMs === undefined ? "<unknown>" : printAge(nowMs - timeMs);
}

/** The text, or `<none>` where there is none. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === "" ? "<none>" : text;
}

/** `a=b,c=d` sorted by key, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {});
  return entries.length === 0 ? "<none>" : entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(",");
}

/** The first three, and how many more. */
export function firstThree(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  return items.length <= 3 ? items.join(",") : `${items.slice(0, 3).join(",")} + ${items.length - 3} more...`;
}
