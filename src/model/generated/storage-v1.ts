// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { PersistentVolumeSpec, TopologySelectorTerm } from "./core-v1.ts";
import type { LabelSelector, ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface CSIDriver extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: CSIDriverSpec;
}

export interface CSIDriverList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (CSIDriver)[];
}

export interface CSIDriverSpec {
  readonly attachRequired?: boolean;
  readonly podInfoOnMount?: boolean;
  readonly volumeLifecycleModes?: readonly (string)[];
  readonly storageCapacity?: boolean;
  readonly fsGroupPolicy?: string;
  readonly tokenRequests?: readonly (TokenRequest)[];
  readonly requiresRepublish?: boolean;
  readonly seLinuxMount?: boolean;
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  readonly serviceAccountTokenInSecrets?: boolean;
  readonly preventPodSchedulingIfMissing?: boolean;
}

export interface CSINode extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: CSINodeSpec;
  readonly status: CSINodeStatus;
}

export interface CSINodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys?: readonly (string)[];
  readonly allocatable?: VolumeNodeResources;
}

export interface CSINodeList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (CSINode)[];
}

export interface CSINodeSpec {
  readonly drivers: readonly (CSINodeDriver)[];
}

export interface CSINodeStatus {
  readonly storageHealth?: readonly (StorageHealth)[];
}

export interface CSIStorageCapacity extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly nodeTopology?: LabelSelector;
  readonly storageClassName: string;
  readonly capacity?: string;
  readonly maximumVolumeSize?: string;
}

export interface CSIStorageCapacityList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (CSIStorageCapacity)[];
}

export interface StorageClass extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly provisioner: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly reclaimPolicy?: "Recycle" | "Delete" | "Retain";
  readonly mountOptions?: readonly (string)[];
  readonly allowVolumeExpansion?: boolean;
  readonly volumeBindingMode?: "Immediate" | "WaitForFirstConsumer";
  readonly allowedTopologies?: readonly (TopologySelectorTerm)[];
}

export interface StorageClassList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (StorageClass)[];
}

export interface StorageHealth {
  readonly name: string;
  readonly healthConditions?: readonly (StorageHealthCondition)[];
}

export interface StorageHealthCondition {
  readonly status: "StorageUnreachable" | "StorageDegraded";
  readonly reason: string;
  readonly message?: string;
  readonly accessMode?: "ReadWriteOnce" | "ReadOnlyMany" | "ReadWriteMany" | "ReadWriteOncePod";
  readonly volumeMode?: "Block" | "Filesystem";
  readonly lastTransitionTime?: string;
}

export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number;
}

export interface VolumeAttachment extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: VolumeAttachmentSpec;
  readonly status: VolumeAttachmentStatus;
}

export interface VolumeAttachmentList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (VolumeAttachment)[];
}

export interface VolumeAttachmentSource {
  readonly persistentVolumeName?: string;
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
}

export interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly source: VolumeAttachmentSource;
  readonly nodeName: string;
}

export interface VolumeAttachmentStatus {
  readonly attached: boolean;
  readonly attachmentMetadata?: Readonly<Record<string, string>>;
  readonly attachError?: VolumeError;
  readonly detachError?: VolumeError;
}

export interface VolumeAttributesClass extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly driverName: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface VolumeAttributesClassList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (VolumeAttributesClass)[];
}

export interface VolumeError {
  readonly time?: string;
  readonly message?: string;
  readonly errorCode?: number;
}

export interface VolumeNodeResources {
  readonly count?: number;
}
