/** Nanoseconds of a millisecond. */
export const nanosecondsPerMs = 1_000_000n;

/** Calendar fields of a time in its zone. */
export interface Clock {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly yearDay: number;
}

/** A zone: how far it is east of UTC at a moment, and what it is called. */
export interface Zone {
  readonly name: string;
  readonly offsetSeconds: number;
}

/** No distance from Greenwich. */
export const utc: Zone = { name: "UTC", offsetSeconds: 0 };

/** Calendar fields of a moment in a zone. */
export function clockOf(nanoseconds: bigint, zone: Zone): Clock {
  const shifted = nanoseconds + BigInt(zone.offsetSeconds) * 1_000_000_000n;
  const ms = floorDiv(shifted, nanosecondsPerMs);
  const date = new Date(Number(ms));
  const year = date.getUTCFullYear();
  return {
    year, month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
    nanosecond: Number(shifted - floorDiv(shifted, 1_000_000_000n) * 1_000_000_000n), weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - startOfYear(year)) / 86_400_000) + 1,
  };
}

function startOfYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}

/** The quotient, rounded down. */
export function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
