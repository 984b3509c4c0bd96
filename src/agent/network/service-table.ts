import type { EndpointSlice } from "../../model/generated/discovery-v1.ts";
import type { Service } from "../../model/generated/core-v1.ts";

/** The label that ties a slice to its service (kubernetes). */
export const serviceNameLabel = "kubernetes.io/service-name";
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

/** What the forwarder must listen on. Pure; in key order. Where no endpoint is ready, those that still serve while they end are used, as kube-proxy does. */
export function serviceListeners(services: readonly Service[], slices: readonly EndpointSlice[], nodeIP: string): readonly ServiceListener[] {
  const found = new Map<string, ServiceListener>();
  const slicesByService = Map.groupBy(slices, ({ metadata: { namespace = "", labels } }) => `${namespace}/${labels?.[serviceNameLabel] ?? ""}`);
  for (const service of services) {
    const { clusterIP, ports, sessionAffinity, sessionAffinityConfig, type } = service.spec;
    const own = (slicesByService.get(`${service.metadata.namespace ?? ""}/${service.metadata.name}`) ?? []).filter((slice) => isSliceOf(slice, service));
    const affinityMs = sessionAffinity === "ClientIP" ? (sessionAffinityConfig?.clientIP?.timeoutSeconds ?? affinityDefaultSeconds) * 1000 : undefined;
    for (const port of ports ?? []) {
      const protocol = port.protocol ?? "TCP";
      if (protocol === "SCTP") continue;
      const targets = targetsOf(own, port.name ?? "", protocol);
      const places = [
        ...(clusterIP === undefined || clusterIP === "" || clusterIP === "None" ? [] : [{ ip: clusterIP, port: port.port }]),
        ...(port.nodePort === undefined || (type !== "NodePort" && type !== "LoadBalancer") ? [] : [{ ip: nodeIP, port: port.nodePort }]),
      ];
      for (const place of places) {
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

function targetsOf(slices: readonly EndpointSlice[], portName: string, protocol: string): readonly Target[] {
  const ready = new Map<string, Target>();
  const ending = new Map<string, Target>();
  for (const slice of slices) {
    const port = slice.ports?.find((candidate) => (candidate.name ?? "") === portName && (candidate.protocol ?? "TCP") === protocol)?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      const into = conditions?.ready !== false ? ready : (conditions.serving === true && conditions.terminating === true ? ending : undefined);
      for (const ip of addresses) into?.set(ip, { ip, port });
    }
  }
  return [...(ready.size > 0 ? ready : ending).values()];
}
