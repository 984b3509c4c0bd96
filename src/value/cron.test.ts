import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextTimeMs, parseSchedule, scheduleProblem } from "./cron.ts";

test("a schedule that does not read says why", () => {
  for (const [text, problem] of [
    ["", "empty spec string"],
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["@often", "unrecognized descriptor: @often"],
    ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ] as const) assert.equal(scheduleProblem(text), problem);
});

test("the next time of a schedule", () => {
  // 1 January 2026 is a Thursday.
  const rows: readonly (readonly [string, string, string, string?])[] = [
    ["* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"],
    ["* * * * *", "2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z"],
    ["*/15 * * * *", "2026-01-01T00:50:00Z", "2026-01-01T01:00:00Z"],
    ["10/20 * * * *", "2026-01-01T00:31:00Z", "2026-01-01T00:50:00Z"],
    ["0 9-17/4 * * *", "2026-01-01T09:00:00Z", "2026-01-01T13:00:00Z"],
    ["30 6 * * MON-fri", "2026-01-02T06:30:00Z", "2026-01-05T06:30:00Z"],
    ["0 0 13 * 5", "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z"],
    ["0 0 13 * *", "2026-01-02T00:00:00Z", "2026-01-13T00:00:00Z"],
    ["0 0 */10 * 5", "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z"],
    ["0 0 29 feb ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 0 1,15 * *", "2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z"],
    ["@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"],
    ["@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"],
    ["@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["@every 90m", "2026-01-01T00:00:00Z", "2026-01-01T01:30:00Z"],
    ["0 9 * * *", "2026-01-01T00:00:00Z", "2026-01-01T08:00:00Z", "Europe/Berlin"],
    ["0 9 * * *", "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z", "Europe/Berlin"],
    ["0 0 * * *", "2026-01-01T10:00:00Z", "2026-01-01T10:15:00Z", "Pacific/Chatham"],
    ["30 0 * * *", "2026-01-01T00:00:00Z", "2026-01-01T19:00:00Z", "Asia/Kolkata"],
    // Put forward at 2:00 on 29 March, back at 3:00 on 25 October.
    ["30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z", "Europe/Berlin"],
    ["30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "Europe/Berlin"],
    ["*/30 2,3 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "Europe/Berlin"],
    ["0 3 * * *", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00Z", "Europe/Berlin"],
    ["0 3 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "Europe/Berlin"],
  ];
  for (const [text, after, expected, zone] of rows) {
    const found = nextTimeMs(parseSchedule(text), Date.parse(after), zone);
    assert.equal(found === undefined ? undefined : new Date(found).toISOString().replace(".000", ""), expected, `${text} after ${after} ${zone ?? ""}`);
  }
});

test("a day that never comes is not waited for", () => {
  assert.equal(nextTimeMs(parseSchedule("59 23 31 2 *"), 0), undefined);
});

const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const part = (min: number, max: number) => fc.oneof({ weight: 2, arbitrary: fc.constant("*") }, number(min, max), fc.tuple(number(min, max), fc.integer({ min: 1, max: 7 })).map(([low, step]) => `${low}/${step}`));
const schedules = fc.tuple(part(0, 59), part(0, 23), part(1, 28), part(1, 12), part(0, 6)).map((parts) => parts.join(" "));
const moments = fc.integer({ min: Date.parse("2025-01-01T00:00:00Z") / 1000, max: Date.parse("2027-01-01T00:00:00Z") / 1000 }).map((seconds) => seconds * 1000);

test("the next time is later, is a minute the clocks show as the schedule says, and none lies between", () => {
  fc.assert(fc.property(schedules, moments, fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"), (text, afterMs, zone) => {
    const schedule = parseSchedule(text);
    const found = nextTimeMs(schedule, afterMs, zone);
    assert.ok(found !== undefined && found > afterMs && found % 60_000 === 0);
    assert.ok(fits(schedule, found, zone), new Date(found).toISOString());
    for (let atMs = Math.floor(afterMs / 60_000 + 1) * 60_000, count = 0; atMs < found && count < 60; atMs += 60_000, count++) assert.ok(!fits(schedule, atMs, zone), new Date(atMs).toISOString());
  }), { numRuns: 40 });
});

/** Costly to make: one a zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

function fits(schedule: ReturnType<typeof parseSchedule>, atMs: number, timeZone: string): boolean {
  if (schedule.kind !== "calendar") return false;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", weekday: "short", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" });
  formats.set(timeZone, format);
  const shown = format.formatToParts(atMs);
  const read = (type: string): number => Number(shown.find((one) => one.type === type)?.value);
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(shown.find((one) => one.type === "weekday")?.value ?? "");
  const [isDay, isWeekday] = [schedule.days.includes(read("day")), schedule.weekdays.includes(weekday)];
  return schedule.minutes.includes(read("minute")) && schedule.hours.includes(read("hour")) && schedule.months.includes(read("month"))
    && (schedule.areBothDaysNeeded ? isDay && isWeekday : isDay || isWeekday);
}
