import { isEqual } from "../../value/equal.ts";
import type { FieldError } from "../field-error.ts";
import type { StatefulSet, StatefulSetSpec } from "../generated/apps-v1.ts";
import type { PodTemplateSpec } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import { forbidden } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { kindOf } from "./_kind-of.ts";
import { checkWorkload, containerImages, containerNames } from "./_workload.ts";
import { warnOfClaim, warnOfTemplate } from "./_workload-warnings.ts";

export type { StatefulSet } from "../generated/apps-v1.ts";

/** StatefulSet, `apps/v1`. */
export const StatefulSetKind = kindOf<StatefulSet>({
  apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets", namespaced: true, shortNames: ["sts"], categories: ["all"], hasStatus: true,
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [
    nameColumn,
    textColumn("Ready", ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    ageColumn,
    textColumn("Containers", ({ spec }) => containerNames(spec.template), 1),
    textColumn("Images", ({ spec }) => containerImages(spec.template), 1),
  ],
  validate: checkStatefulSet,
  warn: (set, old) => [...warnOfTemplate(set, old), ...(set.spec.volumeClaimTemplates ?? []).flatMap(({ spec }, index) => warnOfClaim(spec, `spec.volumeClaimTemplates[${index}]`))],
  health: assessStatefulSet,
});

/** What an update may change. */
const changeable: ReadonlySet<string> = new Set(["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"]);

const changeRefusal = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function checkStatefulSet({ spec }: StatefulSet, old: StatefulSet | undefined): readonly FieldError[] {
  const errors = [
    ...checkWorkload("statefulset", { ...spec, ...(spec.template === undefined ? {} : { template: withClaims(spec.template, spec) }) }),
    ...checkNotNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...checkNotNegative("spec.ordinals.start", spec.ordinals?.start),
    ...checkNotNegative("spec.updateStrategy.rollingUpdate.partition", spec.updateStrategy?.rollingUpdate?.partition),
  ];
  if (spec.updateStrategy?.type === "OnDelete" && spec.updateStrategy.rollingUpdate !== undefined) {
    errors.push({ type: "Invalid", path: "spec.updateStrategy.rollingUpdate", value: spec.updateStrategy.rollingUpdate, detail: 'only allowed for updateStrategy \'RollingUpdate\'' });
  }
  if (old !== undefined && !isEqual(fixedPartOf(spec), fixedPartOf(old.spec))) errors.push(forbidden("spec", changeRefusal));
  return errors;
}

/** The template with the volumes its pods will have: one of each claim's name, which containers may mount. */
function withClaims(template: PodTemplateSpec, { volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (template.spec === undefined) return template;
  const { volumes = [] } = template.spec;
  const known = new Set(volumes.map(({ name }) => name));
  const claims = volumeClaimTemplates.flatMap(({ metadata }) => (metadata?.name === undefined || known.has(metadata.name) ? [] : [{ name: metadata.name, persistentVolumeClaim: { claimName: metadata.name } }]));
  return claims.length === 0 ? template : { ...template, spec: { ...template.spec, volumes: [...volumes, ...claims] } };
}

function fixedPartOf(spec: StatefulSetSpec): object {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.has(field)));
}

/** The words and the order are Argo CD's. */
function assessStatefulSet(set: StatefulSet): Health {
  const { metadata, spec, status } = set;
  const deletion = deletionHealth(set);
  if (deletion !== undefined) return deletion;
  if (status.observedGeneration === undefined || (metadata.generation ?? 0) > status.observedGeneration) return progressing("Waiting for statefulset spec update to be observed...");
  const desired = spec.replicas ?? 1;
  if ((status.readyReplicas ?? 0) < desired) return progressing(`Waiting for ${desired - (status.readyReplicas ?? 0)} pods to be ready...`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (spec.updateStrategy?.type === "RollingUpdate" && partition > 0) {
    const updated = status.updatedReplicas ?? 0;
    if (updated < desired - partition) return progressing(`Waiting for partitioned roll out to finish: ${updated} out of ${desired - partition} new pods have been updated...`);
    return { status: "Healthy", message: `partitioned roll out complete: ${updated} new pods have been updated...` };
  }
  if (spec.updateStrategy?.type === "OnDelete") return { status: "Healthy", message: `statefulset has ${status.readyReplicas ?? 0} ready pods` };
  if (status.updateRevision !== status.currentRevision) return progressing(`waiting for statefulset rolling update to complete ${status.updatedReplicas ?? 0} pods at revision ${status.updateRevision ?? ""}...`);
  return healthy;
}
