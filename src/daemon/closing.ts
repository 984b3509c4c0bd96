import type { Log } from "../world/log.ts";

/** What was started, to be stopped in reverse. A part that fails to stop does not keep the others from it. */
export class Closing {
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Remembers how to stop a part, and answers the part. */
  add(name: string, close: () => Promise<void> | void): void {
    this.#steps.push({ name, close });
  }

  /** Stops everything, newest first. */
  async run(): Promise<void> {
    for (const { name, close } of this.#steps.splice(0).toReversed()) {
      try {
        await close();
      } catch (error) {
        this.#log.error("a part did not stop cleanly", { part: name, error });
      }
    }
  }
}
