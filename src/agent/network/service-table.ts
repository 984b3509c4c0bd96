import type { EndpointSlice } from "../../model/generated/discovery-v1.ts";
import type { Service } from "../../model/generated/core-v1.ts";
import { serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";

/** How long a client stays with its endpoint where the service does not say (kubernetes pkg/apis/core/v1/defaults.go). */
const affinityDefaultSeconds = 10_800;

/** Where a connection may go. */
export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** One address to listen on, and the endpoints behind it. */
export interface ServiceListener {
  /** `TCP 127.96.0.20:80`: the same as long as it is the same address. */
  readonly key: string;
  /** `namespace/name`. */
  readonly service: string;
  readonly protocol: "TCP" | "UDP";
  readonly ip: string;
  readonly port: number;
  readonly targets: readonly Target[];
  /** Undefined: every connection is balanced anew. */
  readonly affinityMs: number | undefined;
}

/** The node the forwarder is on. */
export interface ServingNode {
  /** Node ports listen here. */
  readonly nodeIP: string;
  /** What endpoints call it; absent: every endpoint counts as here. */
  readonly nodeName?: string;
}

/**
 * What the forwarder must listen on. Pure; in key order. Where no endpoint is ready, those that still serve while they end are used, and where a Service keeps traffic local, only those
 * of this node, as kube-proxy does.
 */
export function serviceListeners(services: readonly Service[], slices: readonly EndpointSlice[], { nodeIP, nodeName }: ServingNode): readonly ServiceListener[] {
  const found = new Map<string, ServiceListener>();
  const slicesByService = Map.groupBy(slices, ({ metadata: { namespace = "", labels } }) => `${namespace}/${labels?.[serviceNameLabel] ?? ""}`);
  for (const service of services) {
    const { clusterIP, ports, sessionAffinity, sessionAffinityConfig, type, internalTrafficPolicy, externalTrafficPolicy } = service.spec;
    const own = (slicesByService.get(`${service.metadata.namespace ?? ""}/${service.metadata.name}`) ?? []).filter((slice) => isSliceOf(slice, service));
    const affinityMs = sessionAffinity === "ClientIP" ? (sessionAffinityConfig?.clientIP?.timeoutSeconds ?? affinityDefaultSeconds) * 1000 : undefined;
    for (const port of ports ?? []) {
      const protocol = port.protocol ?? "TCP";
      if (protocol === "SCTP") continue;
      const targetsBy = (policy: string | undefined) => targetsOf(own, { port: port.name ?? "", protocol, nodeName: policy === "Local" ? nodeName : undefined });
      const places = [
        ...(clusterIP === undefined || clusterIP === "" || clusterIP === "None" ? [] : [{ ip: clusterIP, port: port.port, policy: internalTrafficPolicy }]),
        ...(port.nodePort === undefined || (type !== "NodePort" && type !== "LoadBalancer") ? [] : [{ ip: nodeIP, port: port.nodePort, policy: externalTrafficPolicy }]),
      ];
      for (const { policy, ...place } of places) {
        const targets = targetsBy(policy);
        const key = `${protocol} ${place.ip}:${String(place.port)}`;
        if (!found.has(key)) found.set(key, { key, service: `${service.metadata.namespace ?? ""}/${service.metadata.name}`, protocol, ...place, targets, affinityMs });
      }
    }
  }
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** True for a slice that belongs to the service. */
export function isSliceOf(slice: EndpointSlice, service: Service): boolean {
  return slice.metadata.namespace === service.metadata.namespace && slice.metadata.labels?.[serviceNameLabel] === service.metadata.name && slice.addressType === "IPv4";
}

function targetsOf(slices: readonly EndpointSlice[], wanted: { readonly port: string; readonly protocol: string; readonly nodeName: string | undefined }): readonly Target[] {
  const ready = new Map<string, Target>();
  const ending = new Map<string, Target>();
  for (const slice of slices) {
    const port = slice.ports?.find((candidate) => (candidate.name ?? "") === wanted.port && (candidate.protocol ?? "TCP") === wanted.protocol)?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions, nodeName } of slice.endpoints ?? []) {
      if (wanted.nodeName !== undefined && nodeName !== wanted.nodeName) continue;
      const into = conditions?.ready !== false ? ready : (conditions.serving === true && conditions.terminating === true ? ending : undefined);
      for (const ip of addresses) into?.set(ip, { ip, port });
    }
  }
  return [...(ready.size > 0 ? ready : ending).values()];
}
