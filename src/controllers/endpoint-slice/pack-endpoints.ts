import type { Endpoint } from "../../model/generated/discovery-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { isEqual } from "../../value/equal.ts";

/** Endpoints of one slice, as upstream (pkg/controller/endpointslice/config). */
export const endpointsPerSliceMax = 100;

/** A slice and what is to be in it. */
export interface Packed {
  readonly slice: EndpointSlice;
  readonly endpoints: readonly Endpoint[];
}

/** Which slices change. What is named nowhere stays as it is. */
export interface Packing {
  /** What each new slice is to hold. */
  readonly created: readonly (readonly Endpoint[])[];
  readonly changed: readonly Packed[];
  /** Slices nothing is left in. */
  readonly emptied: readonly EndpointSlice[];
}

interface Place {
  readonly slice: EndpointSlice;
  readonly endpoints: Endpoint[];
  isChanged: boolean;
}

/**
 * Puts the endpoints of one set of ports into its slices, so that few slices change: each endpoint stays where it is; new ones go where something changes anyway, the fullest first;
 * then into the one slice they all fit into best; then into new slices. Pure.
 *
 * @param isTrue says whether a slice is right but for its endpoints
 * @see kubernetes staging/src/k8s.io/endpointslice/reconciler.go reconcileByPortMapping
 */
export function packEndpoints(slices: readonly EndpointSlice[], wanted: readonly Endpoint[], isTrue: (slice: EndpointSlice) => boolean): Packing {
  const left = new Map<string, Endpoint>();
  for (const endpoint of wanted) left.set(nameOf(endpoint), endpoint);
  const places: Place[] = [];
  const emptied: EndpointSlice[] = [];
  for (const slice of slices) {
    const place = keepWanted(slice, left, isTrue);
    if (place.endpoints.length === 0 && (slice.endpoints ?? []).length > 0) emptied.push(slice);
    else places.push(place);
  }
  const changing = places.filter(({ isChanged }) => isChanged).toSorted((a, b) => b.endpoints.length - a.endpoints.length);
  for (const place of changing) fill(place.endpoints, left);
  const created: Endpoint[][] = [];
  while (left.size > 0) {
    const place = placeFor(left.size, places);
    if (place === undefined) {
      const endpoints: Endpoint[] = [];
      created.push(endpoints);
      fill(endpoints, left);
    } else {
      place.isChanged = true;
      fill(place.endpoints, left);
    }
  }
  return { created, changed: places.filter(({ isChanged }) => isChanged), emptied };
}

/** What of a slice stays, as it is now; it is taken off what is left to place. */
function keepWanted(slice: EndpointSlice, left: Map<string, Endpoint>, isTrue: (slice: EndpointSlice) => boolean): Place {
  const known = slice.endpoints ?? [];
  let isChanged = !isTrue(slice);
  const endpoints: Endpoint[] = [];
  for (const before of known) {
    const name = nameOf(before);
    const endpoint = left.get(name);
    if (endpoint === undefined || !isSamePlace(endpoint, before)) {
      isChanged = true;
      continue;
    }
    left.delete(name);
    endpoints.push(endpoint);
    isChanged ||= !isSame(endpoint, before);
  }
  return { slice, endpoints, isChanged };
}

/** The pod an endpoint stands for: there is one of a name. */
function nameOf({ addresses, targetRef }: Endpoint): string {
  return targetRef?.name ?? addresses.join();
}

/** An endpoint stays where it is as long as clients find it under the same address and name; all else may change in place. */
function isSamePlace(a: Endpoint, b: Endpoint): boolean {
  return a.hostname === b.hostname && a.addresses.length === b.addresses.length && a.addresses.every((address, index) => address === b.addresses[index]);
}

/** True for two endpoints of one place that say the same. Asked of every endpoint at every change: nothing is walked that is not there. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.conditions?.ready === b.conditions?.ready && a.conditions?.serving === b.conditions?.serving && a.conditions?.terminating === b.conditions?.terminating
    && a.nodeName === b.nodeName && a.zone === b.zone && a.targetRef?.uid === b.targetRef?.uid && a.targetRef?.kind === b.targetRef?.kind && isEqual(a.hints, b.hints);
}

function fill(endpoints: Endpoint[], left: Map<string, Endpoint>): void {
  for (const [name, endpoint] of left) {
    if (endpoints.length >= endpointsPerSliceMax) return;
    left.delete(name);
    endpoints.push(endpoint);
  }
}

/** The unchanged slice that is fullest once so many are in it; undefined where they fit into none. */
function placeFor(count: number, places: readonly Place[]): Place | undefined {
  let best: Place | undefined;
  for (const place of places) {
    if (place.isChanged || place.endpoints.length + count > endpointsPerSliceMax) continue;
    if (best === undefined || place.endpoints.length > best.endpoints.length) best = place;
  }
  return best;
}
