import type { Kind } from "../model/kind.ts";

/** Kinds whose `metadata.generation` upstream does not count; all others count changes of anything but metadata and status. */
const uncountedKinds: ReadonlySet<string> = new Set([
  "CSINode", "CSIStorageCapacity", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle", "ConfigMap", "ControllerRevision", "Endpoints", "Event",
  "HorizontalPodAutoscaler", "IPAddress", "Lease", "LimitRange", "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim", "ResourceClaim", "ResourceClaimTemplate", "ResourceQuota",
  "Role", "RoleBinding", "RuntimeClass", "Secret", "Service", "ServiceAccount", "ServiceCIDR", "StorageClass", "VolumeAttachment", "VolumeAttributesClass", "APIService",
]);

/** True for kinds with a `metadata.generation`. */
export function isGenerationCounted(kind: Pick<Kind, "kind">): boolean {
  return !uncountedKinds.has(kind.kind);
}
