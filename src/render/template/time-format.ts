import { clockOf } from "./clock.ts";
import type { Clock, Zone } from "./clock.ts";

/** Names of the months. */
export const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/** Names of the days, from Sunday. */
export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The pieces of Go's layouts, longest first where one begins another. */
export const layoutPiece = /January|Jan(?![a-z])|Jan|Monday|Mon|MST|2006|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)|__2|_2(?!006)|002|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

/** A moment by a Go layout (`2006-01-02 15:04:05`). */
export function formatTime(nanoseconds: bigint, zone: Zone, layout: string): string {
  const clock = clockOf(nanoseconds, zone);
  return layout.replaceAll(layoutPiece, (part) => formatPiece(part, clock, zone));
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
