import { parseTime } from "../../model/conditions.ts";
import type { EndpointAddress, Endpoints, EndpointSubset } from "../../model/generated/core-v1.ts";
import type { Endpoint } from "../../model/generated/discovery-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Service } from "../../model/kinds/service.ts";
import { isEqual } from "../../value/equal.ts";
import { headlessLabel, triggerAnnotation } from "../endpoint-slice/decide.ts";
import { addressTypesOf } from "../endpoint-slice/endpoint-of.ts";

/** Addresses of one Endpoints, as upstream: who needs more reads slices. */
export const endpointsAddressesMax = 1_000;

/** From this many addresses on an Endpoints is so big (15 KB and more, all of it written anew for one pod) that changes are gathered. */
export const gatheredAddressesMin = 100;

/** Changes of a big Endpoints are gathered for this long; slices, which lead the traffic, never wait. */
export const gatherMs = 1_000;

/** Says that an Endpoints does not have all: the annotation of one that is cut. */
export const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

/** Names who keeps an Endpoints. */
export const managedByLabel = "endpoints.kubernetes.io/managed-by";
/** The value of `managedByLabel` on an Endpoints this controller keeps. */
export const managedByUs = "endpoint-controller";

/**
 * The old form of a Service's slices, for clients that read no other: kubectl before 1.31 among them. It has room for the Service's first family of addresses only. The very same
 * object when nothing changes. Pure.
 *
 * @see kubernetes pkg/controller/endpoint/endpoints_controller.go
 */
export function decideEndpoints(service: Service, slices: readonly EndpointSlice[], existing: Endpoints | undefined): Endpoints {
  const [family] = addressTypesOf(service);
  const { subsets, isCut } = subsetsOf(slices.filter(({ addressType }) => addressType === family));
  const { [overCapacityAnnotation]: _cut, ...annotations } = existing?.metadata.annotations ?? {};
  const labels = { ...service.metadata.labels, ...(service.spec.clusterIP === "None" ? { [headlessLabel]: "" } : {}), [managedByLabel]: managedByUs };
  const noted = { ...annotations, ...(isCut ? { [overCapacityAnnotation]: "truncated" } : {}) };
  const metadata = {
    ...existing?.metadata, namespace: service.metadata.namespace ?? "", name: service.metadata.name, labels, annotations: noted,
  };
  const wanted: Endpoints = { apiVersion: "v1", kind: "Endpoints", metadata, ...(subsets.length === 0 ? {} : { subsets }) };
  const isSame = existing !== undefined && isEqual(existing.subsets ?? [], subsets) && isEqual(existing.metadata.labels ?? {}, labels) && isEqual(existing.metadata.annotations ?? {}, noted);
  return isSame ? existing : wanted;
}

interface Gathered {
  readonly ports: NonNullable<EndpointSubset["ports"]>;
  readonly addresses: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

/** What serves, and what will, by its ports; what is ending is left out. */
function subsetsOf(slices: readonly EndpointSlice[]): { readonly subsets: readonly EndpointSubset[]; readonly isCut: boolean } {
  const gathered = new Map<string, Gathered>();
  let left = endpointsAddressesMax;
  let isCut = false;
  for (const { ports = [], endpoints = [] } of slices) {
    const printed = ports.flatMap(({ name = "", port, protocol, appProtocol }) => (port === undefined ? [] : [{ port, ...(name === "" ? {} : { name }), ...(protocol === undefined ? {} : { protocol }), ...(appProtocol === undefined ? {} : { appProtocol }) }]));
    const key = JSON.stringify(printed);
    const subset = gathered.get(key) ?? { ports: printed, addresses: [], notReady: [] };
    gathered.set(key, subset);
    for (const endpoint of endpoints.filter(isListed)) {
      isCut ||= left === 0;
      if (left === 0) break;
      left -= 1;
      (endpoint.conditions?.ready === false ? subset.notReady : subset.addresses).push(addressOf(endpoint));
    }
  }
  const subsets = [...gathered.values()].filter(({ addresses, notReady }) => addresses.length + notReady.length > 0).map(({ ports, addresses, notReady }): EndpointSubset => ({
    ...(addresses.length === 0 ? {} : { addresses: addresses.toSorted(byAddress) }), ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.toSorted(byAddress) }),
    ...(ports.length === 0 ? {} : { ports }),
  }));
  return { subsets, isCut };
}

function isListed({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false || conditions.terminating !== true;
}

function addressOf({ addresses: [ip = ""], hostname, nodeName, targetRef }: Endpoint): EndpointAddress {
  return { ip, ...(hostname === undefined ? {} : { hostname }), ...(nodeName === undefined ? {} : { nodeName }), ...(targetRef === undefined ? {} : { targetRef }) };
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  return a.ip < b.ip ? -1 : 1;
}

/** How long a change of an Endpoints is to wait, by when it was written last: 0 for a small one. Pure. */
export function waitOf({ metadata, subsets = [] }: Endpoints, nowMs: number): number {
  const count = subsets.reduce((sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length, 0);
  const writtenMs = parseTime(metadata.annotations?.[triggerAnnotation]);
  // Of a time to come, as of a clock that went back, nothing is known.
  if (count < gatheredAddressesMin || writtenMs === undefined || writtenMs > nowMs) return 0;
  return Math.max(0, writtenMs + gatherMs - nowMs);
}
