import { utc } from "./clock.ts";
import type { Zone } from "./clock.ts";
import { layoutPiece, months, weekdays } from "./time-format.ts";
import { timeFromClock } from "./time.ts";
import type { Time } from "./time.ts";

/** How a piece is read: its pattern, and what it gives. */
const readers: Readonly<Record<string, readonly [string, string]>> = {
  "2006": ["(\\d{4})", "year"], "06": ["(\\d{2})", "shortYear"], January: [`(${months.join("|")})`, "monthName"], Jan: [`(${months.map((name) => name.slice(0, 3)).join("|")})`, "monthName"],
  "01": ["(\\d{2})", "month"], "1": ["(\\d{1,2})", "month"], Monday: [`(${weekdays.join("|")})`, "skip"], Mon: [`(${weekdays.map((name) => name.slice(0, 3)).join("|")})`, "skip"],
  "02": ["(\\d{2})", "day"], "_2": ["\\s*(\\d{1,2})", "day"], "2": ["(\\d{1,2})", "day"], "__2": ["\\s*(\\d{1,3})", "yearDay"], "002": ["(\\d{3})", "yearDay"],
  "15": ["(\\d{1,2})", "hour"], "03": ["(\\d{2})", "hour"], "3": ["(\\d{1,2})", "hour"], "04": ["(\\d{2})", "minute"], "4": ["(\\d{1,2})", "minute"],
  "05": ["(\\d{2}(?:[.,]\\d{1,9})?)", "second"], "5": ["(\\d{1,2}(?:[.,]\\d{1,9})?)", "second"], PM: ["(AM|PM)", "half"], pm: ["(am|pm)", "half"], MST: ["(UTC|[A-Z]{3,5}|[-+]\\d{2,4})", "zoneName"],
};

/** A longer layout means no time: its regular expression would be as long. */
const layoutLengthMax = 500;

/** Reads a text by a Go layout, in UTC unless it says otherwise; undefined when it does not fit. */
export function parseTime(layout: string, text: string): Time | undefined {
  if (layout.length > layoutLengthMax) return undefined;
  const names: string[] = [];
  let pattern = "";
  let at = 0;
  for (const match of layout.matchAll(layoutPiece)) {
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
