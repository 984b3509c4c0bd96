import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../model/generated/core-v1.ts";

/** An address of an Endpoints, and whether it serves. */
export interface ListedAddress {
  readonly address: EndpointAddress;
  readonly isReady: boolean;
}

/** Addresses that serve the very same ports. */
export interface PackedSubset {
  readonly ports: readonly EndpointPort[];
  /** What is ready first, then by address. */
  readonly addresses: readonly ListedAddress[];
}

/** Stands for the ports of a subset that names none. */
const noPort = "";

/**
 * The subsets of an Endpoints as they would be written by the book: every address once for the ports it serves, and ports of the same addresses together. Where an address is
 * ready and not ready at one port, it is not; addresses without ports that have some elsewhere are those. Pure.
 *
 * @see kubernetes pkg/api/v1/endpoints/util.go RepackSubsets
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): readonly PackedSubset[] {
  const portsByKey = new Map<string, EndpointPort>();
  const addressesByPort = new Map<string, Map<string, ListedAddress>>();
  for (const { ports = [], addresses = [], notReadyAddresses = [] } of subsets) {
    for (const port of ports) portsByKey.set(portKey(port), port);
    const listed = [...addresses.map((address) => ({ address, isReady: true })), ...notReadyAddresses.map((address) => ({ address, isReady: false }))];
    for (const key of ports.length === 0 ? [noPort] : ports.map(portKey)) {
      const known = addressesByPort.get(key) ?? new Map<string, ListedAddress>();
      addressesByPort.set(key, known);
      for (const entry of listed) take(known, entry);
    }
  }
  const packed = new Map<string, { readonly ports: EndpointPort[]; readonly addresses: readonly ListedAddress[] }>();
  for (const [key, known] of [...addressesByPort].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const addresses = [...known.values()].toSorted(byReadinessAndAddress);
    const name = JSON.stringify(addresses.map(({ address, isReady }) => [addressKey(address), isReady]));
    const subset = packed.get(name) ?? { ports: [], addresses };
    packed.set(name, subset);
    const port = portsByKey.get(key);
    if (port !== undefined) subset.ports.push(port);
  }
  return [...packed.values()].filter(({ addresses }) => addresses.length > 0);
}

function take(known: Map<string, ListedAddress>, { address, isReady }: ListedAddress): void {
  const key = addressKey(address);
  const before = known.get(key);
  known.set(key, { address: before?.address ?? address, isReady: isReady && before?.isReady !== false });
}

function portKey({ name = "", port, protocol = "TCP", appProtocol = "" }: EndpointPort): string {
  return JSON.stringify([name, protocol, port, appProtocol]);
}

function addressKey({ ip, targetRef }: EndpointAddress): string {
  return `${ip} ${targetRef?.uid ?? ""}`;
}

function byReadinessAndAddress(a: ListedAddress, b: ListedAddress): number {
  if (a.isReady !== b.isReady) return a.isReady ? -1 : 1;
  return addressKey(a.address) < addressKey(b.address) ? -1 : 1;
}
