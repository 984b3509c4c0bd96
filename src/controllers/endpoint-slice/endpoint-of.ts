import type { Node } from "../../model/kinds/node.ts";
import type { Endpoint, EndpointHints, EndpointPort } from "../../model/generated/discovery-v1.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { isReady, isSidecar, isTerminated } from "../../model/pods.ts";
import { ipFamilyOf } from "../../value/ip.ts";
import type { IpFamily } from "../../value/ip.ts";

/** Names the zone a node is in. */
export const zoneLabel = "topology.kubernetes.io/zone";

/** What `trafficDistribution` may ask for; all keep traffic within the zone, the last within the node where it can. */
const closeDistributions: ReadonlySet<string> = new Set(["PreferClose", "PreferSameZone", "PreferSameNode"]);

/** Which families of addresses the slices of a Service are of; of a headless Service from before families were known, both. */
export function addressTypesOf({ spec }: Service): readonly IpFamily[] {
  const { ipFamilies = [], clusterIP = "" } = spec;
  if (ipFamilies.length > 0) return ipFamilies.filter((family): family is IpFamily => family === "IPv4" || family === "IPv6");
  const family = ipFamilyOf(clusterIP);
  return family === undefined ? ["IPv4", "IPv6"] : [family];
}

/** A pod that never runs again or has no address yet is no endpoint; an ending one still is. */
export function isEndpoint(pod: Pod): boolean {
  return !isTerminated(pod) && addressesOf(pod).length > 0;
}

function addressesOf({ status: { podIP = "", podIPs = [] } }: Pod): readonly string[] {
  return podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : podIP === "" ? [] : [podIP];
}

/**
 * The endpoint a pod is of a Service, with its addresses of one family; undefined where it has none. An ending pod is ready only where the Service publishes what is not ready.
 *
 * @param node what the pod is bound to; undefined when nobody knows it
 * @see kubernetes staging/src/k8s.io/endpointslice/utils.go podToEndpoint
 */
export function endpointOf(service: Service, pod: Pod, { node, addressType }: { readonly node: Node | undefined; readonly addressType: IpFamily }): Endpoint | undefined {
  const addresses = addressesOf(pod).filter((ip) => ipFamilyOf(ip) === addressType);
  if (addresses.length === 0) return undefined;
  const { namespace = "", name, uid = "" } = pod.metadata;
  const { hostname = "", subdomain = "", nodeName = "" } = pod.spec;
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[zoneLabel] ?? "";
  const hints = ready ? hintsOf(service, { zone, nodeName }) : undefined;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname !== "" && subdomain === service.metadata.name ? { hostname } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName === "" ? {} : { nodeName }),
    ...(zone === "" ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/** Whom a ready endpoint is for, where the Service asks that traffic stays close. */
function hintsOf({ spec: { trafficDistribution = "" } }: Service, { zone, nodeName }: { readonly zone: string; readonly nodeName: string }): EndpointHints | undefined {
  if (!closeDistributions.has(trafficDistribution)) return undefined;
  const isForNode = trafficDistribution === "PreferSameNode" && nodeName !== "";
  if (zone === "" && !isForNode) return undefined;
  return { ...(zone === "" ? {} : { forZones: [{ name: zone }] }), ...(isForNode ? { forNodes: [{ name: nodeName }] } : {}) };
}

/** The numbers a pod gives the Service's ports, in their order; undefined for a name the pod does not have. Pods with the same numbers are in the same slices. */
export function portNumbersOf({ spec: { ports = [] } }: Service, pod: Pod): readonly (number | undefined)[] {
  return ports.map(({ targetPort, port, protocol = "TCP" }) => (typeof targetPort === "string" ? namedPort(pod, targetPort, protocol) : targetPort ?? port));
}

/** The Service's ports with these numbers; one without a number is left out. */
export function portsWith({ spec: { ports = [] } }: Service, numbers: readonly (number | undefined)[]): readonly EndpointPort[] {
  return ports.flatMap(({ name = "", protocol = "TCP", appProtocol }, index): EndpointPort[] => {
    const port = numbers[index];
    return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** Containers first, then those beside them. Asked for each pod at each change of any: without a list of its own. */
function namedPort({ spec: { containers, initContainers = [] } }: Pod, name: string, protocol: string): number | undefined {
  for (const { ports = [] } of containers) for (const port of ports) if (port.name === name && (port.protocol ?? "TCP") === protocol) return port.containerPort;
  for (const container of initContainers) {
    if (!isSidecar(container)) continue;
    for (const port of container.ports ?? []) if (port.name === name && (port.protocol ?? "TCP") === protocol) return port.containerPort;
  }
  return undefined;
}
