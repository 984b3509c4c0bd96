import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { withSpec } from "./_parts.ts";

/** The bounds of a DaemonSet's rolling update, when that is the strategy. */
export function defaultDaemonSet(set: JsonObject): JsonObject {
  return withSpec(set, (spec) => {
    if (!isJsonObject(spec.updateStrategy) || spec.updateStrategy.type !== "RollingUpdate") return spec;
    const given = isJsonObject(spec.updateStrategy.rollingUpdate) ? spec.updateStrategy.rollingUpdate : {};
    return { ...spec, updateStrategy: { ...spec.updateStrategy, rollingUpdate: { ...given, maxUnavailable: given.maxUnavailable ?? 1, maxSurge: given.maxSurge ?? 0 } } };
  });
}

/** The partition of a StatefulSet's rolling update, when that is the strategy. */
export function defaultStatefulSet(set: JsonObject): JsonObject {
  return withSpec(set, (spec) => {
    const strategy = spec.updateStrategy;
    if (!isJsonObject(strategy) || strategy.type !== "RollingUpdate") return spec;
    const given = isJsonObject(strategy.rollingUpdate) ? strategy.rollingUpdate : {};
    return { ...spec, updateStrategy: { ...strategy, rollingUpdate: { ...given, partition: given.partition ?? 0 } } };
  });
}

/** A job without counts runs once; how it gives up follows from how it counts. `parallelism` is filled in before: it is 1 where it was left out. */
export function defaultJob(job: JsonObject): JsonObject {
  return withSpec(job, (spec) => {
    const isOnce = spec.completions === undefined && spec.parallelism === undefined;
    return {
      ...spec,
      ...(isOnce ? { completions: 1 } : {}),
      parallelism: spec.parallelism ?? 1,
      backoffLimit: spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? 6 : noLimit),
      podReplacementPolicy: spec.podReplacementPolicy ?? (spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed"),
    };
  });
}

/** The largest number of 32 bits: no limit, in upstream's words. */
const noLimit = 2_147_483_647;

/** A ReplicationController selects its template's labels. */
export function defaultReplicationController(controller: JsonObject): JsonObject {
  const { spec } = controller;
  const template = isJsonObject(spec) && isJsonObject(spec.template) ? spec.template : {};
  const labels = isJsonObject(template.metadata) && isJsonObject(template.metadata.labels) ? template.metadata.labels : undefined;
  if (labels === undefined) return controller;
  const isEmpty = (value: Json | undefined): boolean => !isJsonObject(value) || Object.keys(value).length === 0;
  const metadata = isJsonObject(controller.metadata) && isEmpty(controller.metadata.labels) ? { ...controller.metadata, labels } : controller.metadata;
  return withSpec(metadata === undefined ? controller : { ...controller, metadata }, (filled) => (isEmpty(filled.selector) ? { ...filled, selector: labels } : filled));
}
