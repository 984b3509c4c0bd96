/** Time, as the daemon's code sees it. Only `real/` and the simulation know another. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** Never goes back; for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`; the answer cancels it. A pending timer never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** The second that was printed last: a busy daemon prints each a thousand times. */
let printed = { second: Number.NaN, text: "" };

/** RFC 3339 in whole seconds, as Kubernetes writes `metav1.Time`. */
export function printTime(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== printed.second) printed = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return printed.text;
}

/** RFC 3339 with six fraction digits, as Kubernetes writes `metav1.MicroTime`. */
export function printMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
