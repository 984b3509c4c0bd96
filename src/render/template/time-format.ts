import { clockOf, timeFromClock, utc } from "./time.ts";
import type { Clock, Time, Zone } from "./time.ts";

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The pieces of Go's layouts, longest first where one begins another. */
const piece = /January|Jan(?![a-z])|Jan|Monday|Mon|MST|2006|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)|__2|_2(?!006)|002|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

/** A moment by a Go layout (`2006-01-02 15:04:05`). */
export function formatTime(nanoseconds: bigint, zone: Zone, layout: string): string {
  const clock = clockOf(nanoseconds, zone);
  return layout.replaceAll(piece, (part) => formatPiece(part, clock, zone));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function formatPiece(part: string, clock: Clock, zone: Zone): string {
  switch (part) {
    case "2006": return String(clock.year).padStart(4, "0");
    case "06": return two(clock.year % 100);
    case "January": return months[clock.month - 1] ?? "";
    case "Jan": return (months[clock.month - 1] ?? "").slice(0, 3);
    case "01": return two(clock.month);
    case "1": return String(clock.month);
    case "Monday": return weekdays[clock.weekday] ?? "";
    case "Mon": return (weekdays[clock.weekday] ?? "").slice(0, 3);
    case "02": return two(clock.day);
    case "_2": return String(clock.day).padStart(2);
    case "2": return String(clock.day);
    case "__2": return String(clock.yearDay).padStart(3);
    case "002": return String(clock.yearDay).padStart(3, "0");
    case "15": return two(clock.hour);
    case "03": return two(clock.hour % 12 === 0 ? 12 : clock.hour % 12);
    case "3": return String(clock.hour % 12 === 0 ? 12 : clock.hour % 12);
    case "04": return two(clock.minute);
    case "4": return String(clock.minute);
    case "05": return two(clock.second);
    case "5": return String(clock.second);
    case "PM": return clock.hour < 12 ? "AM" : "PM";
    case "pm": return clock.hour < 12 ? "am" : "pm";
    case "MST": return zone.name;
    default: return /^[.,]/.test(part) ? formatFraction(part, clock.nanosecond) : formatOffset(part, zone.offsetSeconds);
  }
}

function formatFraction(part: string, nanosecond: number): string {
  const digits = String(nanosecond).padStart(9, "0").slice(0, part.length - 1);
  if (part.charAt(1) === "0") return part.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : part.charAt(0) + trimmed;
}

function formatOffset(part: string, seconds: number): string {
  if (part.startsWith("Z") && seconds === 0) return "Z";
  const colon = part.includes(":") ? ":" : "";
  const total = Math.abs(seconds);
  const fields = [two(Math.floor(total / 3_600)), two(Math.floor(total / 60) % 60), two(total % 60)];
  const count = (part.match(/\d\d/g) ?? []).length;
  return (seconds < 0 ? "-" : "+") + fields.slice(0, count).join(colon);
}

/** How a piece is read: its pattern, and what it gives. */
const readers: Readonly<Record<string, readonly [string, string]>> = {
  "2006": ["(\\d{4})", "year"], "06": ["(\\d{2})", "shortYear"], January: [`(${months.join("|")})`, "monthName"], Jan: [`(${months.map((name) => name.slice(0, 3)).join("|")})`, "monthName"],
  "01": ["(\\d{2})", "month"], "1": ["(\\d{1,2})", "month"], Monday: [`(${weekdays.join("|")})`, "skip"], Mon: [`(${weekdays.map((name) => name.slice(0, 3)).join("|")})`, "skip"],
  "02": ["(\\d{2})", "day"], "_2": ["\\s*(\\d{1,2})", "day"], "2": ["(\\d{1,2})", "day"], "__2": ["\\s*(\\d{1,3})", "yearDay"], "002": ["(\\d{3})", "yearDay"],
  "15": ["(\\d{1,2})", "hour"], "03": ["(\\d{2})", "hour"], "3": ["(\\d{1,2})", "hour"], "04": ["(\\d{2})", "minute"], "4": ["(\\d{1,2})", "minute"],
  "05": ["(\\d{2}(?:[.,]\\d{1,9})?)", "second"], "5": ["(\\d{1,2}(?:[.,]\\d{1,9})?)", "second"], PM: ["(AM|PM)", "half"], pm: ["(am|pm)", "half"], MST: ["(UTC|[A-Z]{3,5}|[-+]\\d{2,4})", "zoneName"],
};

/** Reads a text by a Go layout, in UTC unless it says otherwise; undefined when it does not fit. */
export function parseTime(layout: string, text: string): Time | undefined {
  const names: string[] = [];
  let pattern = "";
  let at = 0;
  for (const match of layout.matchAll(piece)) {
    pattern += literal(layout.slice(at, match.index));
    const [source, name] = readers[match[0]] ?? (/^[.,]/.test(match[0]) ? ["([.,]\\d{1,9})?", "fraction"] : [match[0].startsWith("Z") ? "(Z|[-+]\\d{2}(?::?\\d{2}){0,2})" : "([-+]\\d{2}(?::?\\d{2}){0,2})", "offset"]);
    pattern += source;
    names.push(name);
    at = match.index + match[0].length;
  }
  const found = new RegExp(`^${pattern}${literal(layout.slice(at))}$`, "i").exec(text);
  if (found === null) return undefined;
  return timeOfFields(new Map(names.map((name, index) => [name, found[index + 1]])));
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll(/ +/g, "\\s*");
}

function timeOfFields(fields: ReadonlyMap<string, string | undefined>): Time | undefined {
  const number = (name: string, fallback: number): number => (fields.get(name) === undefined ? fallback : Number(fields.get(name)));
  const short = fields.get("shortYear");
  const year = short === undefined ? number("year", fields.has("year") ? 0 : 0) : Number(short) + (Number(short) >= 69 ? 1_900 : 2_000);
  const monthName = fields.get("monthName")?.slice(0, 3).toLowerCase();
  const month = monthName === undefined ? number("month", 1) : months.findIndex((name) => name.slice(0, 3).toLowerCase() === monthName) + 1;
  const yearDay = fields.get("yearDay");
  const day = yearDay === undefined ? number("day", 1) : Number(yearDay);
  const [second = "0", fraction = ""] = (fields.get("second") ?? "0").split(/[.,]/);
  const nanosecond = Number((fraction || (fields.get("fraction") ?? "").slice(1)).padEnd(9, "0"));
  const half = fields.get("half")?.toLowerCase();
  const plainHour = number("hour", 0);
  const hour = half === undefined ? plainHour : (plainHour % 12) + (half === "pm" ? 12 : 0);
  const zone = zoneOf(fields.get("offset"), fields.get("zoneName"));
  const isInRange = month >= 1 && month <= 12 && hour < 24 && number("minute", 0) < 60 && Number(second) < 60 && (yearDay !== undefined || (day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()));
  return isInRange ? timeFromClock({ year, month: yearDay === undefined ? month : 1, day, hour, minute: number("minute", 0), second: Number(second), nanosecond }, zone) : undefined;
}

function zoneOf(offset: string | undefined, name: string | undefined): Zone {
  if (offset === undefined) return name === undefined || name === "UTC" ? utc : { name, offsetSeconds: 0 };
  if (offset.toUpperCase() === "Z") return utc;
  const [hours = 0, minutes = 0, seconds = 0] = (offset.slice(1).match(/\d\d/g) ?? []).map(Number);
  const offsetSeconds = (offset.startsWith("-") ? -1 : 1) * (hours * 3_600 + minutes * 60 + seconds);
  return offsetSeconds === 0 ? utc : { name: name ?? "", offsetSeconds };
}
