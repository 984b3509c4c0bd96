import type { JsonObject } from "../../value/json.ts";
import { defaultDeployment } from "./deployment.ts";
import { defaultContainer, defaultImageVolume, defaultPod, defaultVolume } from "./pod.ts";
import { defaultNamespace, defaultService } from "./service.ts";

/** Server defaults with a condition, by message; each answers a changed copy. The conditions are those of `schema/`'s `defaults`. */
export const handDefaults: Readonly<Record<string, (value: JsonObject) => JsonObject>> = {
  "apps/v1.Deployment": defaultDeployment,
  "core/v1.Container": defaultContainer,
  "core/v1.EphemeralContainerCommon": defaultContainer,
  "core/v1.ImageVolumeSource": defaultImageVolume,
  "core/v1.Namespace": defaultNamespace,
  "core/v1.Pod": defaultPod,
  "core/v1.Service": defaultService,
  "core/v1.Volume": defaultVolume,
};
