import { catchUpEventsMax, watchBufferEventsMax } from "./limits.ts";
import { StoreError } from "./store.ts";
import type { StoreEvent, StoreWatch, StoreWatchReader } from "./store.ts";
import type { View } from "./view.ts";

/** Hands new events to those who watch. A prefix costs one look-up a distinct prefix length, however many watchers there are. */
export class Watchers {
  readonly #view: View;
  readonly #byPrefix = new Map<string, Set<Watcher>>();
  /** How many distinct prefixes there are of each length. */
  readonly #lengths = new Map<number, number>();
  readonly #all = new Set<Watcher>();
  readonly #touched = new Set<Watcher>();

  constructor(view: View) {
    this.#view = view;
  }

  /** @see Store.watch */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): StoreWatch {
    return { [Symbol.asyncIterator]: () => new Watcher({ view: this.#view, hub: this, prefix, afterRevision, signal }) };
  }

  /** Passes on the events of one transaction; `wake` lets the watchers see them. */
  offer(events: readonly StoreEvent[]): void {
    for (const event of events) {
      this.#lengths.forEach((_count, length) => {
        if (length > event.key.length) return;
        this.#byPrefix.get(event.key.slice(0, length))?.forEach((watcher) => {
          watcher.push(event);
          this.#touched.add(watcher);
        });
      });
    }
  }

  wake(): void {
    for (const watcher of this.#touched) watcher.wake();
    this.#touched.clear();
  }

  /** Ends every watch with this error. */
  end(error: StoreError): void {
    for (const watcher of this.#all) watcher.fail(error);
  }

  enter(watcher: Watcher): void {
    this.#all.add(watcher);
  }

  /** From now on the watcher is given new events. */
  subscribe(watcher: Watcher): void {
    const { prefix } = watcher;
    const group = this.#byPrefix.get(prefix);
    if (group !== undefined) { group.add(watcher); return; }
    this.#byPrefix.set(prefix, new Set([watcher]));
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
  }

  leave(watcher: Watcher): void {
    const { prefix } = watcher;
    this.#all.delete(watcher);
    this.#touched.delete(watcher);
    const group = this.#byPrefix.get(prefix);
    if (group === undefined || !group.delete(watcher) || group.size > 0) return;
    this.#byPrefix.delete(prefix);
    const left = (this.#lengths.get(prefix.length) ?? 1) - 1;
    if (left === 0) this.#lengths.delete(prefix.length);
    else this.#lengths.set(prefix.length, left);
  }
}

type WatchResult = IteratorResult<readonly StoreEvent[], undefined>;

interface Waiter {
  readonly resolve: (result: WatchResult) => void;
  readonly reject: (error: Error) => void;
}

/** One reader: reads the history until it has caught up, then is given new events through a bounded buffer. */
class Watcher implements StoreWatchReader {
  readonly prefix: string;
  readonly #view: View;
  readonly #hub: Watchers;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => { this.#finish(); };
  #readRevision: number;
  /** Of the last change that was handed over; at first where the watch began. */
  #handedRevision: number;
  #isLive = false;
  #buffer: StoreEvent[] = [];
  #waiter: Waiter | undefined;
  #error: StoreError | undefined;
  #isDone = false;

  constructor(options: { readonly view: View; readonly hub: Watchers; readonly prefix: string; readonly afterRevision: number; readonly signal: AbortSignal }) {
    this.prefix = options.prefix;
    this.#view = options.view;
    this.#hub = options.hub;
    this.#signal = options.signal;
    this.#readRevision = options.afterRevision;
    this.#handedRevision = options.afterRevision;
    if (options.signal.aborted) { this.#isDone = true; return; }
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    options.hub.enter(this);
  }

  get seen(): number {
    const hasAll = this.#isLive && this.#buffer.length === 0 && !this.#isDone && this.#error === undefined;
    return hasAll ? this.#view.revision : this.#handedRevision;
  }

  next(): Promise<WatchResult> {
    return new Promise((resolve, reject) => {
      if (this.#waiter !== undefined) { reject(new TypeError("a watch has one reader")); return; }
      this.#waiter = { resolve, reject };
      this.wake();
    });
  }

  return(): Promise<WatchResult> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  push(event: StoreEvent): void {
    if (this.#error !== undefined) return;
    if (this.#buffer.length >= watchBufferEventsMax) {
      this.fail(new StoreError("slow", `a watch of ${this.prefix} fell more than ${watchBufferEventsMax} events behind; list again and watch from there`));
      return;
    }
    this.#buffer.push(event);
  }

  /** Answers a waiting reader when there is something to answer. */
  wake(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    try {
      if (!this.#isDone && this.#error === undefined && !this.#isLive) this.#catchUp();
    } catch (error) {
      this.fail(error instanceof StoreError ? error : new StoreError("stopped", "the history cannot be read", { cause: error }));
    }
    const result = this.#take();
    if (result === undefined && this.#error === undefined) return;
    this.#waiter = undefined;
    if (result !== undefined) { waiter.resolve(result); return; }
    const error = this.#error;
    this.#error = undefined;
    this.#finish();
    if (error !== undefined) waiter.reject(error);
  }

  fail(error: StoreError): void {
    if (this.#isDone || this.#error !== undefined) return;
    this.#error = error;
    this.#buffer = [];
    this.#hub.leave(this);
    this.wake();
  }

  /** What the reader gets now; undefined when it has to wait or to fail. */
  #take(): WatchResult | undefined {
    if (this.#isDone) return { done: true, value: undefined };
    if (this.#error !== undefined || this.#buffer.length === 0) return undefined;
    const value = this.#buffer;
    this.#buffer = [];
    this.#handedRevision = value.at(-1)?.revision ?? this.#handedRevision;
    return { done: false, value };
  }

  #catchUp(): void {
    const part = this.#view.eventsAfter(this.#readRevision, this.prefix, catchUpEventsMax);
    this.#readRevision = part.upTo;
    this.#buffer.push(...part.events);
    if (part.upTo < this.#view.revision) return;
    this.#isLive = true;
    this.#hub.subscribe(this);
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#buffer = [];
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#hub.leave(this);
    this.wake();
  }
}
