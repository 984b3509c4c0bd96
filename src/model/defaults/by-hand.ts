import type { JsonObject } from "../../value/json.ts";
import { defaultDeployment } from "./deployment.ts";
import { defaultAutoscaler, defaultAutoscalerV1 } from "./autoscaling.ts";
import { defaultContainer, defaultImageVolume, defaultPod, defaultVolume } from "./pod.ts";
import { defaultDefinition, defaultDeviceRequest, defaultIngressClass, defaultLimit, defaultNetworkPolicy, defaultSubject } from "./policies.ts";
import { defaultNamespace, defaultService } from "./service.ts";
import { defaultDaemonSet, defaultJob, defaultReplicationController, defaultStatefulSet } from "./workloads.ts";

/** Server defaults with a condition, by message; each answers a changed copy. The conditions are those of `schema/`'s `defaults`. */
export const handDefaults: Readonly<Record<string, (value: JsonObject) => JsonObject>> = {
  "apiextensions/v1.CustomResourceDefinition": defaultDefinition,
  "apps/v1.DaemonSet": defaultDaemonSet,
  "apps/v1.Deployment": defaultDeployment,
  "apps/v1.StatefulSet": defaultStatefulSet,
  "autoscaling/v1.HorizontalPodAutoscaler": defaultAutoscalerV1,
  "autoscaling/v2.HorizontalPodAutoscaler": defaultAutoscaler,
  "batch/v1.Job": defaultJob,
  "core/v1.Container": defaultContainer,
  "core/v1.EphemeralContainerCommon": defaultContainer,
  "core/v1.ImageVolumeSource": defaultImageVolume,
  "core/v1.LimitRangeItem": defaultLimit,
  "core/v1.Namespace": defaultNamespace,
  "core/v1.Pod": defaultPod,
  "core/v1.ReplicationController": defaultReplicationController,
  "core/v1.Service": defaultService,
  "core/v1.Volume": defaultVolume,
  "networking/v1.IngressClass": defaultIngressClass,
  "networking/v1.NetworkPolicy": defaultNetworkPolicy,
  "rbac/v1.Subject": defaultSubject,
  "resource/v1.DeviceSubRequest": defaultDeviceRequest,
  "resource/v1.ExactDeviceRequest": defaultDeviceRequest,
};
