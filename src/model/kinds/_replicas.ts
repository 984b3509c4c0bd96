import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { findCondition } from "../conditions.ts";
import type { Health } from "../health.ts";
import type { Column, Scale } from "../kind.ts";
import type { ReplicaKeeper } from "../replicas.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import { containerImages, containerNames } from "./_workload.ts";

/** Where `kubectl scale` finds counts and selector. */
export const replicasScale: Scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" };

/** Columns of `kubectl get`, the last with the selector's text. */
export function replicasColumns<T extends ReplicaKeeper>(printSelector: (object: T) => string): readonly Column<T>[] {
  return [
    nameColumn,
    countColumn("Desired", "integer", ({ spec }) => spec.replicas),
    countColumn("Current", "integer", ({ status }) => status.replicas),
    countColumn("Ready", "integer", ({ status }) => status.readyReplicas),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", printSelector, 1),
  ];
}

/**
 * Healthy once as many pods are available as are wished for; Degraded when one could not be made or ended. The rule and the words are Argo CD's for
 * ReplicaSets; it has none for ReplicationControllers, and kstatus judges them by their generation alone, which says nothing of pods.
 */
export function replicasHealth(object: ReplicaKeeper, words: string): Health {
  const { metadata, spec, status } = object;
  const deletion = deletionHealth(object);
  if (deletion !== undefined) return deletion;
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) return progressing(`Waiting for rollout to finish: observed ${words} generation less than desired generation`);
  const failure = findCondition(status.conditions, "ReplicaFailure");
  if (failure?.status === "True") return degraded(failure.message ?? "");
  const [desired, available] = [spec.replicas ?? 1, status.availableReplicas ?? 0];
  return available < desired ? progressing(`Waiting for rollout to finish: ${available} out of ${desired} new replicas are available...`) : healthy;
}
