import type { Kind } from "./kind.ts";
import { apiVersionOf, hasOwnObjects } from "./kind.ts";
import {
  MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind, MutatingWebhookConfigurationKind, ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind, ValidatingWebhookConfigurationKind,
} from "./kinds/admissionregistration.ts";
import { APIServiceKind, CustomResourceDefinitionKind } from "./kinds/api-extensions.ts";
import { ApplicationKind } from "./kinds/application.ts";
import { ArtifactKind } from "./kinds/artifact.ts";
import { HorizontalPodAutoscalerKind, HorizontalPodAutoscalerV1Kind } from "./kinds/autoscaling.ts";
import { CronJobKind, JobKind } from "./kinds/batch.ts";
import { BindingKind } from "./kinds/binding.ts";
import { CertificateSigningRequestKind, ClusterTrustBundleKind, PodCertificateRequestKind } from "./kinds/certificates.ts";
import { ComponentStatusKind } from "./kinds/component-status.ts";
import { ConfigMapKind } from "./kinds/config-map.ts";
import { EndpointsKind, LimitRangeKind, ResourceQuotaKind } from "./kinds/core-limits.ts";
import { ControllerRevisionKind, PodTemplateKind } from "./kinds/core-templates.ts";
import { DaemonSetKind } from "./kinds/daemon-set.ts";
import { DeploymentKind } from "./kinds/deployment.ts";
import { EndpointSliceKind } from "./kinds/endpoint-slice.ts";
import { EventKind } from "./kinds/event.ts";
import { EventsEventKind } from "./kinds/events.ts";
import { FlowSchemaKind, PriorityLevelConfigurationKind } from "./kinds/flowcontrol.ts";
import { LeaseKind } from "./kinds/lease.ts";
import { NamespaceKind } from "./kinds/namespace.ts";
import { IPAddressKind, IngressClassKind, IngressKind, NetworkPolicyKind, ServiceCIDRKind } from "./kinds/networking.ts";
import { NodeKind } from "./kinds/node.ts";
import { PersistentVolumeClaimKind, PersistentVolumeKind } from "./kinds/persistent-volume.ts";
import { PodKind } from "./kinds/pod.ts";
import { PodDisruptionBudgetKind } from "./kinds/policy.ts";
import { ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind } from "./kinds/rbac.ts";
import { LocalSubjectAccessReviewKind, SelfSubjectAccessReviewKind, SelfSubjectReviewKind, SelfSubjectRulesReviewKind, SubjectAccessReviewKind, TokenReviewKind } from "./kinds/reviews.ts";
import { ReplicaSetKind } from "./kinds/replica-set.ts";
import { ReplicationControllerKind } from "./kinds/replication-controller.ts";
import { RepositoryKind } from "./kinds/repository.ts";
import { DeviceClassKind, DeviceTaintRuleKind, ResourceClaimKind, ResourceClaimTemplateKind, ResourceSliceKind } from "./kinds/resource.ts";
import { PriorityClassKind, RuntimeClassKind } from "./kinds/scheduling.ts";
import { SecretKind } from "./kinds/secret.ts";
import { ServiceAccountKind } from "./kinds/service-account.ts";
import { ServiceKind } from "./kinds/service.ts";
import { StatefulSetKind } from "./kinds/stateful-set.ts";
import { CSIDriverKind, CSINodeKind, CSIStorageCapacityKind, StorageClassKind, VolumeAttachmentKind, VolumeAttributesClassKind } from "./kinds/storage.ts";
import { SyncKind } from "./kinds/sync.ts";

/** Every kind the API serves. Adding one = a file in `kinds/`, a line here. */
export const kinds: readonly Kind[] = [
  MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind, MutatingWebhookConfigurationKind, ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind, ValidatingWebhookConfigurationKind,
  APIServiceKind, CustomResourceDefinitionKind,
  ApplicationKind,
  ArtifactKind,
  HorizontalPodAutoscalerKind, HorizontalPodAutoscalerV1Kind,
  BindingKind, CronJobKind, JobKind,
  CertificateSigningRequestKind, ClusterTrustBundleKind, PodCertificateRequestKind,
  ComponentStatusKind,
  ConfigMapKind,
  EndpointsKind, LimitRangeKind, ResourceQuotaKind,
  ControllerRevisionKind, PodTemplateKind, ReplicationControllerKind,
  DaemonSetKind,
  DeploymentKind,
  EndpointSliceKind,
  EventKind,
  EventsEventKind,
  FlowSchemaKind, PriorityLevelConfigurationKind,
  LeaseKind,
  NamespaceKind,
  IPAddressKind, IngressClassKind, IngressKind, NetworkPolicyKind, ServiceCIDRKind,
  NodeKind,
  PersistentVolumeClaimKind, PersistentVolumeKind,
  PodKind,
  PodDisruptionBudgetKind,
  ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind,
  ReplicaSetKind,
  LocalSubjectAccessReviewKind, SelfSubjectAccessReviewKind, SelfSubjectReviewKind, SelfSubjectRulesReviewKind, SubjectAccessReviewKind, TokenReviewKind,
  RepositoryKind,
  DeviceClassKind, DeviceTaintRuleKind, ResourceClaimKind, ResourceClaimTemplateKind, ResourceSliceKind,
  PriorityClassKind, RuntimeClassKind,
  SecretKind,
  ServiceAccountKind,
  ServiceKind,
  StatefulSetKind,
  CSIDriverKind, CSINodeKind, CSIStorageCapacityKind, StorageClassKind, VolumeAttachmentKind, VolumeAttributesClassKind,
  SyncKind,
];

/** The kinds without those that are one more view of another's objects: each object is of exactly one of these. */
export const storedKinds: readonly Kind[] = kinds.filter(hasOwnObjects);

const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind]));

/** The kind of an `apiVersion` and `kind`, or undefined. */
export function findKind(apiVersion: string, kind: string): Kind | undefined {
  return byName.get(`${apiVersion} ${kind}`);
}
