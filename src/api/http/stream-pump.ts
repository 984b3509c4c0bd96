import type { World } from "../../world/world.ts";
import { isGone } from "./exchange.ts";
import type { RawResponse } from "./exchange.ts";
import { streamStallMaxMs } from "./limits.ts";
import type { LoadWatch } from "./load-watch.ts";
import type { StreamTurns } from "./stream-turns.ts";

/** What a pump works with. */
export interface PumpOptions {
  readonly world: Pick<World, "clock" | "log">;
  readonly turns: StreamTurns;
  /** Told of each chunk; nobody is when absent. */
  readonly load: LoadWatch | undefined;
}

/** Writes what a stream says to a response, no faster than its client reads; a client that takes nothing for long is cut off. */
export class StreamPump {
  readonly #options: PumpOptions;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #response: RawResponse;
  #chunk: Uint8Array | undefined;

  constructor(options: PumpOptions, chunks: AsyncIterator<Uint8Array>, response: RawResponse) {
    this.#options = options;
    this.#chunks = chunks;
    this.#response = response;
  }

  /** Begins; the rest goes by itself, and nobody waits for the end of it: what waits for an hour is kept for an hour. */
  start(): void {
    this.#ask();
  }

  /** Writes the chunk that came: called when it is this stream's turn. */
  write(): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.#chunk = undefined;
    if (isGone(this.#response) || this.#response.writableEnded) { this.stop(); return; }
    this.#options.load?.note();
    if (this.#response.write(chunk)) this.#ask();
    else void this.#drained().then((isDrained) => { if (isDrained) this.#ask(); else this.stop(); });
  }

  #ask(): void {
    this.#chunks.next().then(this.#take, this.#fail);
  }

  readonly #take = (result: IteratorResult<Uint8Array, unknown>): void => {
    if (result.done === true) {
      this.#response.end();
      return;
    }
    this.#chunk = result.value;
    this.#options.turns.enter(this);
  };

  readonly #fail = (error: unknown): void => {
    // Who has gone is missed by nobody, and what was on its way to them breaks off, too.
    if (!isGone(this.#response)) this.#options.world.log.warn("a stream broke off", { error });
    this.#response.destroy();
  };

  /** Nobody reads any more, or ever did. */
  stop(): void {
    Promise.resolve(this.#chunks.return?.()).catch(this.#fail);
  }

  /** Waits until the client took what was sent; cuts it off and answers false when it takes nothing for long. */
  #drained(): Promise<boolean> {
    const response = this.#response;
    return new Promise((resolve) => {
      const finish = (isDrained: boolean) => {
        cancel();
        response.off("drain", onDrain);
        response.off("close", onClose);
        if (!isDrained) response.destroy();
        resolve(isDrained);
      };
      const onDrain = () => { finish(true); };
      const onClose = () => { finish(false); };
      const cancel = this.#options.world.clock.after(streamStallMaxMs, onClose);
      response.once("drain", onDrain);
      response.once("close", onClose);
    });
  }
}
