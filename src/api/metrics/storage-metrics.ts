import type { ServedKinds } from "../../model/kind-table.ts";
import { resourceName } from "../../model/kind.ts";
import type { Store } from "../../store/store.ts";
import { prefixOf } from "../keys.ts";
import type { Family } from "./families.ts";

/** What the store holds, in numbers. Counting a kind reads none of its objects. */
export function storageFamilies(store: Store, kinds: ServedKinds): readonly Family[] {
  return [
    {
      name: "apiserver_storage_objects", help: "Objects in the store, by kind.", type: "gauge",
      read: () => kinds.stored.map((kind) => {
        const { entries, remaining } = store.list(prefixOf(kind), { limit: 1 });
        return { labels: { resource: resourceName(kind) }, value: entries.length + remaining };
      }),
    },
    { name: "capstan_store_revision", help: "Revision of the newest committed transaction.", type: "counter", read: () => store.revision },
    { name: "capstan_store_compacted_revision", help: "Changes up to this revision can no longer be watched.", type: "counter", read: () => store.compactedRevision },
    ...(store.historyBytes === undefined ? [] : [{ name: "capstan_store_history_bytes", help: "Memory of the changes that can still be watched.", type: "gauge", read: () => store.historyBytes ?? 0 } as const]),
  ];
}
