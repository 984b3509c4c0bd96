import type { FieldError } from "../field-error.ts";
import type { ControllerRevision } from "../generated/apps-v1.ts";
import type { PodTemplate, ReplicationController } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import { controllerOf } from "../object.ts";
import { invalid, required } from "../checks.ts";
import { ageColumn, countColumn, labelsText, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { kindOf } from "./_kind-of.ts";
import { checkLastingTemplate, checkPodTemplate, containerImages, containerNames } from "./_workload.ts";

/** ReplicationController, `v1`: what ReplicaSets were before. */
export const ReplicationControllerKind = kindOf<ReplicationController>({
  apiVersion: "v1", kind: "ReplicationController", plural: "replicationcontrollers", namespaced: true, shortNames: ["rc"], categories: ["all"], hasStatus: true,
  defaultPropagation: { policy: "Orphan" },
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [
    nameColumn,
    countColumn("Desired", "integer", ({ spec }) => spec.replicas),
    countColumn("Current", "integer", ({ status }) => status.replicas),
    countColumn("Ready", "integer", ({ status }) => status.readyReplicas),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
    textColumn("Selector", ({ spec }) => labelsText(spec.selector), 1),
  ],
  selectableFields: { "status.replicas": ({ status }) => String(replicasOf(status)) },
  prepare: (controller, old) => (old === undefined && controller.spec.replicas === undefined ? { ...controller, spec: { ...controller.spec, replicas: 1 } } : controller),
  validate: checkController,
  health: assessController,
});

/** PodTemplate, `v1`. */
export const PodTemplateKind = kindOf<PodTemplate>({
  apiVersion: "v1", kind: "PodTemplate", plural: "podtemplates", namespaced: true,
  columns: [
    nameColumn,
    textColumn("Containers", ({ template }) => containerNames(template)),
    textColumn("Images", ({ template }) => containerImages(template)),
    textColumn("Pod Labels", ({ template }) => labelsText(template.metadata?.labels)),
  ],
  validate: ({ template }) => checkPodTemplate(template, "template"),
});

/** ControllerRevision, `apps/v1`: what a StatefulSet or DaemonSet once was. */
export const ControllerRevisionKind = kindOf<ControllerRevision>({
  apiVersion: "apps/v1", kind: "ControllerRevision", plural: "controllerrevisions", namespaced: true,
  columns: [
    nameColumn,
    textColumn("Controller", printController),
    countColumn("Revision", "string", ({ revision }) => revision),
    ageColumn,
  ],
  validate: ({ revision }) => checkNotNegative("revision", revision),
  immutable: ["data"],
});

function replicasOf(status: Partial<ReplicationController["status"]>): number {
  return status.replicas ?? 0;
}

function printController(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return "<none>";
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

function checkController({ spec }: ReplicationController): readonly FieldError[] {
  const errors = [...checkNotNegative("spec.replicas", spec.replicas), ...checkNotNegative("spec.minReadySeconds", spec.minReadySeconds)];
  const selector = Object.entries(spec.selector ?? {});
  if (selector.length === 0) errors.push(required("spec.selector"));
  if (spec.template === undefined) return [...errors, required("spec.template")];
  const labels = spec.template.metadata?.labels ?? {};
  if (!selector.every(([key, value]) => labels[key] === value)) errors.push(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  return [...errors, ...checkLastingTemplate(spec.template)];
}

function assessController(controller: ReplicationController): Health {
  const deletion = deletionHealth(controller);
  if (deletion !== undefined) return deletion;
  const { spec, status } = controller;
  const [desired, available] = [spec.replicas ?? 1, status.availableReplicas ?? 0];
  return available < desired ? progressing(`Waiting for rollout to finish: ${available} out of ${desired} new replicas are available...`) : healthy;
}
