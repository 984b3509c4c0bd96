import assert from "node:assert/strict";
import { test } from "node:test";
import { service } from "../../../test/api/objects.ts";
import type { Endpoint } from "../../model/generated/discovery-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { triggerAnnotation } from "../endpoint-slice/decide.ts";
import { decideEndpoints, endpointsAddressesMax, gatherMs, gatheredAddressesMin, waitOf } from "./decide.ts";

function slice(port: number, ...endpoints: readonly Endpoint[]): EndpointSlice {
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: `s-${port}`, namespace: "default" }, addressType: "IPv4", ports: [{ name: "", port, protocol: "TCP" }], endpoints };
}

function endpoint(ip: string, conditions: Endpoint["conditions"] = { ready: true, serving: true, terminating: false }): Endpoint {
  return { addresses: [ip], conditions: conditions ?? {}, targetRef: { kind: "Pod", name: ip } };
}

const address = (ip: string) => ({ ip, targetRef: { kind: "Pod", name: ip } });

test("what is ready and what is not stand apart, by their ports, and what is ending is left out", () => {
  const waiting = endpoint("10.0.0.3", { ready: false, serving: false, terminating: false });
  const ending = endpoint("10.0.0.4", { ready: false, serving: true, terminating: true });
  const { subsets, metadata } = decideEndpoints(service("a"), [slice(80, endpoint("10.0.0.2"), endpoint("10.0.0.1"), waiting, ending), slice(81, endpoint("10.0.0.5"))], undefined);
  assert.deepEqual(subsets, [
    { addresses: [address("10.0.0.1"), address("10.0.0.2")], notReadyAddresses: [address("10.0.0.3")], ports: [{ port: 80, protocol: "TCP" }] },
    { addresses: [address("10.0.0.5")], ports: [{ port: 81, protocol: "TCP" }] },
  ]);
  assert.deepEqual([metadata.name, metadata.labels?.["endpoints.kubernetes.io/managed-by"]], ["a", "endpoint-controller"]);
});

test("a Service without pods has an Endpoints without subsets, and one that is right is answered as it is", () => {
  const first = decideEndpoints(service("a"), [], undefined);
  assert.equal(first.subsets, undefined);
  assert.equal(decideEndpoints(service("a"), [], first), first);
  assert.notEqual(decideEndpoints(service("a"), [slice(80, endpoint("10.0.0.1"))], first), first);
});

test("an Endpoints has a thousand addresses at most, and says when it was cut", () => {
  const many = Array.from({ length: endpointsAddressesMax + 5 }, (_, index) => endpoint(`10.0.${Math.floor(index / 250)}.${index % 250}`));
  const cut = decideEndpoints(service("a"), [slice(80, ...many)], undefined);
  assert.equal(cut.subsets?.[0]?.addresses?.length, endpointsAddressesMax);
  assert.equal(cut.metadata.annotations?.["endpoints.kubernetes.io/over-capacity"], "truncated");
  assert.deepEqual(decideEndpoints(service("a"), [slice(80, endpoint("10.0.0.1"))], cut).metadata.annotations, {});
});

test("changes of a big Endpoints are gathered for a second, those of a small one are not", () => {
  const writtenMs = Date.parse("2026-01-01T00:00:00Z");
  const written = (count: number) => {
    const made = decideEndpoints(service("a"), [slice(80, ...Array.from({ length: count }, (_unused, index) => endpoint(`10.0.0.${index}`)))], undefined);
    return { ...made, metadata: { ...made.metadata, annotations: { [triggerAnnotation]: "2026-01-01T00:00:00.000000Z" } } };
  };
  const waits = (count: number) => [-1, 0, 400, gatherMs].map((ms) => waitOf(written(count), writtenMs + ms));
  assert.deepEqual(waits(gatheredAddressesMin), [0, gatherMs, gatherMs - 400, 0]);
  assert.deepEqual(waits(gatheredAddressesMin - 1), [0, 0, 0, 0]);
  assert.equal(waitOf(decideEndpoints(service("a"), [], undefined), writtenMs), 0);
});
