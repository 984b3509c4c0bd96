import { sha256 } from "../value/digest.ts";
import type { EngineFacts } from "./engine.ts";
import { printLookup } from "./render.ts";
import type { LookupQuery, RenderPins, RenderRequest } from "./render.ts";
import { goMap, goValueOf, isMap } from "./template/value.ts";

/** The time `now` gives where none is pinned: the beginning of 2025, so that what is made from it looks sane. */
const defaultNowMs = Date.UTC(2025, 0, 1);

/** Facts of one render, and what it asked of the cluster and was not told. */
export interface PinnedFacts extends EngineFacts {
  readonly asked: readonly LookupQuery[];
  /** Call sites that asked for chance, the clock or the cluster. */
  readonly pinned: readonly string[];
}

/** The facts templates may use, all from the request: equal requests give equal answers in the same order. */
export function pinnedFacts(request: Pick<RenderRequest, "pins" | "lookups" | "release">): PinnedFacts {
  const { seed, nowMs, epoch = 0, sites = {} }: RenderPins = request.pins ?? { seed: `${request.release.namespace}/${request.release.name}`, nowMs: defaultNowMs };
  const streams = new Map<string, RandomStream>();
  const asked = new Map<string, LookupQuery>();
  const pinned = new Set<string>();
  const pinOf = (site: string): { readonly epoch: number; readonly nowMs: number } => {
    pinned.add(site);
    return (Object.hasOwn(sites, site) ? sites[site] : undefined) ?? { epoch, nowMs };
  };
  return {
    get asked() { return [...asked.values()]; },
    get pinned() { return [...pinned]; },
    nowAt: (site) => pinOf(site).nowMs,
    randomBytes(site, count) {
      const stream = streams.get(site) ?? new RandomStream(`${seed}\n${pinOf(site).epoch}\n${site}`);
      streams.set(site, stream);
      return stream.next(count);
    },
    lookup(apiVersion, kind, namespace, name) {
      const query = { apiVersion, kind, namespace, name };
      const key = printLookup(query);
      pinned.add(`lookup ${key}`);
      const found = request.lookups !== undefined && Object.hasOwn(request.lookups, key) ? request.lookups[key] : undefined;
      if (found === undefined) asked.set(key, query);
      const value = goValueOf(found ?? null);
      return isMap(value) ? value : goMap();
    },
  };
}

/** Bytes that look random to whoever does not know the seed. */
class RandomStream {
  readonly #seed: string;
  #buffer = Buffer.alloc(0);
  #blocks = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  next(count: number): Uint8Array {
    const parts = [this.#buffer];
    for (let length = this.#buffer.length; length < count;) {
      const block = Buffer.from(sha256(`${this.#seed}\n${this.#blocks++}`), "hex");
      parts.push(block);
      length += block.length;
    }
    const bytes = Buffer.concat(parts);
    this.#buffer = bytes.subarray(count);
    return bytes.subarray(0, count);
  }
}
