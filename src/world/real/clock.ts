import type { Clock } from "../clock.ts";

/** setTimeout fires at once above this many milliseconds (2^31 - 1). */
const timeoutMaxMs = 2_147_483_647;

/** The machine's clock. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) { reject(signal.reason as Error); return; }
      const onAbort = () => { clearTimeout(timer); reject(signal?.reason as Error); };
      const timer = setTimeout(() => { signal?.removeEventListener("abort", onAbort); resolve(); }, Math.min(ms, timeoutMaxMs));
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, timeoutMaxMs));
    timer.unref();
    return () => { clearTimeout(timer); };
  },
};
