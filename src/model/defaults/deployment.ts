import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";

/** The rolling update's bounds, when that is the strategy. */
export function defaultDeployment(deployment: JsonObject): JsonObject {
  const spec = deployment.spec;
  if (!isJsonObject(spec) || !isJsonObject(spec.strategy) || spec.strategy.type !== "RollingUpdate") return deployment;
  const given = isJsonObject(spec.strategy.rollingUpdate) ? spec.strategy.rollingUpdate : {};
  const rollingUpdate = { ...given, maxUnavailable: given.maxUnavailable ?? "25%", maxSurge: given.maxSurge ?? "25%" };
  return { ...deployment, spec: { ...spec, strategy: { ...spec.strategy, rollingUpdate } } };
}
