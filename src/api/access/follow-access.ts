import { StoreError } from "../../store/store.ts";
import type { Store } from "../../store/store.ts";
import type { World } from "../../world/world.ts";
import type { Authorizer } from "../verbs.ts";
import { podPrefix } from "./node-graph.ts";
import { rolePrefix } from "./role-index.ts";

/** Pause before the store is followed again after a failure. */
const retryMs = 1_000;

/** Has the authoriser prepare, and tells it of what others on the same store commit, until the signal aborts; what this process commits it knows at once. */
export async function followAccess(authorizer: Authorizer, store: Store, { world, signal }: { readonly world: Pick<World, "clock" | "log">; readonly signal: AbortSignal }): Promise<void> {
  await Promise.all([authorizer.prepare(), ...[rolePrefix, podPrefix].map((prefix) => followPrefix(prefix, authorizer, store, { world, signal }))]);
}

async function followPrefix(prefix: string, authorizer: Authorizer, store: Store, { world, signal }: { readonly world: Pick<World, "clock" | "log">; readonly signal: AbortSignal }): Promise<void> {
  let after = store.revision;
  while (!signal.aborted) {
    try {
      for await (const batch of store.watch(prefix, after, signal)) {
        authorizer.take(batch.map(({ key }) => key));
        after = batch.at(-1)?.revision ?? after;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof StoreError && (error.code === "compacted" || error.code === "slow")) {
        after = store.revision;
        authorizer.take(store.list(prefix).entries.map(({ key }) => key));
        continue;
      }
      world.log.warn("a watch for the authoriser broke off", { prefix, error });
      await world.clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}
