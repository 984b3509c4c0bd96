/** The end of a request, as a signal for the few handlers that wait on it: for the others none is made, which costs more than many of them do. */
export class Ending {
  #controller: AbortController | undefined;
  #isEnded = false;

  /** Aborts when the request ends; aborted where it has. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isEnded) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  end(): void {
    this.#isEnded = true;
    this.#controller?.abort();
  }
}
