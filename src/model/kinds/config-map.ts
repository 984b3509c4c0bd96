import type { ConfigMap } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { ConfigMap } from "../generated/core-v1.ts";

/** ConfigMap, `v1`. */
export const ConfigMapKind: Kind<ConfigMap> = {
  group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", singular: "configmap", shortNames: ["cm"], categories: [],
  namespaced: true, message: "core/v1.ConfigMap", hasStatus: false,
  columns: [],
  selectableFields: {},
};
