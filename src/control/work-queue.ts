import type { Clock } from "../world/clock.ts";
import { TurnBudget } from "./turn-budget.ts";

/** First retry delay, doubling per failure, as upstream's rate limiter (client-go util/workqueue/default_rate_limiters.go). */
export const retryFirstMs = 5;
/** The bound of that delay; upstream's 1000 s is longer than an operator waits for something to heal. */
export const retryMaxMs = 300_000;
/** Doublings after which the delay is at its bound in any case; keeps the power finite. */
const doublingsMax = 30;

/** What working on a key ended with: nothing more to do, again after a while, or again after its backoff. */
export type WorkResult = { readonly kind: "done" } | { readonly kind: "again"; readonly afterMs: number } | { readonly kind: "failed" };

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Keys worked on at once. */
  readonly concurrency: number;
  /** Shared with other queues; its own when absent. */
  readonly budget?: TurnBudget;
  /** Must not reject. */
  readonly work: (key: string) => Promise<WorkResult>;
}

/**
 * Keys to be worked on: each at most once in the queue, never twice at once, in the order they came (no key starves another).
 * A key added while it is worked on comes again afterwards. Working on a key cancels its delayed add: the result says what is needed now.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #budget: TurnBudget;
  readonly #work: (key: string) => Promise<WorkResult>;
  /** Insertion order is the order of work. */
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  /** Added again while active. */
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();
  readonly #idle: (() => void)[] = [];
  /** Keys that were added, those taken up again, those worked on, and the time that took. */
  readonly counts = { adds: 0, retries: 0, done: 0, workMs: 0 };
  #isStarted = false;
  #isStopped = false;
  #isDispatchPlanned = false;

  constructor({ clock, concurrency, work, budget = new TurnBudget(clock) }: WorkQueueOptions) {
    this.#clock = clock;
    this.#budget = budget;
    this.#concurrency = concurrency;
    this.#work = work;
  }

  /** Keys waiting, worked on or delayed. */
  get size(): number {
    return this.#waiting.size + this.#active.size + this.#delayed.size;
  }

  /** Keys that wait for their turn. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Begins to work; keys added before wait until then. */
  start(): void {
    this.#isStarted = true;
    this.#planDispatch();
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.counts.adds += 1;
    if (this.#active.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#planDispatch();
  }

  /** Adds after `ms`; of several delayed adds of a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#isStopped) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.monotonicMs() + ms;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.atMs <= atMs) return;
    pending?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, cancel });
  }

  /** Takes no more keys; resolves when the last one in work has ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#dirty.clear();
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => { this.#idle.push(resolve); });
  }

  /** Keys start in a microtask, so that changes arriving together are worked on once; others have their turn when there are many, or they take long. */
  #planDispatch(): void {
    if (this.#isDispatchPlanned || !this.#isStarted) return;
    this.#isDispatchPlanned = true;
    if (this.#budget.isSpent) setImmediate(this.#dispatch);
    else queueMicrotask(this.#dispatch);
  }

  readonly #dispatch = (): void => {
    this.#isDispatchPlanned = false;
    let begun = 0;
    for (const key of this.#waiting) {
      if (this.#active.size >= this.#concurrency) return;
      // One at least, lest a queue that comes first in each turn leaves nothing to the others.
      if (begun > 0 && this.#budget.isSpent) { this.#planDispatch(); return; }
      begun++;
      this.#budget.note();
      this.#waiting.delete(key);
      void this.#run(key);
    }
  };

  async #run(key: string): Promise<void> {
    this.#active.add(key);
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
    const startMs = this.#clock.monotonicMs();
    let result: WorkResult;
    try {
      result = await this.#work(key);
    } finally {
      this.#active.delete(key);
      this.counts.done += 1;
      this.counts.workMs += this.#clock.monotonicMs() - startMs;
    }
    if (this.#isStopped) {
      if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    if (result.kind !== "done") this.counts.retries += 1;
    if (result.kind === "failed") this.addAfter(key, this.#nextDelayMs(key));
    else this.#failures.delete(key);
    if (result.kind === "again") this.addAfter(key, result.afterMs);
    if (this.#dirty.delete(key)) this.#waiting.add(key);
    this.#planDispatch();
  }

  #nextDelayMs(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return retryDelayMs(failures);
  }
}

/** The delay after `failures` earlier ones in a row. */
export function retryDelayMs(failures: number): number {
  return Math.min(retryFirstMs * 2 ** Math.min(failures, doublingsMax), retryMaxMs);
}
