import type { World } from "../world/world.ts";
import type { Store } from "./store.ts";

/** An engine the daemon can keep its cluster in. */
export interface StoreEngine {
  readonly name: string;
  /** True when what was acknowledged is there again after a restart. */
  readonly isDurable: boolean;
  open(options: { readonly directory: string; readonly world: World }): Promise<Store>;
}

/** All engines; loaded when they are opened. */
export const storeEngines: readonly StoreEngine[] = [
  { name: "memory", isDurable: false, open: async () => (await import("./engines/memory.ts")).openMemoryStore() },
  { name: "sqlite", isDurable: true, open: async (options) => (await import("./engines/sqlite.ts")).openSqliteStore(options) },
];
