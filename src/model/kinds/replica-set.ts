import { findCondition } from "../conditions.ts";
import type { ReplicaSet } from "../generated/apps-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import { checkWorkload, containerImages, containerNames, selectorText } from "./_workload.ts";

export type { ReplicaSet } from "../generated/apps-v1.ts";

/** ReplicaSet, `apps/v1`. */
export const ReplicaSetKind: Kind<ReplicaSet> = {
  group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", singular: "replicaset", shortNames: ["rs"], categories: ["all"],
  namespaced: true, message: "apps/v1.ReplicaSet", hasStatus: true,
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [
    nameColumn,
    countColumn("Desired", "integer", ({ spec }) => spec.replicas),
    countColumn("Current", "integer", ({ status }) => status.replicas),
    countColumn("Ready", "integer", ({ status }) => status.readyReplicas),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", ({ spec }) => selectorText(spec.selector, { empty: "<none>", broken: "<error>" }), 1),
  ],
  selectableFields: {},
  immutable: ["spec.selector"],
  validate: ({ spec }) => checkWorkload("replicaset", spec),
  health: assessReplicaSet,
};

function assessReplicaSet(set: ReplicaSet): Health {
  const { metadata, spec, status } = set;
  const deletion = deletionHealth(set);
  if (deletion !== undefined) return deletion;
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) return progressing("Waiting for rollout to finish: observed replica set generation less than desired generation");
  const failure = findCondition(status.conditions, "ReplicaFailure");
  if (failure?.status === "True") return degraded(failure.message ?? "");
  const [desired, available] = [spec.replicas ?? 1, status.availableReplicas ?? 0];
  if (available < desired) return progressing(`Waiting for rollout to finish: ${available} out of ${desired} new replicas are available...`);
  return healthy;
}
