import { ValueError } from "./value-error.ts";

const unitsMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, "µs": 1e-3, "μs": 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads Go's duration text, `1h30m`, `1.5s`, `-2ms`, as milliseconds. Throws ValueError. */
export function parseDuration(text: string): number {
  const found = /^([+-]?)(0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (found === null) throw new ValueError("syntax", `${JSON.stringify(text)} is not a duration such as 30s, 5m or 1h30m`);
  let total = 0;
  for (const [, amount = "0", unit = "s"] of (found[2] ?? "").matchAll(/([0-9.]+)(ns|us|µs|μs|ms|s|m|h)/g)) total += Number(amount) * (unitsMs[unit] ?? 0);
  return found[1] === "-" ? -total : total;
}

/** Prints milliseconds as Go does: `1h30m0s`, `1.5s`, `250ms`. */
export function printDuration(durationMs: number): string {
  if (durationMs === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  const totalMs = Math.abs(durationMs);
  if (totalMs < 1) return `${sign}${trimmed(totalMs * 1000, 3)}µs`;
  if (totalMs < 1000) return `${sign}${trimmed(totalMs, 6)}ms`;
  const hours = Math.floor(totalMs / 3_600_000);
  const minutes = Math.floor((totalMs % 3_600_000) / 60_000);
  const seconds = trimmed((totalMs % 60_000) / 1000, 9);
  return `${sign}${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** A year has 365 days here, as in kubectl. */
const year = 365 * day;

/**
 * Prints a span as kubectl prints ages, coarser the longer it is: `90s`, `5m10s`, `3h20m`, `7d23h`, `2y1d`.
 * @see kubernetes apimachinery pkg/util/duration/duration.go HumanDuration
 */
export function printAge(spanMs: number): string {
  const s = Math.trunc(spanMs / 1000);
  if (s < -1) return "<invalid>";
  if (s <= 0) return "0s";
  if (s < 2 * minute) return `${s}s`;
  if (s < 10 * minute) return two(Math.floor(s / minute), "m", s % minute, "s");
  if (s < 3 * hour) return `${Math.floor(s / minute)}m`;
  if (s < 8 * hour) return two(Math.floor(s / hour), "h", Math.floor(s / minute) % 60, "m");
  if (s < 2 * day) return `${Math.floor(s / hour)}h`;
  if (s < 8 * day) return two(Math.floor(s / day), "d", Math.floor(s / hour) % 24, "h");
  if (s < 2 * year) return `${Math.floor(s / day)}d`;
  if (s < 8 * year) return two(Math.floor(s / year), "y", Math.floor(s / day) % 365, "d");
  return `${Math.floor(s / year)}y`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
