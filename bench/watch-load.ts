import type { ApiAddress } from "./http-connection.ts";
import { WatchConnection } from "./watch-connection.ts";

/** Watches that share a connection, as those of one client do; upstream allows 250. */
export const watchersPerConnection = 100;
export const watchedEvents = 50;
/** Events before those, while the compilers still work. */
const warmEvents = 10;
/** How the name of a watched pod begins in its JSON; it stands there once. */
const watchedName = Buffer.from('"name":"event-');
const eventEveryMs = 200;

/** Many watches of the same objects. */
export class WatchLoad {
  readonly #connections: WatchConnection[] = [];
  readonly #sent = new Map<string, number>();
  readonly #times: number[] = [];

  private constructor() {}

  static async open(address: ApiAddress, path: string, count: number): Promise<WatchLoad> {
    const load = new WatchLoad();
    let connection: WatchConnection | undefined;
    for (let opened = 0; opened < count; opened++) {
      if (opened % watchersPerConnection === 0 || connection === undefined) load.#connections.push(connection = await WatchConnection.open(address, (bytes) => { load.#note(bytes); }));
      await connection.watch(path);
    }
    return load;
  }

  get connectionCount(): number { return this.#connections.length; }

  /** Has events written, five a second, and answers how long each took from there to each watch, in milliseconds. */
  async measure(write: (name: string) => Promise<unknown>): Promise<readonly number[]> {
    for (let event = -warmEvents; event < watchedEvents; event++) {
      const name = event < 0 ? `warm${event}` : `event-${event}`;
      this.#sent.set(name, performance.now());
      await write(name);
      await new Promise((resolve) => { setTimeout(resolve, eventEveryMs); });
    }
    return this.#times;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #note(bytes: Buffer): void {
    const at = bytes.indexOf(watchedName);
    if (at < 0) return;
    const from = at + '"name":"'.length;
    this.#times.push(performance.now() - (this.#sent.get(bytes.toString("latin1", from, bytes.indexOf('"', from))) ?? 0));
  }
}
