import type { Pod } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Pod } from "../generated/core-v1.ts";

/** Pod, `v1`. */
export const PodKind: Kind<Pod> = {
  group: "", version: "v1", kind: "Pod", plural: "pods", singular: "pod", shortNames: ["po"], categories: ["all"],
  namespaced: true, message: "core/v1.Pod", hasStatus: true,
  columns: [],
  selectableFields: {},
};
