import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Endpoints } from "../../model/generated/core-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { addressesPerSubsetMax, decideMirror, isMirrored } from "./decide.ts";
import type { MirrorDecision } from "./decide.ts";
import { repackSubsets } from "./repack-subsets.ts";

type Subsets = NonNullable<Endpoints["subsets"]>;

function endpoints(subsets: Subsets, metadata: Partial<Endpoints["metadata"]> = {}): Endpoints {
  return { apiVersion: "v1", kind: "Endpoints", metadata: { name: "db", namespace: "n", uid: "e", ...metadata }, subsets };
}

function after(slices: readonly EndpointSlice[], decision: MirrorDecision, round = 0): readonly EndpointSlice[] {
  const updated = new Map(decision.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter((slice) => !decision.remove.includes(slice)).map((slice) => updated.get(slice.metadata.name) ?? slice);
  return [...kept, ...decision.create.map((slice, index) => ({ ...slice, metadata: { ...slice.metadata, name: `db-${round}-${index}` } }))];
}

const address = (ip: string) => ({ ip });
const shown = (slices: readonly EndpointSlice[]) => slices.map(({ addressType, ports, endpoints: found }) => [addressType, ports?.map(({ port }) => port), found?.map(({ addresses, conditions }) => `${addresses.join()} ${String(conditions?.ready)}`)]);

test("a subset is a slice of each family, with what is not ready beside what is", () => {
  const made = decideMirror(endpoints([{ addresses: [address("10.0.0.1"), address("fd00::1")], notReadyAddresses: [address("10.0.0.2")], ports: [{ port: 80 }] }]), []).create;
  assert.deepEqual(shown(made), [["IPv4", [80], ["10.0.0.1 true", "10.0.0.2 false"]], ["IPv6", [80], ["fd00::1 true"]]]);
  assert.deepEqual(made[0]?.ports, [{ name: "", port: 80, protocol: "TCP" }]);
});

test("a mirror carries labels, annotations and an owner, but not what is about the Endpoints alone", () => {
  const [slice] = decideMirror(endpoints([{ addresses: [address("10.0.0.1")] }], { labels: { a: "b" }, annotations: { c: "d", "kubectl.kubernetes.io/last-applied-configuration": "{}" } }), []).create;
  assert.deepEqual(slice?.metadata, {
    name: "", generateName: "db-", namespace: "n", annotations: { c: "d" },
    labels: { a: "b", "kubernetes.io/service-name": "db", "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" },
    ownerReferences: [{ apiVersion: "v1", kind: "Endpoints", name: "db", uid: "e", controller: true, blockOwnerDeletion: true }],
  });
});

test("nodes, host names and what an address stands for are mirrored", () => {
  const targetRef = { kind: "Pod", namespace: "n", name: "p", uid: "u" };
  const [slice] = decideMirror(endpoints([{ addresses: [{ ip: "10.0.0.1", hostname: "a", nodeName: "one", targetRef }] }]), []).create;
  assert.deepEqual(slice?.endpoints, [{ addresses: ["10.0.0.1"], conditions: { ready: true }, hostname: "a", nodeName: "one", targetRef }]);
});

test("changes are followed in the slice there is, and what is mirrored already is left alone", () => {
  const slices = after([], decideMirror(endpoints([{ addresses: [address("10.0.0.1")], ports: [{ port: 80 }] }]), []));
  const moved = endpoints([{ addresses: [address("10.0.0.2")], ports: [{ port: 80 }] }]);
  const decision = decideMirror(moved, slices);
  assert.deepEqual([decision.create, decision.remove, decision.update.map(({ metadata }) => metadata.name)], [[], [], ["db-0-0"]]);
  assert.deepEqual(decideMirror(moved, after(slices, decision)), { create: [], update: [], remove: [], invalidCount: 0, skippedCount: 0 });
  const another = decideMirror(endpoints([{ addresses: [address("10.0.0.1")], ports: [{ port: 81 }] }]), slices);
  assert.deepEqual([another.create, another.remove, shown(another.update)], [[], [], [["IPv4", [81], ["10.0.0.1 true"]]]]);
  assert.deepEqual(decideMirror(endpoints([]), slices).remove, slices);
});

test("a subset has a thousand addresses at most, and what is no address is counted", () => {
  const many = Array.from({ length: addressesPerSubsetMax + 7 }, (_unused, index) => address(`10.0.${Math.floor(index / 250)}.${index % 250}`));
  const { create, invalidCount, skippedCount } = decideMirror(endpoints([{ addresses: [...many, address("!")] }]), []);
  assert.deepEqual([create[0]?.endpoints?.length, invalidCount, skippedCount], [addressesPerSubsetMax, 1, 7]);
});

test("a lock and what says so are not mirrored", () => {
  assert.equal(isMirrored(endpoints([])), true);
  assert.equal(isMirrored(endpoints([], { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } })), false);
  assert.equal(isMirrored(endpoints([], { labels: { "endpointslice.kubernetes.io/skip-mirror": "false" } })), true);
  assert.equal(isMirrored(endpoints([], { annotations: { "control-plane.alpha.kubernetes.io/leader": "" } })), false);
});

test("ports of the same addresses are one subset, and an address that is ready and not ready is not", () => {
  const packed = repackSubsets([
    { addresses: [address("10.0.0.1")], ports: [{ port: 80 }] }, { addresses: [address("10.0.0.1")], ports: [{ port: 81 }] },
    { addresses: [address("10.0.0.2")], notReadyAddresses: [address("10.0.0.2")] },
  ]);
  assert.deepEqual(packed.map(({ ports, addresses }) => [ports.map(({ port }) => port), addresses.map(({ address: { ip }, isReady }) => [ip, isReady])]), [[[], [["10.0.0.2", false]]], [[80, 81], [["10.0.0.1", true]]]]);
});

const ips = fc.uniqueArray(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"));
const subset = fc.record({ addresses: ips.map((found) => found.map(address)), notReadyAddresses: ips.map((found) => found.map(address)), ports: fc.uniqueArray(fc.constantFrom({ port: 80 }, { port: 81, name: "b" }, { port: 82, name: "c" }), { minLength: 1 }) });

test("whatever an Endpoints becomes, each address is shown once for each of its ports, and once only", () => {
  fc.assert(fc.property(fc.array(fc.array(subset, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), (rounds) => {
    let slices: readonly EndpointSlice[] = [];
    for (const [round, subsets] of rounds.entries()) {
      const subject = endpoints(subsets);
      slices = after(slices, decideMirror(subject, slices), round);
      const wanted = subsets.flatMap(({ addresses, notReadyAddresses, ports }) => [...addresses, ...notReadyAddresses].flatMap(({ ip }) => ports.map(({ port }) => `${ip} ${port}`)));
      const found = slices.flatMap(({ ports = [], endpoints: listed = [] }) => listed.flatMap(({ addresses }) => ports.map(({ port }) => `${addresses.join()} ${String(port)}`)));
      assert.deepEqual(found.toSorted(), [...new Set(wanted)].toSorted());
      assert.deepEqual(decideMirror(subject, slices), { create: [], update: [], remove: [], invalidCount: 0, skippedCount: 0 });
    }
  }), { numRuns: 60 });
});
