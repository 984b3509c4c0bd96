import type { ComponentStatus } from "../generated/core-v1.ts";
import { findCondition } from "../conditions.ts";
import { nameColumn, textColumn } from "../columns.ts";
import { kindOf } from "./_kind-of.ts";

export type { ComponentStatus } from "../generated/core-v1.ts";

/** ComponentStatus, `v1`: the old way to ask how the parts of the control plane are. Made when it is asked for, and never kept. */
export const ComponentStatusKind = kindOf<ComponentStatus>({
  apiVersion: "v1", kind: "ComponentStatus", plural: "componentstatuses", namespaced: false, shortNames: ["cs"], verbs: ["get", "list"], isStored: false,
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  columns: [
    nameColumn,
    textColumn("Status", ({ conditions }) => { const { status } = findCondition(conditions, "Healthy") ?? {}; return status === undefined ? "Unknown" : status === "True" ? "Healthy" : "Unhealthy"; }),
    textColumn("Message", ({ conditions }) => findCondition(conditions, "Healthy")?.message),
    textColumn("Error", ({ conditions }) => (conditions ?? []).find(({ type }) => type === "Healthy")?.error),
  ],
});
