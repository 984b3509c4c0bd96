import { isEqual } from "../../value/equal.ts";
import { checkDnsSubdomain } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from "../generated/storage-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkPresent, checkQuantity, forbidden, invalidEach } from "../checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { createdAtColumns, kindOf, truthColumn } from "./_kind-of.ts";
import { warnOfLabels, warnOfTerm } from "./_old-node-labels.ts";
import { markedName } from "./_marks.ts";

export type { StorageClass } from "../generated/storage-v1.ts";

const apiVersion = "storage.k8s.io/v1";

/** StorageClass, `storage.k8s.io/v1`. */
export const StorageClassKind = kindOf<StorageClass>({
  apiVersion, kind: "StorageClass", plural: "storageclasses", namespaced: false, shortNames: ["sc"],
  columns: [
    markedName("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"),
    textColumn("Provisioner", ({ provisioner }) => provisioner),
    textColumn("ReclaimPolicy", ({ reclaimPolicy }) => reclaimPolicy ?? "Delete"),
    textColumn("VolumeBindingMode", ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate"),
    { name: "AllowVolumeExpansion", type: "string", priority: 0, value: ({ allowVolumeExpansion }) => allowVolumeExpansion === true },
    ageColumn,
  ],
  validate: checkStorageClass,
  warn: ({ allowedTopologies = [] }) => allowedTopologies.flatMap(({ matchLabelExpressions = [] }, index) => matchLabelExpressions.flatMap(({ key }, at) => warnOfLabels([key], (_key, message) => `allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${message}`))),
  immutable: ["volumeBindingMode"],
});

/** CSIDriver, `storage.k8s.io/v1`. */
export const CSIDriverKind = kindOf<CSIDriver>({
  apiVersion, kind: "CSIDriver", plural: "csidrivers", namespaced: false, needsRevision: true,
  columns: [
    nameColumn,
    truthColumn("AttachRequired", ({ spec }) => spec.attachRequired ?? true),
    truthColumn("PodInfoOnMount", ({ spec }) => spec.podInfoOnMount),
    truthColumn("StorageCapacity", ({ spec }) => spec.storageCapacity),
    textColumn("TokenRequests", ({ spec }) => (spec.tokenRequests === undefined ? "<unset>" : spec.tokenRequests.map(({ audience }) => audience).join(","))),
    truthColumn("RequiresRepublish", ({ spec }) => spec.requiresRepublish),
    textColumn("Modes", ({ spec }) => ((spec.volumeLifecycleModes ?? []).length === 0 ? "<none>" : spec.volumeLifecycleModes?.join(","))),
    ageColumn,
  ],
  validate: ({ spec }) => (spec.volumeLifecycleModes ?? []).flatMap((mode, index) => (mode === "Persistent" || mode === "Ephemeral" ? [] : [notSupported(`spec.volumeLifecycleModes[${index}]`, mode, ["Ephemeral", "Persistent"])])),
  immutable: ["spec.attachRequired", "spec.volumeLifecycleModes"],
});

/** CSINode, `storage.k8s.io/v1`. */
export const CSINodeKind = kindOf<CSINode>({
  apiVersion, kind: "CSINode", plural: "csinodes", namespaced: false, needsRevision: true, hasStatus: true,
  columns: [nameColumn, countColumn("Drivers", "integer", ({ spec }) => driversOf(spec).length), ageColumn],
  validate: ({ spec }) => driversOf(spec).flatMap(({ nodeID }, index) => checkPresent(`spec.drivers[${index}].nodeID`, nodeID)),
});

/** CSIStorageCapacity, `storage.k8s.io/v1`. */
export const CSIStorageCapacityKind = kindOf<CSIStorageCapacity>({
  apiVersion, kind: "CSIStorageCapacity", plural: "csistoragecapacities", namespaced: true, needsRevision: true, columns: createdAtColumns,
  validate: ({ storageClassName, capacity }) => [...invalidEach("storageClassName", storageClassName, checkDnsSubdomain(storageClassName)), ...checkQuantity("capacity", capacity)],
  warn: ({ nodeTopology = {} }) => [
    ...warnOfTerm(nodeTopology, "nodeTopology"), ...warnOfLabels(Object.keys(nodeTopology.matchLabels ?? {}), (key, message) => `nodeTopology.matchLabels.${key}: ${message}`),
  ],
  immutable: ["storageClassName", "nodeTopology"],
});

/** VolumeAttachment, `storage.k8s.io/v1`. */
export const VolumeAttachmentKind = kindOf<VolumeAttachment>({
  apiVersion, kind: "VolumeAttachment", plural: "volumeattachments", namespaced: false, needsRevision: true, hasStatus: true,
  columns: [
    nameColumn,
    { name: "Attacher", type: "string", format: "name", priority: 0, value: ({ spec }) => attacherOf(spec) },
    textColumn("PV", ({ spec }) => volumeOf(spec.source)),
    textColumn("Node", ({ spec }) => spec.nodeName),
    truthColumn("Attached", ({ status }) => status.attached),
    ageColumn,
  ],
  validate: ({ spec }) => [...checkPresent("spec.attacher", spec.attacher), ...checkPresent("spec.nodeName", spec.nodeName)],
  immutable: ["spec"],
});

/** VolumeAttributesClass, `storage.k8s.io/v1`. */
export const VolumeAttributesClassKind = kindOf<VolumeAttributesClass>({
  apiVersion, kind: "VolumeAttributesClass", plural: "volumeattributesclasses", namespaced: false, shortNames: ["vac"],
  columns: [nameColumn, textColumn("DriverName", ({ driverName }) => driverName), ageColumn],
  validate: ({ driverName }) => checkPresent("driverName", driverName),
  immutable: ["driverName", "parameters"],
});

function driversOf({ drivers = [] }: Partial<CSINode["spec"]>): CSINode["spec"]["drivers"] {
  return drivers;
}

function attacherOf({ attacher = "" }: Partial<VolumeAttachment["spec"]>): string {
  return attacher;
}

function volumeOf(source: VolumeAttachment["spec"]["source"] | undefined): string | undefined {
  return source?.persistentVolumeName;
}

function checkStorageClass(storageClass: StorageClass, old: StorageClass | undefined): readonly FieldError[] {
  const errors: FieldError[] = [...checkPresent("provisioner", storageClass.provisioner)];
  if (storageClass.reclaimPolicy === "Recycle") errors.push(notSupported("reclaimPolicy", "Recycle", ["Delete", "Retain"]));
  if (old === undefined) return errors;
  const fixed = (["parameters", "provisioner", "reclaimPolicy"] as const).filter((field) => !isEqual(storageClass[field] ?? {}, old[field] ?? {}));
  return [...errors, ...fixed.map((field) => forbidden(field, `updates to ${field} are forbidden.`))];
}
