import type { RemoteClient } from "../../src/api/http/remote-client.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { isReady } from "./application.ts";

/** Every event of a namespace's pods, from one moment on. */
export interface RolloutWatch {
  /** Fewest pods that were ready and not on their way out after any event. */
  readonly fewest: () => number;
  readonly events: () => number;
  end(): Promise<void>;
}

/** Begins to watch; what is there now counts as the first look. */
export async function watchRollout(client: RemoteClient, namespace: string): Promise<RolloutWatch> {
  const { items, resourceVersion } = await client.list(PodKind, { namespace });
  const ready = new Set(items.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).map((pod) => pod.metadata.uid));
  let fewest = ready.size;
  let events = 0;
  const abort = new AbortController();
  const watching = (async () => {
    for await (const event of client.watch(PodKind, { namespace, resourceVersion }, abort.signal)) {
      if (event.type === "BOOKMARK") continue;
      events++;
      const pod = event.object;
      if (event.type !== "DELETED" && isReady(pod) && pod.metadata.deletionTimestamp === undefined) ready.add(pod.metadata.uid);
      else ready.delete(pod.metadata.uid);
      fewest = Math.min(fewest, ready.size);
    }
  })();
  return { fewest: () => fewest, events: () => events, async end() { abort.abort(); await watching; } };
}
