import type { Clock } from "../world/clock.ts";
import { JobsUnavailable } from "./jobs-unavailable.ts";

/** The answer, or JobsUnavailable when it takes longer. A late answer is dropped. */
export function within<T>(clock: Clock, limitMs: number, answer: Promise<T>, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => { reject(new JobsUnavailable(message)); });
    answer.then(resolve, reject).finally(cancel);
  });
}
