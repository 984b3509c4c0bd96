import type { Jobs } from "../jobs/jobs.ts";
import type { World } from "../world/world.ts";

/** How often the queue is asked while somebody looks: as fast as an eye follows numbers, and nothing to Redis. */
const intervalMs = 1_000;

/** Tells its listeners the state of the queue when it changes; asks only while there are listeners. */
export class QueueWatch {
  readonly #jobs: Jobs;
  readonly #world: World;
  readonly #listeners = new Set<(state: string) => void>();
  #last: string | undefined;
  #isAsking = false;
  #cancel: (() => void) | undefined;

  constructor(jobs: Jobs, world: World) {
    this.#jobs = jobs;
    this.#world = world;
  }

  /** Calls with the state as JSON, now and whenever it changed; the answer ends it. */
  listen(listener: (state: string) => void): () => void {
    this.#listeners.add(listener);
    if (this.#last !== undefined) listener(this.#last);
    if (this.#cancel === undefined && !this.#isAsking) void this.#ask();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancel?.();
      this.#cancel = undefined;
      this.#last = undefined;
    };
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      const state = JSON.stringify(await this.#jobs.state());
      if (state !== this.#last && this.#listeners.size > 0) {
        this.#last = state;
        for (const listener of this.#listeners) listener(state);
      }
    } catch (error) {
      this.#world.log.warn("the queue's state is not known", { error });
    }
    this.#isAsking = false;
    this.#cancel = this.#listeners.size === 0 ? undefined : this.#world.clock.after(intervalMs, () => { this.#cancel = undefined; void this.#ask(); });
  }
}
