import type { PodSpec, PodStatus } from "../model/generated/core-v1.ts";

/**
 * The quality of service class, by cpu and memory of all containers.
 *
 * @see kubernetes pkg/apis/core/v1/helper/qos/qos.go
 */
export function qualityOfService(spec: PodSpec): NonNullable<PodStatus["qosClass"]> {
  let isAnySet = false;
  let isEverySet = true;
  for (const { resources } of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const name of ["cpu", "memory"]) {
      const limit = resources?.limits?.[name];
      const request = resources?.requests?.[name] ?? limit;
      if (request !== undefined && request !== "0") isAnySet = true;
      if (limit === undefined || limit === "0" || limit !== request) isEverySet = false;
    }
  }
  if (!isAnySet) return "BestEffort";
  return isEverySet ? "Guaranteed" : "Burstable";
}
