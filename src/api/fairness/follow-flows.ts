import type { FlowSchema, PriorityLevelConfiguration } from "../../model/generated/flowcontrol-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { FlowSchemaKind, PriorityLevelConfigurationKind } from "../../model/kinds/flowcontrol.ts";
import type { ApiObject } from "../../model/object.ts";
import { StoreError } from "../../store/store.ts";
import type { Store } from "../../store/store.ts";
import type { World } from "../../world/world.ts";
import { decodeObject } from "../encode.ts";
import { prefixOf } from "../keys.ts";
import { isOfKind } from "../shape.ts";
import type { Fairness, FlowObjects } from "./fairness.ts";

/** Pause before the store is followed again after a failure. */
const retryMs = 1_000;

/** The schemas and levels in the store. Those being deleted count until they have gone. */
export function readFlows(store: Store): FlowObjects {
  return { schemas: readAll<FlowSchema>(store, FlowSchemaKind), levels: readAll<PriorityLevelConfiguration>(store, PriorityLevelConfigurationKind) };
}

function readAll<T extends ApiObject>(store: Store, kind: Kind<T>): readonly T[] {
  return store.list(prefixOf(kind)).entries.map(({ value, revision }) => decodeObject(value, revision)).filter((object): object is T => isOfKind(kind, object));
}

/** Keeps fairness true to the store, until the signal aborts. */
export async function followFlows(fairness: Fairness, store: Store, { world, signal }: { readonly world: Pick<World, "clock" | "log">; readonly signal: AbortSignal }): Promise<void> {
  await Promise.all([FlowSchemaKind, PriorityLevelConfigurationKind].map(async (kind: Kind) => {
    while (!signal.aborted) {
      try {
        const { revision } = store;
        fairness.take(readFlows(store));
        for await (const _changes of store.watch(prefixOf(kind), revision, signal)) fairness.take(readFlows(store));
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StoreError && (error.code === "slow" || error.code === "compacted")) continue;
        world.log.warn("a watch for request limits broke off", { error });
        await world.clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }));
}
