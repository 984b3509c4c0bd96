const nanosecond = 1n;
const microsecond = 1_000n;
const millisecond = 1_000_000n;
const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;

const units: Readonly<Record<string, bigint>> = { ns: nanosecond, us: microsecond, "µs": microsecond, "μs": microsecond, ms: millisecond, s: second, m: minute, h: hour };

/** A duration of nanoseconds as Go prints it: `1h2m3.5s`, `1.5ms`, `0s`. */
export function printDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value < second) {
    const [unit, size] = value < microsecond ? ["ns", nanosecond] as const : value < millisecond ? ["µs", microsecond] as const : ["ms", millisecond] as const;
    return `${sign}${decimal(value, size)}${unit}`;
  }
  const hours = value / hour;
  const minutes = (value % hour) / minute;
  const seconds = decimal(value % minute, second);
  return `${sign}${hours > 0n ? `${hours}h` : ""}${hours > 0n || minutes > 0n ? `${minutes}m` : ""}${seconds}s`;
}

function decimal(value: bigint, size: bigint): string {
  const digits = String(size).length - 1;
  const fraction = digits === 0 ? "" : String(value % size).padStart(digits, "0").replace(/0+$/, "");
  return `${value / size}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Reads `1h30m`, `-1.5s`, `0`; undefined for what Go's ParseDuration refuses. In nanoseconds. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit] ?? 0n;
    sum += BigInt(whole === "" ? "0" : whole) * size + (fraction === "" ? 0n : (BigInt(fraction) * size) / 10n ** BigInt(fraction.length));
  }
  return BigInt.asIntN(64, sum) === sum ? (sign === "-" ? -sum : sum) : undefined;
}
