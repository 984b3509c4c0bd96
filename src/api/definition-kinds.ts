import { isEstablished, kindsOfDefinition } from "../model/custom/kinds-of.ts";
import type { Kind } from "../model/kind.ts";
import type { KindTable } from "../model/kind-table.ts";
import { CustomResourceDefinitionKind } from "../model/kinds/api-extensions.ts";
import { StoreError } from "../store/store.ts";
import type { Store, StoreEntry } from "../store/store.ts";
import type { Conversions } from "./conversions.ts";
import { decodeObject } from "./encode.ts";
import { prefixOf } from "./keys.ts";
import { isOfKind } from "./shape.ts";

const prefix = prefixOf(CustomResourceDefinitionKind);

/** Keeps the table of kinds true to the definitions in the store. Only what changed is read anew. */
export class DefinitionKinds {
  readonly #store: Store;
  readonly #table: KindTable;
  readonly #conversions: Conversions;
  #known: ReadonlyMap<string, { readonly revision: number; readonly kinds: readonly Kind[] }> = new Map();

  constructor(store: Store, table: KindTable, conversions: Conversions) {
    this.#conversions = conversions;
    this.#store = store;
    this.#table = table;
  }

  /** Takes what was just written: whoever established a definition finds its kinds served with the next request. */
  take(keys: readonly string[]): void {
    if (keys.some((key) => key.startsWith(prefix))) this.refresh();
  }

  /** Takes the definitions as they are now. */
  refresh(): void {
    const { entries } = this.#store.list(prefix);
    const isSame = entries.length === this.#known.size && entries.every((entry) => this.#known.get(entry.key)?.revision === entry.revision);
    if (isSame) return;
    this.#known = new Map(entries.map((entry) => {
      const known = this.#known.get(entry.key);
      return [entry.key, known?.revision === entry.revision ? known : { revision: entry.revision, kinds: kindsOfEntry(entry, this.#conversions) }] as const;
    }));
    this.#table.replace([...this.#known.values()].flatMap(({ kinds }) => kinds));
  }

  /** Follows definitions that other daemons on the same store write, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { revision } = this.#store;
        this.refresh();
        for await (const _changes of this.#store.watch(prefix, revision, signal)) this.refresh();
        return;
      } catch (error) {
        if (signal.aborted) return;
        // A reader that fell behind looks at everything again.
        if (!(error instanceof StoreError) || (error.code !== "slow" && error.code !== "compacted")) throw error;
      }
    }
  }
}

function kindsOfEntry(entry: StoreEntry, conversions: Conversions): readonly Kind[] {
  const definition = decodeObject(entry.value, entry.revision);
  if (!isOfKind(CustomResourceDefinitionKind, definition) || !isEstablished(definition)) return [];
  return kindsOfDefinition(definition, entry.revision, (object, apiVersion) => conversions.convert({ definition, object, apiVersion }));
}
