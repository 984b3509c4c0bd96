import { ValueError, isReadable } from "./value-error.ts";

/** Formats are costly to make (tenths of a millisecond, tens of kilobytes); there are as many as zones in use. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** More zones than anybody schedules in: from here on the cache begins anew. */
const formatsMax = 64;

const dayMs = 86_400_000;

/** True for the name of a time zone that is known here. */
export function isTimeZone(timeZone: string): boolean {
  return isReadable(() => formatOf(timeZone));
}

/** How far a zone's clocks are ahead of UTC at a moment. Throws ValueError for an unknown zone. */
export function offsetMs(atMs: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const found = Object.fromEntries(formatOf(timeZone).formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const wallMs = Date.UTC(found["year"] ?? 0, (found["month"] ?? 1) - 1, found["day"] ?? 1, found["hour"] ?? 0, found["minute"] ?? 0, found["second"] ?? 0);
  return wallMs - Math.floor(atMs / 1000) * 1000;
}

/** The date a zone's calendars show, as the milliseconds of its midnight in UTC. */
export function localDateOf(atMs: number, timeZone: string): number {
  return Math.floor((atMs + offsetMs(atMs, timeZone)) / dayMs) * dayMs;
}

/** How a zone's clocks go in some days: with one offset, or with another from a moment on. */
export interface ClockChange {
  readonly before: number;
  readonly after: number;
  /** Infinity where nothing changes. */
  readonly atMs: number;
}

/** How a zone's clocks go between two moments, few days apart: no zone changes twice in so short a time. */
export function clockChange(fromMs: number, untilMs: number, timeZone: string): ClockChange {
  const [before, after] = [offsetMs(fromMs, timeZone), offsetMs(untilMs, timeZone)];
  if (before === after) return { before, after, atMs: Infinity };
  let [same, other] = [fromMs, untilMs];
  while (other - same > 1000) {
    const middle = Math.floor((same + other) / 2000) * 1000;
    if (offsetMs(middle, timeZone) === before) same = middle;
    else other = middle;
  }
  return { before, after, atMs: other };
}

/** The moments at which clocks show a time, given as if it were UTC: one, none where they are put forward over it, two where they are put back. */
export function instantsOf(wallMs: number, { before, after, atMs }: ClockChange): readonly number[] {
  return [...(wallMs - before < atMs ? [wallMs - before] : []), ...(atMs !== Infinity && wallMs - after >= atMs ? [wallMs - after] : [])];
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  if (formats.size >= formatsMax) formats.clear();
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    formats.set(timeZone, format);
    return format;
  } catch (error) {
    if (error instanceof RangeError) throw new ValueError("syntax", `unknown time zone ${timeZone}`);
    throw error;
  }
}
