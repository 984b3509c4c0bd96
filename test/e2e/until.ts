import { setTimeout as delay } from "node:timers/promises";

/** Time for anything a quiet machine does within seconds. */
export const patienceMs = 60_000;

const lookIntervalMs = 40;

/** Looks until the condition answers something other than undefined or false, and answers that. Throws with `what` and the last look when it never does. */
export async function until<T>(condition: () => Promise<T | undefined | false>, what: string, timeoutMs = patienceMs): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await condition();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
    await delay(lookIntervalMs);
  }
}
