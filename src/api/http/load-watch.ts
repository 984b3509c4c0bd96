import type { Clock } from "../../world/clock.ts";

/** Requests within a second from which on a server is busy: far above what one person's clients ask, far below what it can answer. */
export const busyRequests = 100;

const windowMs = 1_000;

/** A busy server is quiet again after this long without another busy second: long enough for a client that thinks between two bursts, short for who looks at the memory. */
export const quietAfterMs = 5_000;

/** Tells when requests become many, and when they have been few for a while. */
export class LoadWatch {
  readonly #clock: Pick<Clock, "monotonicMs" | "after">;
  readonly #listener: (isBusy: boolean) => void;
  #windowFromMs = 0;
  #count = 0;
  #isBusy = false;
  #lastBusyMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs" | "after">, listener: (isBusy: boolean) => void) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** One more request. */
  note(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#windowFromMs >= windowMs) {
      this.#windowFromMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count !== busyRequests) return;
    this.#lastBusyMs = nowMs;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#listener(true);
    this.#awaitQuiet(quietAfterMs);
  }

  #awaitQuiet(afterMs: number): void {
    this.#clock.after(afterMs, () => {
      const leftMs = this.#lastBusyMs + quietAfterMs - this.#clock.monotonicMs();
      if (leftMs > 0) { this.#awaitQuiet(leftMs); return; }
      this.#isBusy = false;
      this.#listener(false);
    });
  }
}
