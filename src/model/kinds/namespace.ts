import type { Namespace } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Namespace } from "../generated/core-v1.ts";

/** Namespace, `v1`. */
export const NamespaceKind: Kind<Namespace> = {
  group: "", version: "v1", kind: "Namespace", plural: "namespaces", singular: "namespace", shortNames: ["ns"], categories: [],
  namespaced: false, message: "core/v1.Namespace", hasStatus: true,
  columns: [],
  selectableFields: {},
};
