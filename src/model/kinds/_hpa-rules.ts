import { checkDnsLabel, checkPathSegment } from "../../value/names.ts";
import { parseQuantity } from "../../value/quantity.ts";
import { checkPresent, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules, MetricSpec, MetricTarget } from "../generated/autoscaling-v2.ts";
import { notSupported } from "../print-field-error.ts";
import { checkContainerResourceName } from "../resource-names.ts";

/** An hour: what an autoscaler remembers. */
const stabilizationSecondsMax = 3_600;

/** Half an hour: what one policy looks back. */
const periodSecondsMax = 1_800;

interface Bounds {
  readonly scaleTargetRef: CrossVersionObjectReference;
  readonly minReplicas?: number;
  readonly maxReplicas: number;
}

/** Where each type of metric says what it is about, in the order they are looked at. */
const sources = { Object: "object", External: "external", Pods: "pods", Resource: "resource", ContainerResource: "containerResource" } as const;

type Source = (typeof sources)[keyof typeof sources];

/**
 * Checks an autoscaler: how far it may go, what it looks at and how fast it moves.
 * @see kubernetes pkg/apis/autoscaling/validation/validation.go
 */
export function checkAutoscaler({ spec }: HorizontalPodAutoscaler): readonly FieldError[] {
  return [
    ...checkBounds(spec),
    ...(spec.metrics ?? []).flatMap((metric, index) => checkMetric(metric, `spec.metrics[${index}]`)),
    ...(["scaleUp", "scaleDown"] as const).flatMap((name) => {
      const rules = spec.behavior?.[name];
      return rules === undefined ? [] : checkRules(rules, `spec.behavior.${name}`);
    }),
  ];
}

/** What both versions say of the replicas and of whose they are. */
export function checkBounds({ scaleTargetRef, minReplicas, maxReplicas }: Bounds): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) errors.push(invalid("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  if (maxReplicas < 1) errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  return [...errors, ...checkReference(scaleTargetRef, "spec.scaleTargetRef")];
}

function checkReference({ kind, name }: CrossVersionObjectReference, path: string): readonly FieldError[] {
  return [...invalidEach(`${path}.kind`, kind, checkPathSegment(kind)), ...invalidEach(`${path}.name`, name, checkPathSegment(name))];
}

function checkMetric(metric: MetricSpec, path: string): readonly FieldError[] {
  const expected = Object.entries(sources).find(([type]) => type === metric.type)?.[1];
  const given = Object.values(sources).filter((source) => metric[source] !== undefined);
  const [first] = given;
  return [
    ...(expected === undefined ? [notSupported(`${path}.type`, metric.type, Object.keys(sources))] : []),
    ...(first === undefined ? [] : checkSource(first, metric, `${path}.${first}`)),
    ...(expected !== undefined && metric[expected] === undefined ? [required(`${path}.${expected}`, "must populate information for the given metric source")] : []),
    ...(given.length === 1 ? [] : given.filter((source) => source !== expected).map((source) => forbidden(`${path}.${source}`, "must populate the given metric source only"))),
  ];
}

function checkSource(source: Source, { object, external, pods, resource, containerResource }: MetricSpec, path: string): readonly FieldError[] {
  const target = `${path}.target`;
  switch (source) {
    case "object": return object === undefined ? [] : [
      ...checkReference(object.describedObject, `${path}.describedObject`), ...checkIdentifier(object.metric.name, path), ...checkTarget(object.target, target),
      ...(object.target.value === undefined && object.target.averageValue === undefined ? [required(`${target}.averageValue`, "must set either a target value or averageValue")] : []),
    ];
    case "external": return external === undefined ? [] : [
      ...checkIdentifier(external.metric.name, path), ...checkTarget(external.target, target),
      ...(external.target.value === undefined && external.target.averageValue === undefined ? [required(`${target}.averageValue`, "must set either a target value for metric or a per-pod target")] : []),
      ...(external.target.value !== undefined && external.target.averageValue !== undefined ? [forbidden(`${target}.value`, "may not set both a target value for metric and a per-pod target")] : []),
    ];
    case "pods": return pods === undefined ? [] : [
      ...checkIdentifier(pods.metric.name, path), ...checkTarget(pods.target, target), ...checkPresent(`${target}.averageValue`, pods.target.averageValue, "must specify a positive target averageValue"),
    ];
    case "resource": return resource === undefined ? [] : checkResourceTarget(resource.target, target);
    case "containerResource": return containerResource === undefined ? [] : [
      ...invalidEach(`${path}.name`, containerResource.name, checkContainerResourceName(containerResource.name)),
      ...invalidEach(`${path}.container`, containerResource.container, checkDnsLabel(containerResource.container)),
      ...checkResourceTarget(containerResource.target, target),
    ];
  }
}

function checkIdentifier(name: string, path: string): readonly FieldError[] {
  return invalidEach(`${path}.metric.name`, name, checkPathSegment(name));
}

function checkResourceTarget(target: MetricTarget, path: string): readonly FieldError[] {
  const { averageUtilization, averageValue } = target;
  return [
    ...checkTarget(target, path),
    ...(averageUtilization === undefined && averageValue === undefined ? [required(`${path}.averageUtilization`, "must set either a target raw value or a target utilization")] : []),
    ...(averageUtilization !== undefined && averageValue !== undefined ? [forbidden(`${path}.averageValue`, "may not set both a target raw value and a target utilization")] : []),
  ];
}

function checkTarget({ type, averageUtilization, ...amounts }: MetricTarget, path: string): readonly FieldError[] {
  return [
    ...(["Utilization", "Value", "AverageValue"].includes(type) ? [] : [invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue")]),
    ...(["value", "averageValue"] as const).flatMap((field) => {
      const amount = amounts[field];
      return amount === undefined || parseQuantity(amount).nanos > 0n ? [] : [invalid(`${path}.${field}`, amount, "must be positive")];
    }),
    ...(averageUtilization !== undefined && averageUtilization < 1 ? [invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0")] : []),
  ];
}

const choices = ["Disabled", "Max", "Min"];

function checkRules({ stabilizationWindowSeconds: seconds = 0, selectPolicy, policies = [] }: HPAScalingRules, path: string): readonly FieldError[] {
  const at = `${path}.stabilizationWindowSeconds`;
  return [
    ...(seconds < 0 ? [invalid(at, seconds, "must be greater than or equal to zero")] : []),
    ...(seconds > stabilizationSecondsMax ? [invalid(at, seconds, `must be less than or equal to ${stabilizationSecondsMax}`)] : []),
    ...(selectPolicy === undefined || choices.includes(selectPolicy) ? [] : [notSupported(`${path}.selectPolicy`, selectPolicy, choices)]),
    ...(policies.length === 0 ? [required(`${path}.policies`, "must specify at least one Policy")] : []),
    ...policies.flatMap((policy, index) => checkPolicy(policy, `${path}.policies[${index}]`)),
  ];
}

function checkPolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string): readonly FieldError[] {
  return [
    ...(type === "Pods" || type === "Percent" ? [] : [notSupported(`${path}.type`, type, ["Percent", "Pods"])]),
    ...(value > 0 ? [] : [invalid(`${path}.value`, value, "must be greater than zero")]),
    ...(periodSeconds > 0 ? [] : [invalid(`${path}.periodSeconds`, periodSeconds, "must be greater than zero")]),
    ...(periodSeconds > periodSecondsMax ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${periodSecondsMax}`)] : []),
  ];
}
