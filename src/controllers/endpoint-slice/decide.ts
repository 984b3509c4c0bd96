import type { Endpoint, EndpointPort } from "../../model/generated/discovery-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { controllerReference } from "../../model/object.ts";
import { isReady, isTerminated } from "../../model/pods.ts";
import { isEqual } from "../../value/equal.ts";

/** Endpoints of one slice, as upstream (pkg/controller/endpointslice/config). */
export const endpointsPerSliceMax = 100;
/** Names the Service a slice belongs to. */
export const serviceNameLabel = "kubernetes.io/service-name";
/** Names who keeps a slice. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
/** The value of `managedByLabel` on slices this controller may touch. */
export const managedByUs = "endpointslice-controller.k8s.io";
const headlessLabel = "service.kubernetes.io/headless";

export interface SliceDecision {
  /** Without names: they are generated. */
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/**
 * Decides the slices of one Service from its pods, changing as few as possible. Pods that resolve named ports differently are in slices of their own. Pure.
 * @see kubernetes endpointslice/reconciler.go
 */
export function decideSlices(service: Service, pods: readonly Pod[], slices: readonly EndpointSlice[]): SliceDecision {
  const groups = new Map<string, { readonly ports: readonly EndpointPort[]; readonly addressType: "IPv4" | "IPv6"; readonly endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const ip = pod.status.podIP ?? "";
    if (ip === "" || isTerminated(pod)) continue;
    const addressType = ip.includes(":") ? "IPv6" : "IPv4";
    const ports = portsFor(service, pod);
    const key = JSON.stringify([addressType, ports]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, group = { ports, addressType, endpoints: [] });
    group.endpoints.push(endpointOf(service, pod));
  }
  const ours = slices.filter((slice) => slice.metadata.deletionTimestamp === undefined);
  const used = new Set<EndpointSlice>();
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const group of groups.values()) {
    const same = ours.filter((slice) => slice.addressType === group.addressType && isEqual(slice.ports ?? [], group.ports));
    for (const { slice, endpoints } of fill(same, group.endpoints)) {
      const wanted = sliceOf(service, { ...group, endpoints });
      if (slice === undefined) {
        create.push(wanted);
        continue;
      }
      used.add(slice);
      const next: EndpointSlice = { ...slice, endpoints, metadata: { ...slice.metadata, labels: wanted.metadata.labels ?? {} } };
      if (!isEqual(next, slice)) update.push(next);
    }
  }
  return { create, update, remove: ours.filter((slice) => !used.has(slice)) };
}

interface Filled {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: readonly Endpoint[];
}

/** Puts endpoints into slices: each stays where it is, new ones fill gaps, what is left makes new slices. Empty slices are left out. */
function fill(slices: readonly EndpointSlice[], endpoints: readonly Endpoint[]): readonly Filled[] {
  const left = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const filled: { readonly slice: EndpointSlice | undefined; readonly endpoints: Endpoint[] }[] = slices.map((slice) => ({
    slice,
    endpoints: (slice.endpoints ?? []).flatMap((known) => {
      const endpoint = left.get(identityOf(known));
      return left.delete(identityOf(known)) && endpoint !== undefined ? [endpoint] : [];
    }),
  }));
  for (const endpoint of left.values()) {
    let place = filled.find((candidate) => candidate.endpoints.length > 0 && candidate.endpoints.length < endpointsPerSliceMax) ?? filled.find((candidate) => candidate.endpoints.length < endpointsPerSliceMax);
    if (place === undefined) filled.push(place = { slice: undefined, endpoints: [] });
    place.endpoints.push(endpoint);
  }
  return filled.filter((place) => place.endpoints.length > 0);
}

function identityOf(endpoint: Endpoint): string {
  return endpoint.targetRef?.uid ?? endpoint.addresses.join(",");
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const { namespace, name, uid } = pod.metadata;
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const isPublished = service.spec.publishNotReadyAddresses === true;
  const { hostname = "", subdomain, nodeName = "" } = pod.spec;
  return {
    addresses: [pod.status.podIP ?? ""],
    conditions: { ready: isPublished || (serving && !isTerminating), serving, terminating: isTerminating },
    ...(hostname !== "" && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === "" ? {} : { nodeName }),
    targetRef: { kind: "Pod", namespace: namespace ?? "", name, uid: uid ?? "" },
  };
}

/** The Service's ports with the numbers this pod gives named ones; a name the pod does not have leaves the port out. */
export function portsFor(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port): EndpointPort[] => {
    const protocol = port.protocol ?? "TCP";
    const number = portNumber(port.targetPort ?? port.port, protocol, pod);
    if (number === undefined) return [];
    return [{ name: port.name ?? "", protocol, port: number, ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }];
  });
}

function portNumber(target: number | string, protocol: string, pod: Pod): number | undefined {
  if (typeof target === "number") return target;
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
    .find((port) => port.name === target && (port.protocol ?? "TCP") === protocol)?.containerPort;
}

function sliceOf(service: Service, group: { readonly addressType: "IPv4" | "IPv6"; readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }): EndpointSlice {
  const { name, namespace, labels } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: {
      name: "", generateName: `${name}-`, namespace: namespace ?? "",
      labels: { ...labels, ...(service.spec.clusterIP === "None" ? { [headlessLabel]: "" } : {}), [serviceNameLabel]: name, [managedByLabel]: managedByUs },
      ownerReferences: [controllerReference(service)],
    },
    addressType: group.addressType, ports: group.ports, endpoints: group.endpoints,
  };
}
