import type { ReplicaSet } from "../generated/apps-v1.ts";
import type { Kind } from "../kind.ts";

export type { ReplicaSet } from "../generated/apps-v1.ts";

/** ReplicaSet, `apps/v1`. */
export const ReplicaSetKind: Kind<ReplicaSet> = {
  group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", singular: "replicaset", shortNames: ["rs"], categories: ["all"],
  namespaced: true, message: "apps/v1.ReplicaSet", hasStatus: true,
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [],
  selectableFields: {},
};
