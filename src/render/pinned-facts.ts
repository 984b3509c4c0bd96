import { sha256 } from "../value/digest.ts";
import type { EngineFacts } from "./engine.ts";
import { printLookup } from "./render.ts";
import type { LookupQuery, RenderRequest } from "./render.ts";
import { goMap, goValueOf, isMap } from "./template/value.ts";

/** The time `now` gives where none is pinned: the beginning of 2025, so that what is made from it looks sane. */
const defaultNowMs = Date.UTC(2025, 0, 1);

/** Facts of one render, and what it asked of the cluster and was not told. */
export interface PinnedFacts extends EngineFacts {
  readonly asked: readonly LookupQuery[];
}

/** The facts templates may use, all from the request: equal requests give equal answers in the same order. */
export function pinnedFacts(request: Pick<RenderRequest, "pins" | "lookups" | "release">): PinnedFacts {
  const { seed, nowMs } = request.pins ?? { seed: `${request.release.namespace}/${request.release.name}`, nowMs: defaultNowMs };
  const streams = new Map<string, { buffer: Buffer; blocks: number }>();
  const asked = new Map<string, LookupQuery>();
  return {
    nowMs,
    get asked() { return [...asked.values()]; },
    randomBytes(site, count) {
      const stream = streams.get(site) ?? { buffer: Buffer.alloc(0), blocks: 0 };
      streams.set(site, stream);
      const parts = [stream.buffer];
      let length = stream.buffer.length;
      while (length < count) {
        const block = Buffer.from(sha256(`${seed}\n${site}\n${stream.blocks++}`), "hex");
        parts.push(block);
        length += block.length;
      }
      const bytes = Buffer.concat(parts);
      stream.buffer = bytes.subarray(count);
      return bytes.subarray(0, count);
    },
    lookup(apiVersion, kind, namespace, name) {
      const query = { apiVersion, kind, namespace, name };
      const key = printLookup(query);
      const found = request.lookups !== undefined && Object.hasOwn(request.lookups, key) ? request.lookups[key] : undefined;
      if (found === undefined) asked.set(key, query);
      const value = goValueOf(found ?? null);
      return isMap(value) ? value : goMap();
    },
  };
}
