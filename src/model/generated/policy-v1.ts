// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { Condition, DeleteOptions, LabelSelector, ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Eviction extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly deleteOptions?: DeleteOptions;
}

export interface PodDisruptionBudget extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: PodDisruptionBudgetSpec;
  readonly status: PodDisruptionBudgetStatus;
}

export interface PodDisruptionBudgetList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (PodDisruptionBudget)[];
}

export interface PodDisruptionBudgetSpec {
  readonly minAvailable?: number | string;
  readonly selector?: LabelSelector;
  readonly maxUnavailable?: number | string;
  readonly unhealthyPodEvictionPolicy?: "IfHealthyBudget" | "AlwaysAllow";
}

export interface PodDisruptionBudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly disruptionsAllowed?: number;
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly expectedPods?: number;
  readonly conditions?: readonly (Condition)[];
}
