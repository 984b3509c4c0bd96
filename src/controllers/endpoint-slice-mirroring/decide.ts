import type { EndpointAddress, EndpointPort as SubsetPort, Endpoints } from "../../model/generated/core-v1.ts";
import type { Endpoint, EndpointPort } from "../../model/generated/discovery-v1.ts";
import { endpointsPerSliceMax, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { controllerReference } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { ipFamilyOf } from "../../value/ip.ts";
import type { IpFamily } from "../../value/ip.ts";
import { managedByLabel, portsKey, triggerAnnotation } from "../endpoint-slice/decide.ts";
import { recycle } from "../endpoint-slice/recycle.ts";
import type { SliceDecision } from "../endpoint-slice/recycle.ts";
import { repackSubsets } from "./repack-subsets.ts";
import type { PackedSubset } from "./repack-subsets.ts";

/** The value of the managed-by label on slices that mirror an Endpoints. */
export const managedByMirroring = "endpointslicemirroring-controller.k8s.io";
/** Says of an Endpoints, as "true", that no slice is to be made of it. */
export const skipMirrorLabel = "endpointslice.kubernetes.io/skip-mirror";
/** On an Endpoints that somebody holds as a lock: it leads nowhere. */
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
/** Annotations that say something of the Endpoints alone. */
const ownAnnotations: ReadonlySet<string> = new Set([triggerAnnotation, "kubectl.kubernetes.io/last-applied-configuration"]);

/** Addresses of one subset that are mirrored, as upstream's default: a subset then is one slice of each family. */
export const addressesPerSubsetMax = endpointsPerSliceMax;

/** What is to become of the slices of an Endpoints. */
export interface MirrorDecision extends SliceDecision {
  /** Addresses that are none. */
  readonly invalidCount: number;
  /** Addresses beyond the bound of their subset. */
  readonly skippedCount: number;
}

/** True for an Endpoints that clients of slices are to see, if its Service has no selector. */
export function isMirrored({ metadata: { labels, annotations } }: Endpoints): boolean {
  return labels?.[skipMirrorLabel] !== "true" && annotations?.[leaderAnnotation] === undefined;
}

/**
 * Decides the slices that show an Endpoints somebody made by hand: one for each set of ports and family of addresses. Pure.
 *
 * @param slices those that mirror an Endpoints of this name
 * @see kubernetes pkg/controller/endpointslicemirroring/reconciler.go
 */
export function decideMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): MirrorDecision {
  const packed = repackSubsets(endpoints.subsets ?? []).map((subset) => ({ ports: subset.ports.map(slicePort), ...endpointsOf(subset) }));
  const wanted = packed.flatMap(({ ports, byFamily }) => [...byFamily].map(([addressType, found]) => mirrorOf(endpoints, { addressType, ports, endpoints: found })));
  const known = Map.groupBy(slices, keyOfSlice);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const spare = new Set(slices);
  for (const slice of wanted) {
    const [same] = known.get(keyOfSlice(slice)) ?? [];
    if (same === undefined) {
      create.push(slice);
      continue;
    }
    spare.delete(same);
    const next = updated(same, slice);
    if (next !== same) update.push(next);
  }
  const counts = { invalidCount: packed.reduce((sum, { invalidCount }) => sum + invalidCount, 0), skippedCount: packed.reduce((sum, { skippedCount }) => sum + skippedCount, 0) };
  return { ...recycle({ create, update, spare: [...spare] }, updated), ...counts };
}

interface SubsetEndpoints {
  readonly byFamily: ReadonlyMap<IpFamily, readonly Endpoint[]>;
  readonly invalidCount: number;
  readonly skippedCount: number;
}

function endpointsOf({ addresses }: PackedSubset): SubsetEndpoints {
  const byFamily = new Map<IpFamily, Endpoint[]>();
  let invalidCount = 0;
  let added = 0;
  for (const { address, isReady } of addresses) {
    if (added === addressesPerSubsetMax) break;
    const family = ipFamilyOf(address.ip);
    if (family === undefined) {
      invalidCount += 1;
      continue;
    }
    added += 1;
    const found = byFamily.get(family) ?? [];
    byFamily.set(family, found);
    found.push(endpointOf(address, isReady));
  }
  return { byFamily, invalidCount, skippedCount: addresses.length - added - invalidCount };
}

function endpointOf({ ip, hostname = "", nodeName = "", targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname === "" ? {} : { hostname }), ...(nodeName === "" ? {} : { nodeName }), ...(targetRef === undefined ? {} : { targetRef }) };
}

function slicePort({ name = "", port, protocol = "TCP", appProtocol }: SubsetPort): EndpointPort {
  return { name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

/** Equal for slices of one family and the same ports in any order. */
function keyOfSlice({ addressType, ports }: EndpointSlice): string {
  return `${addressType} ${portsKey(ports ?? [])}`;
}

function mirrorOf(endpoints: Endpoints, content: Pick<EndpointSlice, "addressType" | "ports" | "endpoints">): EndpointSlice {
  const { name, namespace = "", labels, annotations = {} } = endpoints.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: {
      name: "", generateName: `${name}-`, namespace, ownerReferences: [controllerReference(endpoints)],
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: managedByMirroring },
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !ownAnnotations.has(key))),
    },
    ...content,
  };
}

/** A slice with another's content; the very same where nothing changes. */
function updated(slice: EndpointSlice, wanted: EndpointSlice): EndpointSlice {
  const { labels = {}, annotations = {}, ownerReferences = [] } = wanted.metadata;
  const isSame = isEqual(byIdentity(slice.endpoints ?? []), byIdentity(wanted.endpoints ?? [])) && keyOfSlice(slice) === keyOfSlice(wanted)
    && isEqual(slice.metadata.labels ?? {}, labels) && isEqual(slice.metadata.annotations ?? {}, annotations) && isEqual(slice.metadata.ownerReferences ?? [], ownerReferences);
  return isSame ? slice : { ...slice, metadata: { ...slice.metadata, labels, annotations, ownerReferences }, ports: wanted.ports ?? [], endpoints: wanted.endpoints ?? [] };
}

/** Endpoints in an order of their own: that of a slice says nothing. */
function byIdentity(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const keyed = endpoints.map((endpoint) => ({ key: `${endpoint.addresses.join(",")} ${endpoint.targetRef?.uid ?? ""}`, endpoint }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ endpoint }) => endpoint);
}
