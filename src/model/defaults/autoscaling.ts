import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { withSpec } from "./_parts.ts";

/** Upstream's share of CPU an autoscaler aims at. */
const cpuShare = 80;

const scaleUp: JsonObject = {
  stabilizationWindowSeconds: 0, selectPolicy: "Max",
  policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }],
};
const scaleDown: JsonObject = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };

/** An autoscaler without metrics watches the CPU; a given behaviour is completed. */
export function defaultAutoscaler(autoscaler: JsonObject): JsonObject {
  return withSpec(autoscaler, (spec) => {
    const metrics = Array.isArray(spec.metrics) && spec.metrics.length > 0 ? spec.metrics
      : [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuShare } } }];
    if (!isJsonObject(spec.behavior)) return { ...spec, metrics };
    const rules = (side: "scaleUp" | "scaleDown", usual: JsonObject): JsonObject => {
      const given = isJsonObject(spec.behavior) ? spec.behavior[side] : undefined;
      return { ...usual, ...(isJsonObject(given) ? given : {}) };
    };
    return { ...spec, metrics, behavior: { ...spec.behavior, scaleUp: rules("scaleUp", scaleUp), scaleDown: rules("scaleDown", scaleDown) } };
  });
}

/** The same for the older form, whose other metrics stand in an annotation. */
export function defaultAutoscalerV1(autoscaler: JsonObject): JsonObject {
  const annotations = isJsonObject(autoscaler.metadata) && isJsonObject(autoscaler.metadata.annotations) ? autoscaler.metadata.annotations : {};
  if (annotations["autoscaling.alpha.kubernetes.io/metrics"] !== undefined) return autoscaler;
  return withSpec(autoscaler, (spec) => ({ ...spec, targetCPUUtilizationPercentage: spec.targetCPUUtilizationPercentage ?? cpuShare }));
}
