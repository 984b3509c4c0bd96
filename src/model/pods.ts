import { addQuantities, compareQuantities, parseQuantity } from "../value/quantity.ts";
import type { Quantity } from "../value/quantity.ts";
import { findCondition, isConditionTrue, parseTime } from "./conditions.ts";
import type { Container, ContainerPort, Pod, PodSpec } from "./generated/core-v1.ts";

/** Amounts by resource name. */
export type Resources = Readonly<Record<string, Quantity>>;

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** True while the pod's Ready condition holds. */
export function isReady(pod: Pod): boolean {
  return isConditionTrue(pod.status.conditions, "Ready");
}

/** True when the pod has been ready for at least so long. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = findCondition(pod.status.conditions, "Ready");
  if (ready?.status !== "True") return false;
  const sinceMs = parseTime(ready.lastTransitionTime);
  return minReadySeconds === 0 || (sinceMs !== undefined && sinceMs + minReadySeconds * 1000 <= nowMs);
}

/** True when no container will ever run again. */
export function isTerminated(pod: Pod): boolean {
  return pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
}

/** True when the pod counts for its owner: neither terminated nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !isTerminated(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** True for an init container that keeps running beside the others. */
export function isSidecar(container: Pick<Container, "restartPolicy">): boolean {
  return container.restartPolicy === "Always";
}

/**
 * What a pod needs at its neediest moment: its containers and sidecars together, or one init container with the sidecars before it, and the overhead.
 * @see kubernetes component-helpers/resource/helpers.go PodRequests
 */
export function requestsOf(spec: PodSpec): Resources {
  return demandOf(spec, ({ resources }) => parseResources(resources?.requests));
}

/** The most a pod takes at its neediest moment, of what its containers are limited in; the overhead counts where there is a limit. */
export function limitsOf(spec: PodSpec): Resources {
  const limits = demandOf({ ...spec, overhead: {} }, ({ resources }) => parseResources(resources?.limits));
  const overhead = Object.entries(parseResources(spec.overhead)).filter(([name]) => (limits[name]?.nanos ?? 0n) !== 0n);
  return addAll(limits, Object.fromEntries(overhead));
}

function demandOf(spec: PodSpec, amountsOf: (container: Container) => Resources): Resources {
  let running = spec.containers.map(amountsOf).reduce(addAll, {});
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of spec.initContainers ?? []) {
    const amounts = amountsOf(container);
    if (isSidecar(container)) {
      running = addAll(running, amounts);
      sidecars = addAll(sidecars, amounts);
      starting = maxAll(starting, sidecars);
    } else {
      starting = maxAll(starting, addAll(sidecars, amounts));
    }
  }
  return addAll(maxAll(running, starting), parseResources(spec.overhead));
}

/** Amounts as the API writes them. */
export function parseResources(amounts: Readonly<Record<string, string>> = {}): Resources {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, parseQuantity(amount)]));
}

/** The sum of two sets of amounts. */
export function addAll(a: Resources, b: Resources): Resources {
  return combine(a, b, addQuantities);
}

function maxAll(a: Resources, b: Resources): Resources {
  return combine(a, b, (one, other) => (compareQuantities(one, other) >= 0 ? one : other));
}

function combine(a: Resources, b: Resources, merge: (one: Quantity, other: Quantity) => Quantity): Resources {
  const combined: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const other = combined[name];
    combined[name] = other === undefined ? amount : merge(other, amount);
  }
  return combined;
}

/**
 * How well a pod is protected: Guaranteed when every container has equal limits and requests of CPU and memory, BestEffort when none asks for anything.
 * @see kubernetes pkg/apis/core/v1/helper/qos/qos.go
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const amounts = containers.map(({ resources }) => ({ requests: parseResources(resources?.requests), limits: parseResources(resources?.limits) }));
  const counted = (resources: Resources): readonly Quantity[] => ["cpu", "memory"].flatMap((name) => {
    const amount = resources[name];
    return amount === undefined || amount.nanos === 0n ? [] : [amount];
  });
  if (amounts.every(({ requests, limits }) => counted(requests).length === 0 && counted(limits).length === 0)) return "BestEffort";
  const isGuaranteed = amounts.every(({ requests, limits }) => counted(limits).length === 2
    && ["cpu", "memory"].every((name) => (requests[name] ?? limits[name])?.nanos === limits[name]?.nanos));
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

/** A port the pod takes on its node. */
export interface HostPort {
  readonly hostIP: string;
  readonly protocol: string;
  readonly port: number;
}

/** The node's ports a pod takes, of containers and sidecars. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  return containers.flatMap((container) => container.ports ?? []).flatMap((port: ContainerPort) => {
    const taken = port.hostPort ?? (spec.hostNetwork === true ? port.containerPort : 0);
    return taken > 0 ? [{ hostIP: port.hostIP ?? "", protocol: port.protocol ?? "TCP", port: taken }] : [];
  });
}

/** True when two host ports cannot stand on one node. */
export function isPortConflict(a: HostPort, b: HostPort): boolean {
  const isWild = (address: string): boolean => address === "" || address === "0.0.0.0" || address === "::";
  return a.port === b.port && a.protocol === b.protocol && (a.hostIP === b.hostIP || isWild(a.hostIP) || isWild(b.hostIP));
}
