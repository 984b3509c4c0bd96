import { isEqual } from "../../value/equal.ts";
import { scaledValue } from "../../value/int-or-string.ts";
import type { FieldError } from "../field-error.ts";
import type { DaemonSet } from "../generated/apps-v1.ts";
import type { PodTemplateSpec } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import { invalid, required } from "../checks.ts";
import { ageColumn, countColumn, labelsText, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { kindOf } from "./_kind-of.ts";
import { checkWorkload, containerImages, containerNames, selectorText } from "./_workload.ts";
import { warnOfTemplate } from "./_workload-warnings.ts";

export type { DaemonSet } from "../generated/apps-v1.ts";

/** DaemonSet, `apps/v1`. */
export const DaemonSetKind = kindOf<DaemonSet>({
  apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets", namespaced: true, shortNames: ["ds"], categories: ["all"], hasStatus: true,
  columns: [
    nameColumn,
    countColumn("Desired", "integer", ({ status }) => status.desiredNumberScheduled),
    countColumn("Current", "integer", ({ status }) => status.currentNumberScheduled),
    countColumn("Ready", "integer", ({ status }) => status.numberReady),
    countColumn("Up-to-date", "integer", ({ status }) => status.updatedNumberScheduled),
    countColumn("Available", "integer", ({ status }) => status.numberAvailable),
    textColumn("Node Selector", ({ spec }) => nodeSelectorText(spec.template)),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", ({ spec }) => selectorText(spec.selector, { empty: "<none>", broken: "<error>" }), 1),
  ],
  immutable: ["spec.selector"],
  validate: checkDaemonSet,
  warn: (set, old) => (old !== undefined && isEqual(set.spec.template, old.spec.template) ? [] : warnOfTemplate(set, undefined)),
  health: assessDaemonSet,
});

function nodeSelectorText(template: PodTemplateSpec | undefined): string {
  return labelsText(template?.spec?.nodeSelector);
}

function checkDaemonSet({ spec }: DaemonSet): readonly FieldError[] {
  const errors = [...checkWorkload("daemonset", spec), ...checkNotNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit)];
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (spec.updateStrategy?.type !== "RollingUpdate" || rolling === undefined) return errors;
  const path = "spec.updateStrategy.rollingUpdate";
  const [unavailable, surge] = [scaledValue(rolling.maxUnavailable ?? 0, 100, "up") ?? 0, scaledValue(rolling.maxSurge ?? 0, 100, "up") ?? 0];
  if (unavailable === 0 && surge === 0) errors.push(required(`${path}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  if (unavailable !== 0 && surge !== 0) errors.push(invalid(`${path}.maxSurge`, rolling.maxSurge, "may not be set when maxUnavailable is non-zero"));
  return errors;
}

/** The words and the order are Argo CD's. */
function assessDaemonSet(set: DaemonSet): Health {
  const { metadata, spec, status } = set;
  const deletion = deletionHealth(set);
  if (deletion !== undefined) return deletion;
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) return progressing("Waiting for rollout to finish: observed daemon set generation less than desired generation");
  const [updated, desired, available] = [status.updatedNumberScheduled ?? 0, status.desiredNumberScheduled, status.numberAvailable ?? 0];
  if (spec.updateStrategy?.type === "OnDelete") return { status: "Healthy", message: `daemon set ${updated} out of ${desired} new pods have been updated` };
  if (updated < desired) return progressing(`Waiting for daemon set "${metadata.name}" rollout to finish: ${updated} out of ${desired} new pods have been updated...`);
  if (available < desired) return progressing(`Waiting for daemon set "${metadata.name}" rollout to finish: ${available} of ${desired} updated pods are available...`);
  return healthy;
}
