import { isPercent, scaledValue } from "../../value/int-or-string.ts";
import { findCondition } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { Deployment, RollingUpdateDeployment } from "../generated/apps-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import { checkWorkload, containerImages, containerNames, selectorText } from "./_workload.ts";
import { warnOfPodsName, warnOfTemplate } from "./_workload-warnings.ts";

export type { Deployment } from "../generated/apps-v1.ts";

/** Deployment, `apps/v1`. */
export const DeploymentKind: Kind<Deployment> = {
  group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment", shortNames: ["deploy"], categories: ["all"],
  namespaced: true, message: "apps/v1.Deployment", hasStatus: true,
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [
    nameColumn,
    textColumn("Ready", ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    countColumn("Up-to-date", "string", ({ status }) => status.updatedReplicas),
    countColumn("Available", "string", ({ status }) => status.availableReplicas),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", ({ spec }) => selectorText(spec.selector, { empty: "", broken: "<invalid>" }), 1),
  ],
  selectableFields: {},
  immutable: ["spec.selector"],
  validate: checkDeployment,
  warn: warnOfTemplate, warnOfName: warnOfPodsName,
  health: assessDeployment,
};

function checkDeployment({ spec }: Deployment): readonly FieldError[] {
  const errors = [
    ...checkWorkload("deployment", spec),
    ...checkNotNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...checkNotNegative("spec.progressDeadlineSeconds", spec.progressDeadlineSeconds),
  ];
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push({ type: "Invalid", path: "spec.progressDeadlineSeconds", value: spec.progressDeadlineSeconds, detail: "must be greater than minReadySeconds" });
  }
  const { strategy } = spec;
  if (strategy?.type === "Recreate" && strategy.rollingUpdate !== undefined) {
    errors.push({ type: "Forbidden", path: "spec.strategy.rollingUpdate", detail: "may not be specified when strategy `type` is 'Recreate'" });
  }
  if (strategy?.type === "RollingUpdate" && strategy.rollingUpdate !== undefined) errors.push(...checkRollingUpdate(strategy.rollingUpdate));
  return errors;
}

function checkRollingUpdate(rolling: RollingUpdateDeployment): readonly FieldError[] {
  const path = "spec.strategy.rollingUpdate";
  const errors = (["maxUnavailable", "maxSurge"] as const).flatMap((field): readonly FieldError[] => {
    const value = rolling[field] ?? 0;
    if (typeof value === "number") return checkNotNegative(`${path}.${field}`, value);
    return isPercent(value) ? [] : [{ type: "Invalid", path: `${path}.${field}`, value, detail: "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')" }];
  });
  if (errors.length > 0) return errors;
  const [unavailable, surge] = [scaledValue(rolling.maxUnavailable ?? 0, 100, "down") ?? 0, scaledValue(rolling.maxSurge ?? 0, 100, "up") ?? 0];
  if (unavailable === 0 && surge === 0) return [{ type: "Invalid", path: `${path}.maxUnavailable`, value: rolling.maxUnavailable ?? 0, detail: "may not be 0 when `maxSurge` is 0" }];
  if (typeof rolling.maxUnavailable === "string" && unavailable > 100) return [{ type: "Invalid", path: `${path}.maxUnavailable`, value: rolling.maxUnavailable, detail: "must not be greater than 100%" }];
  return [];
}

/** The words and the order are Argo CD's. */
function assessDeployment(deployment: Deployment): Health {
  const { metadata, spec, status } = deployment;
  const deletion = deletionHealth(deployment);
  if (deletion !== undefined) return deletion;
  if (spec.paused === true) return { status: "Suspended", message: "Deployment is paused" };
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) return progressing("Waiting for rollout to finish: observed deployment generation less than desired generation");
  if (findCondition(status.conditions, "Progressing")?.reason === "ProgressDeadlineExceeded") return degraded(`Deployment "${metadata.name}" exceeded its progress deadline`);
  const [desired, total, updated, available] = [spec.replicas ?? 1, status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0];
  if (updated < desired) return progressing(`Waiting for rollout to finish: ${updated} out of ${desired} new replicas have been updated...`);
  if (total > updated) return progressing(`Waiting for rollout to finish: ${total - updated} old replicas are pending termination...`);
  if (available < updated) return progressing(`Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`);
  return healthy;
}
