import { Int, int, int64, Struct } from "./value.ts";
import type { GoValue } from "./value.ts";
import { clockOf, floorDiv, nanosecondsPerMs, utc } from "./clock.ts";
import type { Clock, Zone } from "./clock.ts";
import { formatTime } from "./time-format.ts";

/** A Go time: nanoseconds since 1970 and the zone it is read in. */
export class Time extends Struct {
  readonly nanoseconds: bigint;
  readonly zone: Zone;
  constructor(nanoseconds: bigint, zone: Zone = utc) {
    super("time.Time", { methods: methodsOf(nanoseconds, zone), text: () => formatTime(nanoseconds, zone, "2006-01-02 15:04:05.999999999 -0700 MST") });
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }
}

/** A time from milliseconds since 1970. */
export function timeOf(ms: number, zone: Zone = utc): Time {
  return new Time(BigInt(Math.trunc(ms)) * nanosecondsPerMs, zone);
}

function methodsOf(nanoseconds: bigint, zone: Zone): Struct["methods"] {
  const clock = (): Clock => clockOf(nanoseconds, zone);
  const first = (args: readonly GoValue[]): bigint => (args[0] instanceof Int ? args[0].value : 0n);
  return {
    Format: ([layout]) => formatTime(nanoseconds, zone, typeof layout === "string" ? layout : ""),
    String: () => formatTime(nanoseconds, zone, "2006-01-02 15:04:05.999999999 -0700 MST"),
    Unix: () => int64(floorDiv(nanoseconds, 1_000_000_000n)),
    UnixMilli: () => int64(floorDiv(nanoseconds, nanosecondsPerMs)),
    UnixNano: () => int64(nanoseconds),
    Year: () => int(clock().year), Month: () => new Int(BigInt(clock().month), "time.Month"), Day: () => int(clock().day),
    Hour: () => int(clock().hour), Minute: () => int(clock().minute), Second: () => int(clock().second), Nanosecond: () => int(clock().nanosecond),
    Weekday: () => new Int(BigInt(clock().weekday), "time.Weekday"), YearDay: () => int(clock().yearDay),
    UTC: () => new Time(nanoseconds, utc), Local: () => new Time(nanoseconds, utc),
    Add: (args) => new Time(nanoseconds + first(args), zone),
    AddDate: (args) => {
      const [years = 0, months = 0, days = 0] = args.map((arg) => (arg instanceof Int ? Number(arg.value) : 0));
      const { year, month, day, hour, minute, second, nanosecond } = clock();
      return timeFromClock({ year: year + years, month: month + months, day: day + days, hour, minute, second, nanosecond }, zone);
    },
    Sub: ([other]) => new Int(other instanceof Time ? nanoseconds - other.nanoseconds : 0n, "time.Duration"),
    Before: ([other]) => other instanceof Time && nanoseconds < other.nanoseconds,
    After: ([other]) => other instanceof Time && nanoseconds > other.nanoseconds,
    Equal: ([other]) => other instanceof Time && nanoseconds === other.nanoseconds,
    IsZero: () => nanoseconds === zeroTime,
  };
}

/** Go's zero time, 1 January of year 1. */
export const zeroTime = -62_135_596_800n * 1_000_000_000n;

/** The moment of calendar fields; months and days beyond their range carry over. */
export function timeFromClock({ year, month, day, hour, minute, second, nanosecond }: Omit<Clock, "weekday" | "yearDay">, zone: Zone): Time {
  const days = new Date(0).setUTCFullYear(year, month - 1, day);
  const ms = days + ((hour * 60 + minute) * 60 + second) * 1_000;
  return new Time((BigInt(ms) - BigInt(zone.offsetSeconds) * 1_000n) * nanosecondsPerMs + BigInt(nanosecond), zone);
}

/** The zone of an IANA name at a moment; UTC for one nobody knows, as Sprig. */
export function zoneAt(name: string, nanoseconds: bigint): Zone {
  if (name === "" || name === "UTC" || name === "Local") return utc;
  try {
    const date = new Date(Number(nanoseconds / nanosecondsPerMs));
    const part = (style: "longOffset" | "short"): string => new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: style }).formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
    const [, sign = "+", hours = "0", minutes = "0"] = /^GMT([-+])(\d\d):(\d\d)$/.exec(part("longOffset")) ?? [];
    const offsetSeconds = (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
    const label = zoneNames[part("short")] ?? part("short");
    return { name: /^[A-Z]{3,5}$/.test(label) ? label : (europeanNames(name, offsetSeconds) ?? offsetLabel(offsetSeconds)), offsetSeconds };
  } catch {
    return utc;
  }
}

const zoneNames: Readonly<Record<string, string>> = { GMT: "GMT" };
const centralEuropeSeconds = 3_600;

function europeanNames(name: string, offsetSeconds: number): string | undefined {
  if (!name.startsWith("Europe/")) return undefined;
  if (/^Europe\/(?:London|Dublin|Lisbon|Kyiv|Athens|Helsinki|Bucharest|Sofia|Riga|Tallinn|Vilnius|Istanbul|Moscow|Minsk)$/.test(name)) return undefined;
  return offsetSeconds === centralEuropeSeconds ? "CET" : "CEST";
}

/** `+09`, as the time zone database names zones without letters. */
function offsetLabel(offsetSeconds: number): string {
  const total = Math.abs(offsetSeconds) / 60;
  const text = String(Math.floor(total / 60)).padStart(2, "0") + (total % 60 === 0 ? "" : String(total % 60).padStart(2, "0"));
  return (offsetSeconds < 0 ? "-" : "+") + text;
}
