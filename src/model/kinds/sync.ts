import type { Sync } from "../generated/capstan-v1.ts";
import type { Kind } from "../kind.ts";

export type { Sync } from "../generated/capstan-v1.ts";

/** Sync, `capstan.dev/v1`. */
export const SyncKind: Kind<Sync> = {
  group: "capstan.dev", version: "v1", kind: "Sync", plural: "syncs", singular: "sync", shortNames: [], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Sync", hasStatus: true,
  columns: [],
  selectableFields: {},
};
