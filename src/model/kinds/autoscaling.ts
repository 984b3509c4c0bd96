import type { JsonObject } from "../../value/json.ts";
import { isConditionTrue } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1, Scale } from "../generated/autoscaling-v1.ts";
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../generated/autoscaling-v2.ts";
import type { Health } from "../health.ts";
import { isWellTyped, isWithinSchema } from "../quick-checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, deletionHealth, progressing } from "./_health.ts";
import { checkAutoscaler, checkBounds } from "./_hpa-rules.ts";
import { hpaV2Of, toHpaV1, toHpaV2 } from "./_hpa-v1.ts";
import { kindOf } from "./_kind-of.ts";

/** Metrics shown before the rest is counted. */
const shownMetricsMax = 2;

const common = { kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", namespaced: true, shortNames: ["hpa"], categories: ["all"], hasStatus: true } as const;

/** What the subresource `scale` speaks, whatever kind it is of; no resource of its own. */
export const ScaleKind = kindOf<Scale>({
  apiVersion: "autoscaling/v1", kind: "Scale", plural: "scales", namespaced: true, isStored: false, verbs: [],
  columns: [
    { name: "Name", type: "string", priority: 0, value: ({ metadata }) => metadata.name },
    countColumn("Desired", "integer", ({ spec }) => spec.replicas ?? 0),
    countColumn("Available", "integer", ({ status }) => status.replicas),
    ageColumn,
  ],
});

/** HorizontalPodAutoscaler, `autoscaling/v2`. */
export const HorizontalPodAutoscalerKind = kindOf<HorizontalPodAutoscaler>({
  ...common, apiVersion: "autoscaling/v2",
  columns: [
    nameColumn,
    textColumn("Reference", ({ spec }) => printReference(spec.scaleTargetRef)),
    textColumn("Targets", printTargets),
    { name: "MinPods", type: "string", priority: 0, value: ({ spec }) => String(spec.minReplicas ?? "<unset>") },
    countColumn("MaxPods", "string", ({ spec }) => spec.maxReplicas),
    countColumn("Replicas", "string", ({ status }) => status.currentReplicas),
    ageColumn,
  ],
  validate: checkAutoscaler,
  health: assessAutoscaler,
});

/** HorizontalPodAutoscaler, `autoscaling/v1`: those of v2 in the older form. */
export const HorizontalPodAutoscalerV1Kind = kindOf<HorizontalPodAutoscalerV1>({
  ...common, apiVersion: "autoscaling/v1",
  storedAs: { kind: HorizontalPodAutoscalerKind, toStored: toHpaV2, toView: toHpaV1 },
  columns: HorizontalPodAutoscalerKind.columns.map((column) => ({ ...column, value: (view, nowMs) => column.value(hpaV2Of(view), nowMs) })),
  validate: checkOldForm,
  health: (view) => assessAutoscaler(hpaV2Of(view)),
});

/** Metrics of an annotation may be anything: those that are no metrics are kept as they are. */
function checkOldForm(view: HorizontalPodAutoscalerV1): readonly FieldError[] {
  const autoscaler = hpaV2Of(view);
  const body = autoscaler as unknown as JsonObject;
  const { message } = HorizontalPodAutoscalerKind;
  return isWellTyped(message, body) && isWithinSchema(message, body) ? checkAutoscaler(autoscaler) : checkBounds(view.spec);
}

function printReference(target: CrossVersionObjectReference | undefined): string {
  return `${target?.kind ?? ""}/${target?.name ?? ""}`;
}

function printTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const shown = metrics.slice(0, shownMetricsMax).map((metric, index) => printTarget(metric, status.currentMetrics?.[index]));
  return metrics.length > shownMetricsMax ? `${shown.join(", ")} + ${metrics.length - shownMetricsMax} more...` : shown.join(", ");
}

function printTarget(metric: MetricSpec, current: MetricStatus | undefined): string {
  switch (metric.type) {
    case "Resource": return printResource(metric.resource, current?.resource?.current);
    case "ContainerResource": return printResource(metric.containerResource, current?.containerResource?.current);
    case "Pods": return `${printCurrent(current?.pods?.current, "averageValue")}/${metric.pods?.target.averageValue ?? "<unknown>"}`;
    case "Object": return printValue(metric.object?.target, current?.object?.current);
    case "External": return printValue(metric.external?.target, current?.external?.current);
    default: return "<unknown type>";
  }
}

function printResource(source: { readonly name: string; readonly target: MetricTarget } | undefined, current: MetricValueStatus | undefined): string {
  const { name = "", target } = source ?? {};
  if (target?.averageValue !== undefined) return `${name}: ${printCurrent(current, "averageValue")}/${target.averageValue}`;
  const now = current?.averageUtilization === undefined ? "<unknown>" : `${current.averageUtilization}%`;
  return `${name}: ${now}/${target?.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`}`;
}

function printValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${printCurrent(current, "averageValue")}/${target.averageValue} (avg)`;
  return `${printCurrent(current, "value")}/${target?.value ?? "<unknown>"}`;
}

/** Go prints a missing quantity of a metric that is there as `<nil>`. */
function printCurrent(current: MetricValueStatus | undefined, field: "value" | "averageValue"): string {
  return current === undefined ? "<unknown>" : current[field] ?? "<nil>";
}

/** Argo CD's rules: a condition that says it failed, else the last that says it works. */
function assessAutoscaler(autoscaler: HorizontalPodAutoscaler): Health {
  const deletion = deletionHealth(autoscaler);
  if (deletion !== undefined) return deletion;
  const conditions = autoscaler.status.conditions ?? [];
  const broken = conditions.find(({ type, reason = "" }) => (type === "AbleToScale" && ["FailedGetScale", "FailedUpdateScale"].includes(reason)) || (type === "ScalingActive" && ["FailedGetResourceMetric", "InvalidSelector"].includes(reason)));
  if (broken !== undefined) return degraded(broken.message ?? "");
  const working = conditions.find(({ type }) => ["AbleToScale", "ScalingLimited"].includes(type) && isConditionTrue(conditions, type));
  return working === undefined ? progressing("Waiting to Autoscale") : { status: "Healthy", message: working.message ?? "" };
}
