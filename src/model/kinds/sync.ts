import type { Sync } from "../generated/capstan-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { shortRevision } from "./application.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, healthy, progressing } from "./_health.ts";

export type { Sync } from "../generated/capstan-v1.ts";

/** Sync, `capstan.dev/v1`: the record of one sync, for good. */
export const SyncKind: Kind<Sync> = {
  group: "capstan.dev", version: "v1", kind: "Sync", plural: "syncs", singular: "sync", shortNames: [], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Sync", hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Application", ({ spec }) => spec.application),
    textColumn("Trigger", ({ spec }) => spec.trigger),
    textColumn("Revision", ({ spec }) => shortRevision(spec.revision)),
    textColumn("Phase", ({ status }) => status.phase),
    ageColumn,
  ],
  selectableFields: { "spec.application": ({ spec }) => spec.application, "status.phase": ({ status }) => status.phase ?? "" },
  immutable: ["spec"],
  health: assessSync,
};

function assessSync({ status }: Sync): Health {
  const message = status.message ?? "";
  switch (status.phase) {
    case "Succeeded": return healthy;
    case "Superseded": return { status: "Healthy", message: message === "" ? "Superseded by a newer sync" : message };
    case "Failed": return degraded(message);
    case "Pending":
    case "Running":
    case undefined:
  }
  return progressing(message);
}
