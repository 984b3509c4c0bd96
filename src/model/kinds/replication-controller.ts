import { invalid, required } from "../checks.ts";
import { labelsText } from "../columns.ts";
import type { FieldError } from "../field-error.ts";
import type { ReplicationController } from "../generated/core-v1.ts";
import { checkNotNegative } from "./_counts.ts";
import { kindOf } from "./_kind-of.ts";
import { replicasColumns, replicasHealth, replicasScale } from "./_replicas.ts";
import { checkLastingTemplate } from "./_workload.ts";
import { warnOfPodsName, warnOfTemplate } from "./_workload-warnings.ts";

export type { ReplicationController } from "../generated/core-v1.ts";

/** ReplicationController, `v1`: what ReplicaSets were before. */
export const ReplicationControllerKind = kindOf<ReplicationController>({
  apiVersion: "v1", kind: "ReplicationController", plural: "replicationcontrollers", namespaced: true, shortNames: ["rc"], categories: ["all"], hasStatus: true,
  defaultPropagation: { policy: "Orphan" },
  scale: replicasScale,
  columns: replicasColumns(({ spec }) => labelsText(spec.selector)),
  selectableFields: { "status.replicas": ({ status }) => String(replicasOf(status)) },
  prepare: (controller, old) => (old === undefined && controller.spec.replicas === undefined ? { ...controller, spec: { ...controller.spec, replicas: 1 } } : controller),
  validate: checkController,
  warn: warnOfTemplate, warnOfName: warnOfPodsName,
  health: (controller) => replicasHealth(controller, "replication controller"),
});

function replicasOf(status: Partial<ReplicationController["status"]>): number {
  return status.replicas ?? 0;
}

function checkController({ spec }: ReplicationController): readonly FieldError[] {
  const errors = [...checkNotNegative("spec.replicas", spec.replicas), ...checkNotNegative("spec.minReadySeconds", spec.minReadySeconds)];
  const selector = Object.entries(spec.selector ?? {});
  if (selector.length === 0) errors.push(required("spec.selector"));
  if (spec.template === undefined) return [...errors, required("spec.template")];
  const labels = spec.template.metadata?.labels ?? {};
  if (!selector.every(([key, value]) => labels[key] === value)) errors.push(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  return [...errors, ...checkLastingTemplate(spec.template, "ReplicationController")];
}
