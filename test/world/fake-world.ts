import type { Chance } from "../../src/world/chance.ts";
import type { Clock } from "../../src/world/clock.ts";
import { silentLog } from "../../src/world/log.ts";
import type { Log } from "../../src/world/log.ts";
import type { World } from "../../src/world/world.ts";

/** A clock that stands still until it is told to advance. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, waking sleepers in order and letting what they do settle before the next. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

export interface FakeWorld extends World {
  readonly clock: FakeClock;
}

/** When fake time begins: a round moment, so that times in assertions are readable. */
export const fakeStartMs = Date.parse("2026-01-01T00:00:00Z");

/** A world with a manual clock and seeded chance. */
export function fakeWorld(options: { readonly seed?: number; readonly startMs?: number; readonly log?: Log } = {}): FakeWorld {
  return { clock: fakeClock(options.startMs ?? fakeStartMs), chance: seededChance(options.seed ?? 1), log: options.log ?? silentLog };
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock under the test's hand. */
export function fakeClock(startMs: number = fakeStartMs): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = { atMs: nowMs + Math.max(ms, 0), order: order++, run };
    timers.add(timer);
    return () => { timers.delete(timer); };
  };
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after,
    sleep: (ms, signal) => new Promise((resolve, reject) => {
      if (signal?.aborted === true) { reject(signal.reason as Error); return; }
      const cancel = after(ms, () => { signal?.removeEventListener("abort", onAbort); resolve(); });
      const onAbort = () => { cancel(); reject(signal?.reason as Error); };
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter((timer) => timer.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.run();
        await settle();
      }
      nowMs = untilMs;
    },
    get pending() { return timers.size; },
  };
}

/** Lets every promise that can go on do so: one turn of the event loop runs all microtasks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}

/** Turns of the event loop after which in-memory work has come to rest. */
const settleTurns = 3;

/** Chance that repeats itself for a seed (mulberry32). */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256));
  return {
    fraction,
    bytes,
    uuid() {
      const hex = [...bytes(16)].map((byte, index) => (index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, "0")).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
}
