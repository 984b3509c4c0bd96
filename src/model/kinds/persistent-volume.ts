import { isEqual } from "../../value/equal.ts";
import { checkDnsSubdomain } from "../../value/names.ts";
import { isQuantity, parseQuantity } from "../../value/quantity.ts";
import { fieldsOf } from "../schema.ts";
import type { FieldError } from "../field-error.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import { checkLabelSelector, checkQuantities, forbidden, invalid, invalidEach, required } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";
import { kindOf } from "./_kind-of.ts";
import { warnOfTerm } from "./_old-node-labels.ts";
import { warnOfSource } from "./_volume-warnings.ts";
import { warnOfClaim } from "./_workload-warnings.ts";

export type { PersistentVolume, PersistentVolumeClaim } from "../generated/core-v1.ts";

/** PersistentVolume, `v1`. */
export const PersistentVolumeKind = kindOf<PersistentVolume>({
  apiVersion: "v1", kind: "PersistentVolume", plural: "persistentvolumes", namespaced: false, shortNames: ["pv"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Capacity", ({ spec }) => spec.capacity?.["storage"] ?? "0"),
    textColumn("Access Modes", ({ spec }) => modesText(spec.accessModes)),
    textColumn("Reclaim Policy", ({ spec }) => spec.persistentVolumeReclaimPolicy),
    textColumn("Status", phaseText),
    textColumn("Claim", ({ spec: { claimRef } }) => (claimRef === undefined ? "" : `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`)),
    textColumn("StorageClass", classText),
    textColumn("VolumeAttributesClass", ({ spec }) => spec.volumeAttributesClassName ?? "<unset>"),
    textColumn("Reason", ({ status }) => status.reason),
    ageColumn,
    textColumn("VolumeMode", ({ spec }) => spec.volumeMode ?? "<unset>", 1),
  ],
  validate: checkVolume,
  warn: warnOfVolume,
  immutable: ["spec.volumeMode"],
});

/** PersistentVolumeClaim, `v1`. */
export const PersistentVolumeClaimKind = kindOf<PersistentVolumeClaim>({
  apiVersion: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", namespaced: true, shortNames: ["pvc"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Status", phaseText),
    textColumn("Volume", ({ spec }) => spec.volumeName),
    textColumn("Capacity", ({ spec, status }) => (isBound(spec) ? status.capacity?.["storage"] ?? "0" : "")),
    textColumn("Access Modes", ({ spec, status }) => (isBound(spec) ? modesText(status.accessModes) : "")),
    textColumn("StorageClass", classText),
    textColumn("VolumeAttributesClass", ({ spec }) => spec.volumeAttributesClassName ?? "<unset>"),
    ageColumn,
    textColumn("VolumeMode", ({ spec }) => spec.volumeMode ?? "<unset>", 1),
  ],
  validate: checkClaim,
  warn: ({ metadata, spec }) => [...warnOfAnnotations(metadata, { [classAnnotation]: classMessage }), ...warnOfClaim(spec, "spec")],
  health: assessClaim,
});

const classAnnotation = "volume.beta.kubernetes.io/storage-class";
const classMessage = 'deprecated since v1.8; use "storageClassName" attribute instead';
const oldAnnotations = { [classAnnotation]: classMessage, "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead' };

function warnOfAnnotations({ annotations = {} }: ObjectMeta, old: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(old).flatMap(([key, message]) => (annotations[key] === undefined ? [] : [`metadata.annotations[${key}]: ${message}`]));
}

function warnOfVolume({ metadata, spec }: PersistentVolume): readonly string[] {
  return [
    ...warnOfAnnotations(metadata, oldAnnotations),
    ...(spec.persistentVolumeReclaimPolicy === "Recycle" ? ["spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."] : []),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) => warnOfTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`)),
    ...warnOfSource(spec, "spec"),
  ];
}

const modeWords: readonly (readonly [string, string])[] = [["ReadWriteOnce", "RWO"], ["ReadOnlyMany", "ROX"], ["ReadWriteMany", "RWX"], ["ReadWriteOncePod", "RWOP"]];

function modesText(modes: readonly string[] = []): string {
  return modeWords.filter(([mode]) => modes.includes(mode)).map(([, word]) => word).join(",");
}

function phaseText({ metadata, status }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.deletionTimestamp === undefined ? status.phase ?? "" : "Terminating";
}

function classText({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? "";
}

function isBound({ volumeName }: PersistentVolumeClaim["spec"]): boolean {
  return volumeName !== undefined && volumeName !== "";
}

/** Names of what a volume may be made of. */
function sourceOf(spec: object): Readonly<Record<string, unknown>> {
  const sources = fieldsOf("core/v1.PersistentVolumeSource");
  return Object.fromEntries(Object.entries(spec).filter(([field, value]) => sources.has(field) && value !== undefined));
}

function checkVolume({ spec }: PersistentVolume, old: PersistentVolume | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.accessModes ?? []).length === 0) errors.push(required("spec.accessModes"));
  if (spec.capacity?.["storage"] === undefined) errors.push(required("spec.capacity"));
  errors.push(...checkQuantities("spec.capacity", spec.capacity));
  const [first, ...more] = Object.keys(sourceOf(spec));
  if (first === undefined) errors.push(required("spec", "must specify a volume type"));
  for (const source of more) errors.push(forbidden(`spec.${source}`, "may not specify more than 1 volume type"));
  if (old !== undefined && !isEqual(sourceOf(spec), sourceOf(old.spec))) errors.push(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
  return errors;
}

function checkClaim({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim | undefined): readonly FieldError[] {
  const errors: FieldError[] = [...checkLabelSelector("spec.selector", spec.selector ?? {})];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required("spec.accessModes", "at least 1 access mode is required"));
  if (modes.length > 1 && modes.includes("ReadWriteOncePod")) errors.push(forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
  const storage = spec.resources?.requests?.["storage"];
  if (storage === undefined) errors.push(required("spec.resources[storage]"));
  else if (!isQuantity(storage) || parseQuantity(storage).nanos <= 0n) errors.push(invalid("spec.resources.requests[storage]", storage, "must be greater than zero"));
  if ((spec.storageClassName ?? "") !== "") errors.push(...invalidEach("spec.storageClassName", spec.storageClassName, checkDnsSubdomain(spec.storageClassName ?? "")));
  if (spec.dataSource !== undefined && (spec.dataSource.apiGroup ?? "") === "" && spec.dataSource.kind !== "PersistentVolumeClaim") errors.push(invalid("spec.dataSource", spec.dataSource.kind, ""));
  return old === undefined ? errors : [...errors, ...checkClaimUpdate(spec, old.spec)];
}

/** Requests of a bound claim may grow, a free claim may be bound, and a class may be filled in; everything else stays. */
function checkClaimUpdate(spec: PersistentVolumeClaim["spec"], old: PersistentVolumeClaim["spec"]): readonly FieldError[] {
  const keeps = (claim: PersistentVolumeClaim["spec"]): object => {
    const { volumeName, storageClassName, volumeAttributesClassName: _attributes, resources: _resources, ...rest } = claim;
    return { ...rest, volumeName: isBound(old) ? volumeName : undefined, storageClassName: old.storageClassName === undefined ? undefined : storageClassName };
  };
  const mayGrow = isBound(old) || isEqual(spec.resources, old.resources);
  if (isEqual(keeps(spec), keeps(old)) && mayGrow) return [];
  return [forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")];
}

function assessClaim(claim: PersistentVolumeClaim): Health {
  const deletion = deletionHealth(claim);
  if (deletion !== undefined) return deletion;
  if (claim.status.phase === "Bound") return healthy;
  return claim.status.phase === "Lost" ? degraded("") : progressing("");
}
