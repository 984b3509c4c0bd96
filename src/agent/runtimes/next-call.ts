/** Those who are told of each change, as a Set. */
interface Listeners {
  add(listener: () => void): unknown;
  delete(listener: () => void): unknown;
}

/** Resolves when the listeners are called next, or when the signal aborts. */
export function nextCall(listeners: Listeners, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      listeners.delete(done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    listeners.add(done);
    signal.addEventListener("abort", done, { once: true });
  });
}
