import { parseDuration } from "./duration.ts";
import { ValueError, readOr } from "./value-error.ts";
import { clockChange, instantsOf, localDateOf } from "./time-zone.ts";

/** When something happens again and again: at a fixed distance, or at times of a calendar. */
export type Schedule =
  | { readonly kind: "every"; readonly everyMs: number }
  | {
    readonly kind: "calendar";
    readonly minutes: readonly number[];
    readonly hours: readonly number[];
    readonly days: readonly number[];
    readonly months: readonly number[];
    readonly weekdays: readonly number[];
    /** False when both kinds of days are restricted: then either will do. */
    readonly areBothDaysNeeded: boolean;
  };

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

/** The fields of a schedule in order, with their bounds and names. @see robfig/cron ParseStandard, which upstream uses */
const fields: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};

/** As far ahead as a next time is looked for, in days: five years, as upstream; 29 February is within. */
const daysAheadMax = 5 * 366;
const dayMs = 86_400_000;

/** What is wrong with a schedule, in upstream's words; undefined when it reads. */
export function scheduleProblem(text: string): string | undefined {
  return readOr(() => { parseSchedule(text); return undefined; }, ({ message }) => message);
}

/** Reads a schedule of five fields, `@daily` and the like, or `@every 1h30m`. Throws ValueError "syntax" in upstream's words. */
export function parseSchedule(text: string): Schedule {
  if (text === "") throw syntax("empty spec string");
  if (text.startsWith("@")) {
    const plain = descriptors[text];
    return plain === undefined ? parseEvery(text) : parseSchedule(plain);
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) throw syntax(`expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = fields.map((field, index) => parseField(parts[index] ?? "", field));
  return { kind: "calendar", minutes, hours, days, months, weekdays, areBothDaysNeeded: isAny(parts[2] ?? "") || isAny(parts[4] ?? "") };
}

function parseEvery(text: string): Schedule {
  const span = /^@every (?<span>.*)$/.exec(text)?.groups?.["span"];
  if (span === undefined) throw syntax(`unrecognized descriptor: ${text}`);
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(span)) throw syntax(`failed to parse duration ${text}: time: invalid duration "${span}"`);
  // Whole seconds, one at least.
  return { kind: "every", everyMs: Math.max(1, Math.floor(parseDuration(span) / 1000)) * 1000 };
}

/** True for a field with a part that stands for every value. */
function isAny(text: string): boolean {
  return text.split(",").some((part) => /^[*?](?:\/0*1)?$/.test(part));
}

function parseField(text: string, field: Field): readonly number[] {
  const values = new Set(text.split(",").flatMap((expression) => parseRange(expression, field)));
  return [...values].toSorted((a, b) => a - b);
}

/** One of `*`, `?`, `a`, `a-b`, each with `/step`; `a/step` goes to the end. */
function parseRange(expression: string, field: Field): readonly number[] {
  const { min, max } = field;
  const [range = "", step, ...tooMany] = expression.split("/");
  if (tooMany.length > 0) throw syntax(`too many slashes: ${expression}`);
  const [low = "", high, ...more] = range.split("-");
  if (more.length > 0) throw syntax(`too many hyphens: ${expression}`);
  const isEvery = range === "*" || range === "?";
  const [start, end] = isEvery ? [min, max] : [parseNumber(low, field), high === undefined ? undefined : parseNumber(high, field)];
  const distance = step === undefined ? 1 : parseNumber(step, { min, max });
  if (distance === 0) throw syntax(`step of range should be a positive number: ${expression}`);
  if (start < min) throw syntax(`beginning of range (${start}) below minimum (${min}): ${expression}`);
  const last = end ?? (step === undefined ? start : max);
  if (last > max) throw syntax(`end of range (${last}) above maximum (${max}): ${expression}`);
  if (start > last) throw syntax(`beginning of range (${start}) beyond end of range (${last}): ${expression}`);
  return Array.from({ length: Math.floor((last - start) / distance) + 1 }, (_, index) => start + index * distance);
}

function parseNumber(text: string, { min, names }: Field): number {
  const named = (names ?? []).indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  if (!/^\d+$/.test(text)) throw syntax(`failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

function syntax(message: string): ValueError {
  return new ValueError("syntax", message);
}

/**
 * The first time of a schedule after `afterMs`; undefined when there is none in five years, as on 31 February. Times that a clock put forward skips do
 * not happen, those it repeats happen twice, as upstream. Pure.
 *
 * @param timeZone of the IANA database
 */
export function nextTimeMs(schedule: Schedule, afterMs: number, timeZone = "UTC"): number | undefined {
  if (schedule.kind === "every") return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs;
  // The day before, too: where a clock is put back over midnight, yesterday's last hour comes again.
  const today = localDateOf(afterMs, timeZone) - dayMs;
  for (let ahead = 0; ahead <= daysAheadMax; ahead++) {
    const dateMs = today + ahead * dayMs;
    if (!isDayOf(schedule, new Date(dateMs))) continue;
    const found = firstOfDay(schedule, { dateMs, afterMs, timeZone });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The last time of a schedule after `afterMs` and not after `untilMs`; undefined when there is none. Pure. */
export function lastTimeMs(schedule: Schedule, { afterMs, untilMs }: { readonly afterMs: number; readonly untilMs: number }, timeZone = "UTC"): number | undefined {
  const first = nextTimeMs(schedule, afterMs, timeZone);
  if (first === undefined || first > untilMs) return undefined;
  if (schedule.kind === "every") return first + Math.floor((untilMs - first) / schedule.everyMs) * schedule.everyMs;
  // Looks back over a span that doubles until something is in it, so that years are not counted through minute by minute.
  let last = first;
  for (let spanMs = 60_000; ; spanMs *= 2) {
    const found = nextTimeMs(schedule, Math.max(afterMs, untilMs - spanMs), timeZone);
    if (found === undefined || found > untilMs) continue;
    last = found;
    break;
  }
  for (let next = nextTimeMs(schedule, last, timeZone); next !== undefined && next <= untilMs; next = nextTimeMs(schedule, last, timeZone)) last = next;
  return last;
}

type Calendar = Extract<Schedule, { readonly kind: "calendar" }>;

function isDayOf({ days, months, weekdays, areBothDaysNeeded }: Calendar, date: Date): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const [isDay, isWeekday] = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())];
  return areBothDaysNeeded ? isDay && isWeekday : isDay || isWeekday;
}

/** The first time on a day; `dateMs` is its midnight, read as if it were UTC. */
function firstOfDay({ hours, minutes }: Calendar, { dateMs, afterMs, timeZone }: { readonly dateMs: number; readonly afterMs: number; readonly timeZone: string }): number | undefined {
  const change = clockChange(dateMs - dayMs, dateMs + 2 * dayMs, timeZone);
  let first: number | undefined;
  for (const hour of hours) {
    for (const minute of minutes) {
      const found = instantsOf(dateMs + (hour * 60 + minute) * 60_000, change).find((atMs) => atMs > afterMs);
      if (found === undefined) continue;
      // Most days have one offset from their beginning to their end: then times are in order.
      if (change.atMs === Infinity) return found;
      first = Math.min(first ?? found, found);
    }
  }
  return first;
}
