import type { Client } from "../../src/api/client.ts";
import { ApiError } from "../../src/model/api-error.ts";
import type { Life, SeededChance } from "./world.ts";

/** The API server as the network reaches it; undefined while it is down. */
export interface Endpoint {
  readonly life: Life;
  readonly client: Client;
}

/** One machine's way to the API. */
export interface Link {
  readonly life: Life;
  readonly chance: SeededChance;
  readonly endpoint: () => Endpoint | undefined;
  /** While cut, nothing comes through. */
  readonly isCut: () => boolean;
  /** Share of requests whose answer is lost. */
  readonly loseAnswer: () => number;
}

/** How long a request waits on a cut line before it gives up. */
const timeoutMs = 5_000;

/** A client over a network that may be cut, to a server that may be down. Requests of a dead process stay without an answer. */
export function remoteClient(link: Link): Client {
  const { life, chance } = link;
  async function ask<T>(run: (client: Client) => Promise<T>): Promise<T> {
    await life.sleep(chance.between(0, 3));
    if (link.isCut()) {
      await life.sleep(timeoutMs);
      throw unreachable("the request timed out");
    }
    const endpoint = link.endpoint();
    if (endpoint === undefined || endpoint.life.isDead) throw unreachable("connection refused");
    const died = new Promise<never>((_resolve, reject) => { endpoint.life.whenDead(() => { reject(unreachable("connection reset")); }); });
    const answer = await life.alive(Promise.race([run(endpoint.client), died]));
    if (chance.isLucky(link.loseAnswer())) throw unreachable("the answer was lost");
    return answer;
  }
  return {
    get: (kind, ref) => ask((client) => client.get(kind, ref)),
    list: (kind, options) => ask((client) => client.list(kind, options)),
    create: (kind, object, options) => ask((client) => client.create(kind, object, options)),
    update: (kind, object, options) => ask((client) => client.update(kind, object, options)),
    updateStatus: (kind, object, options) => ask((client) => client.updateStatus(kind, object, options)),
    patch: (kind, ref, patch, options) => ask((client) => client.patch(kind, ref, patch, options)),
    remove: (kind, ref, options) => ask((client) => client.remove(kind, ref, options)),
    transact: (transaction) => ask((client) => client.transact(transaction)),
    requestToken: (account, spec) => ask((client) => client.requestToken(account, spec)),
    async *watch(kind, options, signal) {
      const endpoint = await ask(async () => link.endpoint());
      if (endpoint === undefined) throw unreachable("connection refused");
      const iterator = endpoint.client.watch(kind, options, signal)[Symbol.asyncIterator]();
      const died = new Promise<"died">((resolve) => { endpoint.life.whenDead(() => { resolve("died"); }); });
      try {
        for (;;) {
          const next = await life.alive(Promise.race([iterator.next(), died]));
          if (next === "died") throw unreachable("connection reset");
          if (next.done === true) return;
          while (link.isCut() && !signal.aborted) await life.sleep(timeoutMs);
          yield next.value;
        }
      } finally {
        if (!endpoint.life.isDead) void iterator.return?.();
      }
    },
  };
}

function unreachable(message: string): ApiError {
  return new ApiError("ServiceUnavailable", `simulated: ${message}`);
}
