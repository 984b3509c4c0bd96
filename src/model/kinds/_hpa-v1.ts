import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from "../generated/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler } from "../generated/autoscaling-v2.ts";
import { asJson, isJsonObject, parseJson } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/**
 * What `autoscaling/v1` has no fields for travels in annotations, in its own older form.
 * @see kubernetes pkg/apis/autoscaling/v1/conversion.go
 */
const prefix = "autoscaling.alpha.kubernetes.io/";

type Members = Readonly<Record<string, Json | undefined>>;

/** A HorizontalPodAutoscaler of v2 as one of v1. */
export function toHpaV1(stored: JsonObject): JsonObject {
  const { metrics, behavior, ...spec } = objectOf(stored["spec"]);
  const { currentMetrics, conditions, ...status } = objectOf(stored["status"]);
  const [target, otherMetrics] = splitCpu(listOf(metrics), "target");
  const [current, otherCurrent] = splitCpu(listOf(currentMetrics), "current");
  const notes: Members = {
    [`${prefix}metrics`]: textOf(otherMetrics.map((metric) => toOld(metric, "target"))),
    [`${prefix}behavior`]: behavior === undefined ? undefined : JSON.stringify(behavior),
    [`${prefix}current-metrics`]: textOf(otherCurrent.map((metric) => toOld(metric, "current"))),
    [`${prefix}conditions`]: textOf(listOf(conditions)),
  };
  return {
    ...stored, apiVersion: "autoscaling/v1", metadata: withNotes(objectOf(stored["metadata"]), notes),
    spec: present({ ...spec, targetCPUUtilizationPercentage: target }),
    // The older form writes both counts, this one the second.
    status: present({ currentReplicas: 0, desiredReplicas: 0, ...status, currentCPUUtilizationPercentage: current }),
  };
}

/** A HorizontalPodAutoscaler of v1 as one of v2. */
export function toHpaV2(view: JsonObject): JsonObject {
  const metadata = objectOf(view["metadata"]);
  const annotations = objectOf(metadata["annotations"]);
  const note = (name: string): Json | undefined => parsed(annotations[`${prefix}${name}`]);
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(view["spec"]);
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...status } = objectOf(view["status"]);
  const metrics = [...cpuMetric(target, "target"), ...listOf(note("metrics")).map((metric) => toNew(metric, "target"))];
  const currentMetrics = [...cpuMetric(current, "current"), ...listOf(note("current-metrics")).map((metric) => toNew(metric, "current"))];
  const conditions = listOf(note("conditions"));
  const gone = Object.fromEntries(["metrics", "behavior", "current-metrics", "conditions"].map((name) => [`${prefix}${name}`, undefined]));
  return {
    ...view, apiVersion: "autoscaling/v2", metadata: withNotes(metadata, gone),
    spec: present({ ...spec, metrics: metrics.length === 0 ? undefined : metrics, behavior: note("behavior") }),
    status: present({ currentReplicas: currentReplicas === 0 ? undefined : currentReplicas, ...status, currentMetrics: currentMetrics.length === 0 ? undefined : currentMetrics, conditions: conditions.length === 0 ? undefined : conditions }),
  };
}

/** The typed form of the same. */
export function hpaV2Of(view: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  return toHpaV2(asJson(view)) as unknown as HorizontalPodAutoscaler;
}

type Side = "target" | "current";

/** The share of CPU, which v1 has a field for, and the metrics it has none for. */
function splitCpu(metrics: readonly Json[], side: Side): readonly [Json | undefined, readonly Json[]] {
  const at = metrics.findIndex((metric) => {
    const resource = objectOf(objectOf(metric)["resource"]);
    return objectOf(metric)["type"] === "Resource" && resource["name"] === "cpu" && objectOf(resource[side])["averageUtilization"] !== undefined
      && (side === "target" || objectOf(resource[side])["averageValue"] === undefined);
  });
  if (at < 0) return [undefined, metrics];
  return [objectOf(objectOf(objectOf(metrics[at])["resource"])[side])["averageUtilization"], metrics.toSpliced(at, 1)];
}

function cpuMetric(share: Json | undefined, side: Side): readonly Json[] {
  if (share === undefined) return [];
  return [{ type: "Resource", resource: { name: "cpu", [side]: { ...(side === "target" ? { type: "Utilization" } : {}), averageUtilization: share } } }];
}

function sourceKey(type: Json | undefined): string {
  return typeof type === "string" ? `${type.charAt(0).toLowerCase()}${type.slice(1)}` : "";
}

/** The older form of one metric: flat, with `target` or `current` before each number's name. */
function toOld(metric: Json, side: Side): Json {
  const { type } = objectOf(metric);
  const key = sourceKey(type);
  const source = objectOf(objectOf(metric)[key]);
  const [value, { name: metricName, selector }] = [objectOf(source[side]), objectOf(source["metric"])];
  const named = key === "external" ? { metricName, metricSelector: selector } : { metricName, selector };
  const averageKey = key === "object" ? "averageValue" : `${side}AverageValue`;
  return present({
    type,
    [key]: present({
      ...named, name: source["name"], container: source["container"], target: source["describedObject"],
      [`${side}AverageUtilization`]: value["averageUtilization"], [averageKey]: value["averageValue"], [`${side}Value`]: value["value"],
    }),
  });
}

function toNew(metric: Json, side: Side): Json {
  const { type } = objectOf(metric);
  const key = sourceKey(type);
  const source = objectOf(objectOf(metric)[key]);
  const averageValue = source[key === "object" ? "averageValue" : `${side}AverageValue`];
  const [averageUtilization, value] = [source[`${side}AverageUtilization`], source[`${side}Value`]];
  const targetType = averageUtilization !== undefined ? "Utilization" : averageValue !== undefined ? "AverageValue" : "Value";
  const { metricName, name, container, target: describedObject } = source;
  return present({
    type,
    [key]: present({
      describedObject, name, container,
      metric: metricName === undefined ? undefined : present({ name: metricName, selector: source[key === "external" ? "metricSelector" : "selector"] }),
      [side]: present({ type: side === "target" ? targetType : undefined, value, averageValue, averageUtilization }),
    }),
  });
}

/** Metadata with these annotations set, or taken away where undefined. */
function withNotes(metadata: JsonObject, notes: Members): JsonObject {
  const annotations = present({ ...objectOf(metadata["annotations"]), ...notes });
  return present({ ...metadata, annotations: Object.keys(annotations).length === 0 ? undefined : annotations });
}

function textOf(items: readonly Json[]): string | undefined {
  return items.length === 0 ? undefined : JSON.stringify(items);
}

/** An annotation that does not read is nothing, as upstream. */
function parsed(text: Json | undefined): Json | undefined {
  return typeof text === "string" ? parseJson(text) : undefined;
}

function present(members: Members): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
