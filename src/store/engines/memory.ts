import { GroupedStore } from "../grouped-store.ts";
import type { Store } from "../store.ts";
import { View } from "../view.ts";

/** How a memory store differs from a plain one, for simulations. */
export interface MemoryStoreOptions {
  /** Stands for the disk: called once a batch; a late answer delays the commits of the batch, a rejection stops the store for good. */
  readonly flush?: () => Promise<void>;
}

/** A store that forgets everything at close: for tests and simulations. Uses no clock, no chance and no timer. */
export function openMemoryStore(options: MemoryStoreOptions = {}): Store {
  const flush = options.flush ?? (() => Promise.resolve());
  return new GroupedStore({ view: new View(), writer: { write: flush, hasDeadRecords: false, close: () => Promise.resolve() } });
}
