import type { ControllerRevision } from "../generated/apps-v1.ts";
import type { PodTemplate } from "../generated/core-v1.ts";
import { controllerOf } from "../object.ts";
import { ageColumn, countColumn, labelsText, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { kindOf } from "./_kind-of.ts";
import { warnOfPod } from "./_pod-warnings.ts";
import { checkPodTemplate, containerImages, containerNames } from "./_workload.ts";

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
  warn: ({ template }, old) => (old === undefined ? warnOfPod(template, "template") : []),
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

function printController(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return "<none>";
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
