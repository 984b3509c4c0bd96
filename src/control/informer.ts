import type { Client } from "../api/client.ts";
import { mapInTurns, turn } from "../api/in-turns.ts";
import { isApiError } from "../model/api-error.ts";
import type { Kind } from "../model/kind.ts";
import { resourceName } from "../model/kind.ts";
import type { World } from "../world/world.ts";
import type { ObjectCache } from "./object-cache.ts";

/** Delay after the first failed list or watch; doubling, with up to as much again by chance so that many do not return at once. */
export const informerRetryFirstMs = 50;
/** The bound of that delay, as upstream reflectors'. */
export const informerRetryMaxMs = 30_000;
/** Objects a page of a list holds: half of upstream clients' page size, for they are in memory twice until the cache has taken them. */
const listPageSize = 250;

/** Keeps one kind's cache true: list, then watch; resumes after a break, lists again when the revision is gone. */
export class Informer {
  readonly kind: Kind;
  readonly cache: ObjectCache;
  /** Resolves after the first complete list, or when the informer ends before. */
  readonly synced: Promise<void>;
  readonly #client: Client;
  readonly #world: World;
  #markSynced: () => void = () => {};

  constructor(kind: Kind, options: { readonly cache: ObjectCache; readonly client: Client; readonly world: World }) {
    this.kind = kind;
    this.cache = options.cache;
    this.#client = options.client;
    this.#world = options.world;
    this.synced = new Promise((resolve) => { this.#markSynced = resolve; });
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#follow(signal);
    this.#markSynced();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let revision: string | undefined;
    while (!signal.aborted) {
      try {
        if (revision === undefined) {
          revision = await this.#list(signal);
          this.#markSynced();
        }
        const before: string = revision;
        for await (const event of this.#client.watch(this.kind, { resourceVersion: revision }, signal)) {
          if (event.type === "BOOKMARK") {
            revision = event.resourceVersion;
          } else {
            if (event.type === "DELETED") this.cache.remove(event.object);
            else this.cache.put(event.object);
            revision = event.object.metadata.resourceVersion ?? revision;
          }
          failures = 0;
        }
        if (revision !== before) continue;
      } catch (error) {
        if (signal.aborted) return;
        if (isApiError(error, "Expired", "Gone")) revision = undefined;
        this.#world.log.warn("an informer lost its watch", { object: resourceName(this.kind), revision, error });
      }
      await this.#pause(failures, signal);
      failures++;
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const replacement = this.cache.beginReplace();
    let next: string | undefined;
    let revision: string | undefined;
    do {
      const page = await this.#client.list(this.kind, { limit: listPageSize, ...(next === undefined ? {} : { continue: next }) });
      revision ??= page.resourceVersion;
      next = page.continue === "" ? undefined : page.continue;
      await mapInTurns(page.items, (object) => { replacement.take(object); });
      if (next !== undefined) await turn();
    } while (next !== undefined && !signal.aborted);
    if (!signal.aborted) replacement.end(revision);
    return revision;
  }

  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const base = Math.min(informerRetryFirstMs * 2 ** Math.min(failures, 20), informerRetryMaxMs);
    try {
      await this.#world.clock.sleep(base * (1 + this.#world.chance.fraction()), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
