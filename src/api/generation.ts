import type { Kind } from "../model/kind.ts";
import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { metadataOf, withMembers } from "./shape.ts";

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

/** The field of a spec whose change is not counted: a pod is given its node by its binding. @see kubernetes pkg/registry/core/pod/storage/storage.go assignPod */
const uncountedFields: Readonly<Record<string, string>> = { Pod: "nodeName" };

/** Kinds whose labels count, too: those of a slice say whose it is. @see kubernetes pkg/registry/discovery/endpointslice/strategy.go PrepareForUpdate */
const labelledKinds: ReadonlySet<string> = new Set(["EndpointSlice"]);

/** True when an object differs from what it was in what its generation counts: anything but metadata and status. */
export function isNewGeneration(kind: Pick<Kind, "kind">, object: JsonObject, old: JsonObject): boolean {
  if (!isGenerationCounted(kind)) return false;
  return !isEqual(countedOf(kind, object), countedOf(kind, old)) || (labelledKinds.has(kind.kind) && !isEqual(metadataOf(object)["labels"], metadataOf(old)["labels"]));
}

function countedOf({ kind }: Pick<Kind, "kind">, object: JsonObject): Json {
  const field = uncountedFields[kind];
  const { spec } = object;
  return withMembers(object, { metadata: undefined, status: undefined, ...(field !== undefined && isJsonObject(spec) ? { spec: withMembers(spec, { [field]: undefined }) } : {}) });
}
