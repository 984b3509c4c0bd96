import type { Endpoint, EndpointPort } from "../../model/generated/discovery-v1.ts";
import { serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Node } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { controllerReference } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import type { IpFamily } from "../../value/ip.ts";
import { addressTypesOf, endpointOf, isEndpoint, portNumbersOf, portsWith } from "./endpoint-of.ts";
import { packEndpoints } from "./pack-endpoints.ts";
import { recycle } from "./recycle.ts";
import type { SliceDecision } from "./recycle.ts";

/** Names who keeps a slice. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
/** The value of `managedByLabel` on slices this controller may touch. */
export const managedByUs = "endpointslice-controller.k8s.io";
/** On what belongs to a Service without an address. */
export const headlessLabel = "service.kubernetes.io/headless";
/** When the change was seen that the last write of a slice or an Endpoints answers: network latency is measured by it. */
export const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

/** What the endpoints of a Service are made of. */
export interface Backends {
  /** Those its selector finds. */
  readonly pods: readonly Pod[];
  readonly nodeOf: (name: string) => Node | undefined;
}

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

/**
 * Decides the slices of one Service from its pods, changing as few as possible. Pods that resolve named ports differently are in slices of their own, and a Service without any pod has one
 * empty slice of each family. Pure.
 *
 * @param slices those this controller keeps for a Service of this name, ending ones left out
 * @see kubernetes staging/src/k8s.io/endpointslice/reconciler.go
 */
export function decideSlices(service: Service, backends: Backends, slices: readonly EndpointSlice[]): SliceDecision {
  const addressTypes = addressTypesOf(service);
  const decisions = addressTypes.map((addressType) => decideFamily(service, backends, { addressType, slices: slices.filter((slice) => slice.addressType === addressType) }));
  return {
    create: decisions.flatMap(({ create }) => create),
    update: decisions.flatMap(({ update }) => update),
    remove: [...slices.filter(({ addressType }) => addressType === "FQDN" || !addressTypes.includes(addressType)), ...decisions.flatMap(({ remove }) => remove)],
  };
}

function decideFamily(service: Service, backends: Backends, { addressType, slices }: { readonly addressType: IpFamily; readonly slices: readonly EndpointSlice[] }): SliceDecision {
  const labels = labelsOf(service);
  const ours = slices.filter((slice) => isOwnedBy(slice, service));
  // Of a Service of this name that went: the garbage collector removes them, too, so nothing may be put into them.
  const strangers = slices.filter((slice) => !ours.includes(slice));
  const slicesByPorts = Map.groupBy(ours, (slice) => portsKey(slice.ports ?? []));
  const wanted = groupsOf(service, backends, addressType);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const spare: EndpointSlice[] = [...slicesByPorts].flatMap(([key, unwanted]) => (wanted.has(key) ? [] : unwanted));
  for (const [key, { ports, endpoints }] of wanted) {
    const { created, changed, emptied } = packEndpoints(slicesByPorts.get(key) ?? [], endpoints, (slice) => isEqual(slice.metadata.labels ?? {}, labels));
    create.push(...created.map((packed) => newSlice(service, { addressType, ports, endpoints: packed })));
    update.push(...changed.map((place) => withContent(place.slice, { labels, ports: place.slice.ports ?? [], endpoints: place.endpoints })));
    spare.push(...emptied);
  }
  if (create.length === 0 && spare.length === ours.length) {
    const placeholder = newSlice(service, { addressType, ports: [], endpoints: [] });
    const [only] = spare;
    if (spare.length === 1 && only !== undefined && isSamePlaceholder(only, placeholder)) spare.pop();
    else create.push(placeholder);
  }
  const recycled = recycle({ create, update, spare }, (slice, { metadata, ports = [], endpoints = [] }) => withContent(slice, { labels: metadata.labels ?? {}, ports, endpoints }));
  return { ...recycled, remove: [...recycled.remove, ...strangers] };
}

/** The endpoints of one family by their ports. Pods of a node nobody knows are left out: somebody removes them soon, unless the Service publishes what is not ready. */
function groupsOf(service: Service, { pods, nodeOf }: Backends, addressType: IpFamily): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const groupsByNumbers = new Map<string, Group>();
  for (const pod of pods) {
    if (!isEndpoint(pod)) continue;
    const numbers = portNumbersOf(service, pod);
    const text = numbers.join();
    const group = groupsByNumbers.get(text) ?? addGroup(groups, portsWith(service, numbers));
    groupsByNumbers.set(text, group);
    const node = nodeOf(pod.spec.nodeName ?? "");
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) continue;
    const endpoint = endpointOf(service, pod, { node, addressType });
    if (endpoint !== undefined) group.endpoints.push(endpoint);
  }
  return groups;
}

function addGroup(groups: Map<string, Group>, ports: readonly EndpointPort[]): Group {
  const key = portsKey(ports);
  const group = groups.get(key) ?? { ports, endpoints: [] };
  groups.set(key, group);
  return group;
}

/** Equal for the same ports in any order. Pure. */
export function portsKey(ports: readonly EndpointPort[]): string {
  return ports.map(({ name = "", protocol = "TCP", port, appProtocol }) => JSON.stringify([name, protocol, port, appProtocol])).toSorted().join();
}

function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === "Service" && apiVersion === "v1");
}

/** The Service's own labels, and those that say what the slice is. */
function labelsOf({ metadata: { name, labels }, spec: { clusterIP = "" } }: Service): Readonly<Record<string, string>> {
  const { [headlessLabel]: _headless, ...own } = labels ?? {};
  return { ...own, ...(clusterIP === "None" || clusterIP === "" ? { [headlessLabel]: "" } : {}), [serviceNameLabel]: name, [managedByLabel]: managedByUs };
}

interface Content {
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

function withContent(slice: EndpointSlice, { labels, ports, endpoints }: Content): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, labels }, ports, endpoints };
}

function newSlice(service: Service, { addressType, ports, endpoints }: Omit<Content, "labels"> & { readonly addressType: IpFamily }): EndpointSlice {
  const { name, namespace = "" } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { name: "", generateName: `${name}-`, namespace, labels: labelsOf(service), ownerReferences: [controllerReference(service)] },
    addressType, ports, endpoints,
  };
}

function isSamePlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  return (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0
    && isEqual(slice.metadata.labels ?? {}, placeholder.metadata.labels ?? {}) && isEqual(slice.metadata.ownerReferences ?? [], placeholder.metadata.ownerReferences ?? []);
}
