import { addQuantities, compareQuantities, parseQuantity, printQuantity } from "../../value/quantity.ts";
import type { Quantity } from "../../value/quantity.ts";
import { parseTime } from "../conditions.ts";
import type { PersistentVolumeClaim, Pod, Service } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { resourceName } from "../kind.ts";
import { PersistentVolumeClaimKind } from "../kinds/persistent-volume.ts";
import { PodKind } from "../kinds/pod.ts";
import { ServiceKind } from "../kinds/service.ts";
import type { ApiObject } from "../object.ts";
import { isTerminated, limitsOf, requestsOf } from "../pods.ts";
import type { Resources } from "../pods.ts";

const one: Quantity = parseQuantity("1");

/** Kinds whose number had a name of its own before `count/…`. */
const plainCounts: ReadonlySet<string> = new Set(["configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services"]);

/** Requests of pods that may be quoted without `requests.` before them. */
const plainRequests: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

const storageClassSuffix = ".storageclass.storage.k8s.io/";
const storageClassAnnotation = "volume.beta.kubernetes.io/storage-class";

/**
 * What one object uses of what quotas are about. Pure.
 * @see kubernetes pkg/quota/v1/evaluator/core
 */
export function usageOf(kind: Kind, object: ApiObject, nowMs: number): Resources {
  const counted: Resources = { [`count/${resourceName(kind)}`]: one, ...(kind.group === "" && plainCounts.has(kind.plural) ? { [kind.plural]: one } : {}) };
  if (isKind(PodKind, kind, object)) return isCharged(object, nowMs) ? { ...counted, pods: one, ...computeUsageOf(object) } : counted;
  if (isKind(PersistentVolumeClaimKind, kind, object)) return { ...counted, ...storageUsageOf(object) };
  if (isKind(ServiceKind, kind, object)) return { ...counted, ...serviceUsageOf(object) };
  return counted;
}

/** True for an object whose kind, `kind`, is the wanted one. */
export function isKind<T extends ApiObject>(wanted: Kind<T>, kind: Kind, object: ApiObject): object is T {
  return kind.group === wanted.group && kind.plural === wanted.plural && object.kind === wanted.kind;
}

/** True when a quota's resource is counted from objects of a kind. */
export function isUsedBy(resource: string, kind: Pick<Kind, "group" | "plural">): boolean {
  if (resource.startsWith("count/")) return resource === `count/${resourceName(kind)}`;
  if (kind.group !== "") return false;
  if (kind.plural === "persistentvolumeclaims") return resource === "requests.storage" || resource === "persistentvolumeclaims" || resource.includes(storageClassSuffix);
  if (kind.plural === "services") return resource === "services" || resource.startsWith("services.");
  if (kind.plural === "pods") return isPodResource(resource);
  return plainCounts.has(kind.plural) && resource === kind.plural;
}

function isPodResource(resource: string): boolean {
  if (resource.includes(storageClassSuffix) || resource === "requests.storage") return false;
  return resource === "pods" || plainRequests.has(resource) || resource.startsWith("hugepages-") || /^(requests|limits)\./.test(resource);
}

/** A pod that has ended, or should have ended long ago, is charged no more. */
function isCharged(pod: Pod, nowMs: number): boolean {
  if (isTerminated(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const deletedAtMs = parseTime(deletionTimestamp);
  return deletedAtMs === undefined || deletionGracePeriodSeconds === undefined || deletedAtMs + deletionGracePeriodSeconds * 1_000 > nowMs;
}

function computeUsageOf({ spec }: Pod): Resources {
  const usage: Record<string, Quantity> = {};
  for (const [name, amount] of Object.entries(requestsOf(spec))) {
    usage[`requests.${name}`] = amount;
    if (plainRequests.has(name) || name.startsWith("hugepages-")) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limitsOf(spec))) if (plainRequests.has(name)) usage[`limits.${name}`] = amount;
  return usage;
}

function storageUsageOf({ spec, status, metadata }: PersistentVolumeClaim): Resources {
  const className = metadata.annotations?.[storageClassAnnotation] ?? spec.storageClassName ?? "";
  const asked = spec.resources?.requests?.["storage"];
  const allocated = status.allocatedResources?.["storage"];
  const sizes = [asked, allocated].flatMap((size) => (size === undefined ? [] : [parseQuantity(size)])).toSorted(compareQuantities);
  const size = sizes.at(-1);
  const ofClass = className === "" ? {} : {
    [`${className}${storageClassSuffix}persistentvolumeclaims`]: one,
    ...(size === undefined ? {} : { [`${className}${storageClassSuffix}requests.storage`]: size }),
  };
  return { ...(size === undefined ? {} : { "requests.storage": size }), ...ofClass };
}

function serviceUsageOf({ spec }: Service): Resources {
  const { type, ports = [] } = spec;
  const isBalanced = type === "LoadBalancer";
  const nodePorts = type === "NodePort" || (isBalanced && spec.allocateLoadBalancerNodePorts !== false) ? ports.length
    : isBalanced ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).length : 0;
  return { "services.nodeports": parseQuantity(nodePorts), "services.loadbalancers": parseQuantity(isBalanced ? 1 : 0) };
}

/** The amounts of `resources` that are named; each keeps its own. */
export function only(resources: Resources, names: readonly string[]): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => names.includes(name)));
}

/** What has grown from `before` to `after`. */
export function growthOf(before: Resources, after: Resources): Resources {
  const grown = Object.entries(after).flatMap(([name, amount]): readonly (readonly [string, Quantity])[] => {
    const nanos = amount.nanos - (before[name]?.nanos ?? 0n);
    return nanos > 0n ? [[name, { nanos, format: amount.format }]] : [];
  });
  return Object.fromEntries(grown);
}

/** Amounts as the API writes them, by name. */
export function printResources(resources: Resources): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(resources).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, printQuantity(amount)]));
}

/** The sum of two amounts of which one may be missing. */
export function plus(a: Quantity | undefined, b: Quantity): Quantity {
  return a === undefined ? b : addQuantities(a, b);
}
