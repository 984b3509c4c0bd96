import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoints } from "../generated/core-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { validateObject } from "../validate.ts";
import { EndpointsKind } from "./core-limits.ts";
import { EndpointSliceKind } from "./endpoint-slice.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";

function slice(extra: Partial<EndpointSlice> = {}): EndpointSlice {
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "s", namespace: "default" }, addressType: "IPv4", endpoints: [], ports: [], ...extra };
}

const at = (address: string, extra: Partial<NonNullable<EndpointSlice["endpoints"]>[number]> = {}) => ({ endpoints: [{ addresses: [address], ...extra }] });
const port = (name: string) => ({ name, port: 80, protocol: "TCP" as const });
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** Slices, and what is wrong with them. */
const cases: readonly (readonly [Partial<EndpointSlice>, readonly string[]])[] = [
  [{}, []],
  [at("10.0.0.1", { hostname: "a", nodeName: "one", hints: { forZones: [{ name: "east" }], forNodes: [{ name: "one" }] } }), []],
  // Pods that are processes of the machine are in its own net.
  [at("127.0.0.7"), []],
  [{ addressType: "IPv6", ...at("fd00::1") }, []],
  [{ addressType: "FQDN", ...at("a.example.com.") }, []],
  [{ endpoints: [{ addresses: [] }] }, ["endpoints[0].addresses: Required value: must contain at least 1 address"]],
  [at("x"), ['endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  [at("fd00::1"), ['endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address']],
  [at("169.254.1.1"), ['endpoints[0].addresses[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  [{ addressType: "FQDN", ...at("single") }, ['endpoints[0].addresses[0]: Invalid value: "single": should be a domain with at least two segments separated by dots']],
  [at("10.0.0.1", { hostname: "A" }), [`endpoints[0].hostname: Invalid value: "A": ${label}`]],
  [at("10.0.0.1", { hints: { forZones: [{ name: "e" }, { name: "e" }] } }), ['endpoints[0].hints.forZones[1].name: Duplicate value: "e"']],
  [at("10.0.0.1", { hints: { forZones: Array.from({ length: 9 }, (_unused, index) => ({ name: `z${index}` })) } }), ["endpoints[0].hints.forZones: Too many: 9: must have at most 8 items"]],
  [{ endpoints: [{ addresses: Array.from({ length: 101 }, (_unused, index) => `10.0.0.${index}`) }] }, ["endpoints[0].addresses: Too many: 101: must have at most 100 items"]],
  [{ ports: [port("a"), port("a")] }, ['ports[1].name: Duplicate value: "a"']],
  [{ ports: [{ ...port("a"), appProtocol: "kubernetes.io/h2c" }] }, []],
  [{ ports: [port("A")] }, [`ports[0].name: Invalid value: "A": ${label}`]],
];

for (const [extra, errors] of cases) {
  const shown = JSON.stringify(extra);
  test(`a slice with ${shown.length > 160 ? `${shown.slice(0, 160)}…` : shown} is ${errors.length === 0 ? "taken" : "refused"}`, () => {
    assert.deepEqual(validateObject(EndpointSliceKind, slice(extra)).map(printFieldError), errors);
  });
}

test("endpoints that were taken once do not keep a slice from changing otherwise", () => {
  const old = slice(at("169.254.1.1"));
  assert.deepEqual(validateObject(EndpointSliceKind, { ...old, ports: [port("a")] }, old), []);
});

test("what older versions wrote of a node's place is not kept", () => {
  assert.deepEqual(EndpointSliceKind.prepare?.(slice(at("10.0.0.1", { nodeName: "one", deprecatedTopology: { zone: "east" } })), undefined), slice(at("10.0.0.1", { nodeName: "one" })));
});

test("an Endpoints leads to addresses that can be reached, by names that can be asked for", () => {
  const endpoints = (subsets: Endpoints["subsets"]): Endpoints => ({ apiVersion: "v1", kind: "Endpoints", metadata: { name: "e", namespace: "default" }, subsets: subsets ?? [] });
  const errorsOf = (subsets: Endpoints["subsets"]) => validateObject(EndpointsKind, endpoints(subsets)).map(printFieldError);
  assert.deepEqual(errorsOf([{ addresses: [{ ip: "10.0.0.1", hostname: "a" }, { ip: "127.0.0.1" }], ports: [{ port: 80, protocol: "TCP" }] }]), []);
  assert.deepEqual(errorsOf([{ addresses: [{ ip: "0.0.0.0" }] }]), ['subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0 or ::)']);
  assert.deepEqual(errorsOf([{ notReadyAddresses: [{ ip: "10.0.0.1", hostname: "A" }] }]), [`subsets[0].notReadyAddresses[0].hostname: Invalid value: "A": ${label}`]);
  assert.deepEqual(errorsOf([{ addresses: [{ ip: "10.0.0.1" }], ports: [{ name: "A", port: 80, protocol: "TCP" }] }]), [`subsets[0].ports[0].name: Invalid value: "A": ${label}`]);
});
