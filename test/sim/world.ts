import type { Chance } from "../../src/world/chance.ts";
import type { Clock } from "../../src/world/clock.ts";
import type { Log, LogFields } from "../../src/world/log.ts";

/** Where simulated time begins. */
export const simulationStartMs = Date.parse("2026-01-01T00:00:00Z");

/** Log lines kept for the report of a failing seed. */
const logLinesKept = 60;

/** A seed's chance: PCG32 (O'Neill 2014, XSH-RR), so that neighbouring seeds have nothing in common. */
export class SeededChance implements Chance {
  #state: bigint;
  readonly #increment: bigint;

  constructor(seed: number, stream = 1) {
    this.#increment = (BigInt(stream) << 1n) | 1n;
    this.#state = 0n;
    this.#word();
    this.#state = BigInt.asUintN(64, this.#state + BigInt(seed));
    this.#word();
  }

  #word(): number {
    const old = this.#state;
    this.#state = BigInt.asUintN(64, old * 6_364_136_223_846_793_005n + this.#increment);
    const shifted = Number(BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n));
    const rotation = Number(old >> 59n);
    return ((shifted >>> rotation) | (shifted << ((32 - rotation) & 31))) >>> 0;
  }

  fraction(): number {
    return this.#word() / 4_294_967_296;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#word() & 255);
  }

  uuid(): string {
    const hex = [...this.bytes(16)].map((byte, index) => (index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** True this often. */
  isLucky(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** One of them; undefined of none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.fraction() * items.length)];
  }
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that stands still until everything has come to rest, then jumps to the next timer. */
export class SimulatedClock implements Clock {
  readonly #heap: Timer[] = [];
  #elapsedMs = 0;
  #wallOffsetMs = simulationStartMs;
  #order = 0;

  nowMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** The wall clock is set; durations go on as they were. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.#elapsedMs + Math.max(ms, 0), order: this.#order++, run, isCancelled: false };
    this.#push(timer);
    return () => { timer.isCancelled = true; };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** When the next timer is due; undefined when none is. */
  get nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  /** Runs the next timer; false when there is none. */
  runNext(): boolean {
    this.#dropCancelled();
    const timer = this.#pop();
    if (timer === undefined) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs);
    timer.run();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.isCancelled === true) this.#pop();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, timer)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const least = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (least === undefined || isBefore(last, least)) break;
      heap[index] = least;
      index = least === right ? 2 * index + 2 : 2 * index + 1;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function sleepOn(clock: Pick<Clock, "after">, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) { reject(signal.reason as Error); return; }
    const cancel = clock.after(ms, () => { signal?.removeEventListener("abort", onAbort); resolve(); });
    const onAbort = () => { cancel(); reject(signal?.reason as Error); };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A promise of a dead process: nobody will ever hear of it. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

/** One run of one process. After its death its timers never fire and what it waited for never comes; its memory is simply left. */
export class Life implements Clock {
  readonly name: string;
  readonly #clock: SimulatedClock;
  #isDead = false;
  readonly #onDeath: (() => void)[] = [];

  constructor(name: string, clock: SimulatedClock) {
    this.name = name;
    this.#clock = clock;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Kills the process where it stands. */
  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const run of this.#onDeath.splice(0)) run();
  }

  whenDead(run: () => void): void {
    if (this.#isDead) run();
    else this.#onDeath.push(run);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(ms: number, run: () => void): () => void {
    return this.#isDead ? () => {} : this.#clock.after(ms, () => { if (!this.#isDead) run(); });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** What the promise gives while the process lives; after its death nothing. */
  async alive<T>(promise: Promise<T>): Promise<T> {
    if (this.#isDead) {
      // Nobody is left to hear how it ends, also when it fails.
      promise.catch(() => {});
      return never();
    }
    try {
      const value = await promise;
      return this.#isDead ? await never<T>() : value;
    } catch (error) {
      if (this.#isDead) return never();
      throw error;
    }
  }
}

/** Keeps the last lines; every line of more than debug is shown to `inspect`. */
export class SimulatedLog {
  readonly #lines: string[] = [];
  readonly #clock: Clock;
  readonly #inspect: (line: string, fields: LogFields | undefined) => void;

  constructor(clock: Clock, inspect: (line: string, fields: LogFields | undefined) => void) {
    this.#clock = clock;
    this.#inspect = inspect;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The log of one process. */
  of(life: Life): Log {
    const write = (level: string, sentence: string, fields: LogFields | undefined) => {
      if (life.isDead) return;
      const line = `${(this.#clock.monotonicMs() / 1000).toFixed(3)} ${life.name} ${level} ${sentence}${fields === undefined ? "" : ` ${printFields(fields)}`}`;
      this.#lines.push(line);
      if (this.#lines.length > logLinesKept) this.#lines.shift();
      this.#inspect(line, fields);
    };
    return {
      debug() {},
      info: (sentence, fields) => { write("info", sentence, fields); },
      warn: (sentence, fields) => { write("warn", sentence, fields); },
      error: (sentence, fields) => { write("error", sentence, fields); },
    };
  }
}

function printFields(fields: LogFields): string {
  return JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? printError(value) : value));
}

function printError(error: Error): string {
  return `${error.name}: ${error.message}${error.cause instanceof Error ? ` < ${printError(error.cause)}` : ""}`;
}

/** Lets every promise go on that can: one turn of the event loop runs all microtasks. */
export function rest(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
