import { FunctionFault } from "../fault.ts";
import { parseDuration, printDuration } from "../template/duration.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { FunctionContext, GoFunction } from "../template/function.ts";
import { formatTime } from "../template/time-format.ts";
import { parseTime } from "../template/time-parse.ts";
import { Time, timeOf, zeroTime, zoneAt } from "../template/time.ts";
import { Int, int64 } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { Block } from "../text.ts";
import { floatOf, parseInteger, textOf } from "./convert.ts";

const nanosecondsPerSecond = 1_000_000_000n;

const dateInZone = goFunction("dateInZone", ["string", "any", "string"], ([layout, date, zone], context) => formatIn(layout, timeFor(date, context), zone));
const dateModify = goFunction("dateModify", ["string", "any"], ([change, date]) => new Time(expectTime(date).nanoseconds + (parseDuration(change) ?? 0n), expectTime(date).zone));
const mustDateModify = goFunction("mustDateModify", ["string", "any"], ([change, date]) => new Time(expectTime(date).nanoseconds + readDuration(change), expectTime(date).zone));

/** Dates and durations, as Sprig and Helm. `now` is the release's pinned time, so a commit renders the same twice. */
export const dateFunctions: readonly GoFunction[] = [
  goFunction("now", [], (_args, { nowMs }) => timeOf(nowMs)),
  goFunction("date", ["string", "any"], ([layout, date], context) => formatIn(layout, timeFor(date, context), "Local")),
  dateInZone, renamed("date_in_zone", dateInZone),
  dateModify, renamed("date_modify", dateModify), mustDateModify, renamed("must_date_modify", mustDateModify),
  goFunction("htmlDate", ["any"], ([date], context) => formatIn("2006-01-02", timeFor(date, context), "Local")),
  goFunction("htmlDateInZone", ["any", "string"], ([date, zone], context) => formatIn("2006-01-02", timeFor(date, context), zone)),
  goFunction("ago", ["any"], ([date], context) => printDuration(roundTo(timeOf(context.nowMs).nanoseconds - timeFor(date, context).nanoseconds, nanosecondsPerSecond))),
  goFunction("toDate", ["string", "string"], ([layout, text]) => parseTime(layout, text) ?? new Time(zeroTime)),
  goFunction("mustToDate", ["string", "string"], ([layout, text]) => {
    const time = parseTime(layout, text);
    if (time === undefined) throw new FunctionFault(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse it`);
    return time;
  }),
  goFunction("unixEpoch", ["any"], ([date]) => String(expectTime(date).methods["Unix"]?.([]) instanceof Int ? floorSeconds(expectTime(date).nanoseconds) : 0n)),
  goFunction("duration", ["any"], ([seconds]) => printDuration(secondsOf(seconds) * nanosecondsPerSecond)),
  goFunction("durationRound", ["any"], ([duration], context) => printRound(durationFor(duration, context))),
  goFunction("mustToDuration", ["any"], ([value]) => new Int(durationOf(value), "time.Duration")),
  goFunction("durationSeconds", ["any"], ([value]) => inUnits(value, nanosecondsPerSecond)),
  goFunction("durationMinutes", ["any"], ([value]) => inUnits(value, 60n * nanosecondsPerSecond)),
  goFunction("durationHours", ["any"], ([value]) => inUnits(value, 3_600n * nanosecondsPerSecond)),
  goFunction("durationDays", ["any"], ([value]) => inUnits(value, 86_400n * nanosecondsPerSecond)),
  goFunction("durationWeeks", ["any"], ([value]) => inUnits(value, 604_800n * nanosecondsPerSecond)),
  goFunction("durationMilliseconds", ["any"], ([value]) => int64(durationOf(value) / 1_000_000n)),
  goFunction("durationMicroseconds", ["any"], ([value]) => int64(durationOf(value) / 1_000n)),
  goFunction("durationNanoseconds", ["any"], ([value]) => int64(durationOf(value))),
  goFunction("durationRoundTo", ["any", "any"], ([value, unit]) => new Int(roundTo(durationOf(value), durationOf(unit)), "time.Duration")),
  goFunction("durationTruncateTo", ["any", "any"], ([value, unit]) => new Int(durationOf(unit) <= 0n ? durationOf(value) : durationOf(value) - (durationOf(value) % durationOf(unit)), "time.Duration")),
];

function formatIn(layout: string, time: Time, zone: string): string {
  return formatTime(time.nanoseconds, zone === "Local" ? time.zone : zoneAt(zone, time.nanoseconds), layout);
}

/** Times as they are, integers as seconds since 1970; anything else is now, as in Sprig. */
function timeFor(value: GoValue, { nowMs }: FunctionContext): Time {
  if (value instanceof Time) return value;
  return value instanceof Int ? new Time(value.value * nanosecondsPerSecond) : timeOf(nowMs);
}

function expectTime(value: GoValue): Time {
  if (value instanceof Time) return value;
  throw new FunctionFault(`wrong type for value; expected time.Time; got ${value === null || value === undefined ? "nil" : typeof value}`);
}

function floorSeconds(nanoseconds: bigint): bigint {
  return nanoseconds / nanosecondsPerSecond - (nanoseconds % nanosecondsPerSecond < 0n ? 1n : 0n);
}

function secondsOf(value: GoValue): bigint {
  if (typeof value === "string" || value instanceof Block) return parseInteger(textOf(value)) ?? 0n;
  return value instanceof Int && value.type === "int64" ? value.value : 0n;
}

function durationFor(value: GoValue, context: FunctionContext): bigint {
  if (typeof value === "string" || value instanceof Block) return parseDuration(textOf(value)) ?? 0n;
  if (value instanceof Time) return timeOf(context.nowMs).nanoseconds - value.nanoseconds;
  return value instanceof Int && (value.type === "int64" || value.type === "time.Duration") ? value.value : 0n;
}

const roundUnits: readonly (readonly [bigint, string])[] = [[31_536_000n, "y"], [2_592_000n, "mo"], [86_400n, "d"], [3_600n, "h"], [60n, "m"], [1n, "s"]];

function printRound(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [seconds, unit] of roundUnits) if (value > seconds * nanosecondsPerSecond) return `${sign}${value / (seconds * nanosecondsPerSecond)}${unit}`;
  return "0s";
}

function readDuration(text: string): bigint {
  const duration = parseDuration(text);
  if (duration === undefined) throw new FunctionFault(`time: invalid duration ${JSON.stringify(text)}`);
  return duration;
}

/** Helm's durations: texts by their units, bare numbers as seconds. */
function durationOf(value: GoValue): bigint {
  if (value instanceof Int) return value.type === "time.Duration" ? value.value : value.value * nanosecondsPerSecond;
  if (typeof value === "number") return BigInt(Math.trunc(value * 1e9));
  if (typeof value !== "string" && !(value instanceof Block)) throw new FunctionFault("cannot be read as a duration");
  const text = textOf(value).trim();
  return /^[-+]?\d+(?:\.\d+)?$/.test(text) ? BigInt(Math.trunc(floatOf(text) * 1e9)) : readDuration(text);
}

function inUnits(value: GoValue, unit: bigint): number {
  return Number(durationOf(value)) / Number(unit);
}

/** Half goes away from zero. */
function roundTo(value: bigint, unit: bigint): bigint {
  if (unit <= 0n) return value;
  const rest = value % unit;
  const isUp = 2n * (rest < 0n ? -rest : rest) >= unit;
  return value - rest + (isUp ? (value < 0n ? -unit : unit) : 0n);
}
