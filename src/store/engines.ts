import type { World } from "../world/world.ts";
import type { SealOptions } from "./sqlite/seal.ts";
import type { Store } from "./store.ts";

/** An engine the daemon can keep its cluster in. */
export interface StoreEngine {
  readonly name: string;
  /** What people read of it at the start. */
  readonly description: string;
  /** True when what was acknowledged is there again after a restart. */
  readonly isDurable: boolean;
  open(options: { readonly directory: string; readonly world: Pick<World, "clock" | "log">; readonly seal?: SealOptions }): Promise<Store>;
}

/** The engine of a daemon of its own: nothing else has to run. */
export const embeddedEngine: StoreEngine = {
  name: "sqlite", description: "SQLite store", isDurable: true,
  open: async (options) => (await import("./engines/sqlite.ts")).openSqliteStore(options),
};

const memoryEngine: StoreEngine = {
  name: "memory", description: "store in memory", isDurable: false,
  open: async () => (await import("./engines/memory.ts")).openMemoryStore(),
};

/** All engines; loaded when they are opened. */
export const storeEngines: readonly StoreEngine[] = [memoryEngine, embeddedEngine];
