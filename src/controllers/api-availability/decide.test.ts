import assert from "node:assert/strict";
import { test } from "node:test";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Service } from "../../model/kinds/service.ts";
import { service } from "../../../test/api/objects.ts";
import { decideAvailability, withAvailability } from "./decide.ts";
import type { ApiServiceFacts, Availability } from "./decide.ts";

const api: APIService = {
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.zoo.example.com" }, status: {},
  spec: { group: "zoo.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, service: { namespace: "default", name: "zoo" } },
};
const zoo: Service = service("zoo", { type: "ClusterIP", ports: [{ name: "https", port: 443, protocol: "TCP" }] });
const slice: EndpointSlice = {
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "zoo-1", namespace: "default" }, addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ name: "https", port: 8443, protocol: "TCP" }],
};
const all: ApiServiceFacts = { isLocal: false, service: zoo, slices: [slice] };
const yes: Availability = { isAvailable: true, reason: "Passed", message: "all checks passed" };

const cases: readonly (readonly [title: string, of: APIService, facts: ApiServiceFacts, is: "ask" | readonly [isAvailable: boolean, reason: string, message: string]])[] = [
  ["served here", { ...api, spec: { groupPriorityMinimum: 1, versionPriority: 1 } }, { ...all, isLocal: true, service: undefined, slices: [] }, [true, "Local", "Local APIServices are always available"]],
  ["that leads elsewhere for what is served here", api, { ...all, isLocal: true }, [false, "ServedLocally", 'zoo.example.com/v1 is served by this API server itself: nothing is asked of service/zoo in "default"']],
  ["without its Service", api, { ...all, service: undefined }, [false, "ServiceNotFound", 'service/zoo in "default" is not present']],
  ["of another port", { ...api, spec: { ...api.spec, service: { namespace: "default", name: "zoo", port: 444 } } }, all, [false, "ServicePortError", 'service/zoo in "default" is not listening on port 444']],
  ["without slices", api, { ...all, slices: [] }, [false, "EndpointsNotFound", 'cannot find endpointslices for service/zoo in "default"']],
  ["whose endpoints are not ready", api, { ...all, slices: [{ ...slice, endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false } }] }] }, [false, "MissingEndpoints", 'endpointslices for service/zoo in "default" have no addresses with port name "https"']],
  ["whose endpoints have another port", api, { ...all, slices: [{ ...slice, ports: [{ name: "http", port: 80, protocol: "TCP" }] }] }, [false, "MissingEndpoints", 'endpointslices for service/zoo in "default" have no addresses with port name "https"']],
  ["of a name outside of the cluster", api, { ...all, service: service("zoo", { type: "ExternalName", externalName: "zoo.example.com" }), slices: [] }, "ask"],
  ["that was not asked yet", api, all, "ask"],
  ["that answers", api, { ...all, probed: {} }, [true, "Passed", "all checks passed"]],
  ["that does not", api, { ...all, probed: { failure: "bad status" } }, [false, "FailedDiscoveryCheck", "bad status"]],
];

for (const [title, of, facts, is] of cases) {
  test(`an APIService ${title} is judged as upstream does`, () => {
    const decided = decideAvailability(of, facts);
    assert.deepEqual(decided === "ask" ? decided : [decided.isAvailable, decided.reason, decided.message], is);
  });
}

test("a status that says so already stays the very same, and its time is that of the last change", () => {
  const first = withAvailability({}, yes, 0);
  assert.equal(withAvailability(first, yes, 60_000), first);
  const other = withAvailability(first, { ...yes, message: "x" }, 60_000);
  assert.deepEqual(other.conditions?.map(({ lastTransitionTime, message }) => [lastTransitionTime, message]), [["1970-01-01T00:00:00Z", "x"]]);
  assert.deepEqual(withAvailability(first, { isAvailable: false, reason: "r", message: "m" }, 60_000).conditions?.map(({ lastTransitionTime, status }) => [lastTransitionTime, status]), [["1970-01-01T00:01:00Z", "False"]]);
});
