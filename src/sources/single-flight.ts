/** Lets callers who ask for the same thing at once share one piece of work. A caller that gives up leaves; the work goes on for the others. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** Joins the work under `key`, or begins it. */
  async join(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = work().finally(() => { this.#flights.delete(key); });
      this.#flights.set(key, flight);
    }
    const { promise: left, reject } = Promise.withResolvers<never>();
    const onAbort = () => { reject(signal.reason as Error); };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([flight, left]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}
