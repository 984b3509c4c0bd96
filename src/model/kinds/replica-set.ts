import type { ReplicaSet } from "../generated/apps-v1.ts";
import type { Kind } from "../kind.ts";
import { replicasColumns, replicasHealth, replicasScale } from "./_replicas.ts";
import { checkWorkload, selectorText } from "./_workload.ts";
import { warnOfPodsName, warnOfTemplate } from "./_workload-warnings.ts";

export type { ReplicaSet } from "../generated/apps-v1.ts";

/** ReplicaSet, `apps/v1`. */
export const ReplicaSetKind: Kind<ReplicaSet> = {
  group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", singular: "replicaset", shortNames: ["rs"], categories: ["all"],
  namespaced: true, message: "apps/v1.ReplicaSet", hasStatus: true,
  scale: replicasScale,
  columns: replicasColumns(({ spec }) => selectorText(spec.selector, { empty: "<none>", broken: "<error>" })),
  selectableFields: {},
  immutable: ["spec.selector"],
  validate: ({ spec }) => checkWorkload("replicaset", spec),
  warn: warnOfTemplate, warnOfName: warnOfPodsName,
  health: (set) => replicasHealth(set, "replica set"),
};
