import assert from "node:assert/strict";
import { test } from "node:test";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { service } from "../../../test/api/objects.ts";
import { fakeWorld, settle } from "../../../test/world/fake-world.ts";
import { parseGroupDiscovery, parseOpenApiIndex, parseResourceList } from "./discovered.ts";
import { endpointsOf } from "./endpoints.ts";
import type { ServerReply } from "./extension-servers.ts";
import { emptyForeign, foreignResources } from "./foreign-content.ts";
import { identityHeaders } from "./front-proxy.ts";
import { RemoteDocuments } from "./remote-documents.ts";
import { routeOf, routeTable } from "./routes.ts";
import type { ApiRoute } from "./routes.ts";

const zoo: APIService = {
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.zoo.example.com" }, status: { conditions: [{ type: "Available", status: "True" }] },
  spec: { group: "zoo.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, service: { namespace: "default", name: "zoo" } },
};

function route(change: Partial<ApiRoute> = {}): ApiRoute {
  const found = routeOf(zoo);
  assert.ok(found !== undefined);
  return { ...found, ...change };
}

test("an APIService leads to its Service, by default at port 443, and one of ours nowhere", () => {
  const { service: target, port, ca, isUnverified, isAvailable } = route();
  assert.deepEqual([target, port, ca, isUnverified, isAvailable], [{ namespace: "default", name: "zoo" }, 443, undefined, false, true]);
  assert.equal(routeOf({ ...zoo, spec: { ...zoo.spec, caBundle: Buffer.from("PEM").toString("base64") } })?.ca, "PEM");
  const { service: _target, ...local } = zoo.spec;
  assert.equal(routeOf({ ...zoo, spec: local }), undefined);
});

test("what is served here is never another's, and the core group least of all", () => {
  assert.deepEqual([...routeTable([zoo], () => false).keys()], ["zoo.example.com/v1"]);
  assert.deepEqual([...routeTable([zoo], (group) => group === "zoo.example.com").keys()], []);
  assert.deepEqual([...routeTable([{ ...zoo, spec: { ...zoo.spec, group: "" } }], () => false).keys()], []);
});

const slice: EndpointSlice = {
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "zoo-1", namespace: "default" }, addressType: "IPv4", ports: [{ name: "https", port: 8443, protocol: "TCP" }],
  endpoints: [
    { addresses: ["10.0.0.1"], nodeName: "n1", targetRef: { kind: "Pod", namespace: "default", name: "p", uid: "u" } },
    { addresses: ["192.0.2.1"] }, { addresses: ["10.0.0.2"], conditions: { ready: false } },
  ],
};
const zooService = service("zoo", { ports: [{ name: "https", port: 443, protocol: "TCP" }] });

test("a Service leads to its ready endpoints: pods by their node, others by their address", () => {
  assert.deepEqual(endpointsOf(zooService, [slice], 443), [
    { host: "10.0.0.1", port: 8443, pod: { nodeName: "n1", ref: { namespace: "default", name: "p", uid: "u" } } }, { host: "192.0.2.1", port: 8443 },
  ]);
  assert.deepEqual(endpointsOf(service("zoo", { type: "ExternalName", externalName: "zoo.example.com" }), [], 444), [{ host: "zoo.example.com", port: 444 }]);
  assert.equal(endpointsOf(zooService, [slice], 80), 'no service port 80 found for service "zoo"');
  assert.equal(endpointsOf(zooService, [], 443), 'no endpoints available for service "zoo"');
});

test("who asks is told in headers, in UTF-8, whatever their names are made of", () => {
  assert.deepEqual(identityHeaders({ name: "jane", groups: [] }), { "X-Remote-User": "jane" });
  assert.deepEqual(identityHeaders({ name: "J\u00fcrgen", uid: "7", groups: ["a", "b,c"], extra: { "acme.com/floor": ["3", "4"], "per%cent": ["x"], "\u00fc": ["y"], none: [] } }), {
    "X-Remote-User": "J\u00c3\u00bcrgen", "X-Remote-Uid": "7", "X-Remote-Group": ["a", "b,c"],
    "X-Remote-Extra-acme.com%2Ffloor": ["3", "4"], "X-Remote-Extra-per%25cent": ["x"], "X-Remote-Extra-%C3%BC": ["y"],
  });
});

const kindOf = { group: "zoo.example.com", version: "v1", kind: "Animal" };
const resource = { resource: "animals", responseKind: kindOf, scope: "Namespaced", singularResource: "animal", verbs: ["get"] };

test("the newer discovery is taken as it is, with what clients of 1.26 cannot do without", () => {
  const list = { items: [{ metadata: { name: "other" } }, { metadata: { name: "zoo.example.com" }, versions: [{ version: "v2" }, { version: "v1", resources: [{ ...resource, responseKind: null, subresources: [{ subresource: "status" }], surprise: 1 }] }] }] };
  const empty = { group: "", version: "", kind: "" };
  assert.deepEqual(parseGroupDiscovery(list, "zoo.example.com", "v1"), [{ ...resource, responseKind: empty, subresources: [{ subresource: "status", responseKind: empty, verbs: [] }] }]);
  for (const nothing of [{}, { items: null }, { items: [1] }, list]) assert.deepEqual(parseGroupDiscovery(nothing, "zoo.example.com", "v3"), []);
});

test("what is no discovery is left out: nobody else's suffers from it", () => {
  const broken = { resource: 1, scope: [], verbs: "get", shortNames: [1, "an"], subresources: ["x", { subresource: {}, verbs: [null] }] };
  const nothing = { group: "", version: "", kind: "" };
  assert.deepEqual(parseGroupDiscovery({ items: [{ metadata: { name: "g" }, versions: [{ version: "v1", resources: [broken, 3] }] }] }, "g", "v1"), [
    { resource: "", responseKind: nothing, scope: "", singularResource: "", verbs: [], shortNames: ["an"], subresources: [{ subresource: "", responseKind: nothing, verbs: [] }] },
  ]);
});

test("the older discovery says the same in other words", () => {
  assert.deepEqual(parseResourceList({ resources: [
    { name: "animals", singularName: "animal", namespaced: true, kind: "Animal", group: "zoo.example.com", version: "v1", verbs: ["get"], shortNames: ["an"], categories: ["all"] },
    { name: "animals/status", singularName: "", namespaced: true, kind: "Animal", verbs: ["get"] },
    { name: "cages/lock", namespaced: false, kind: "Lock", verbs: ["create"] },
  ] }), [
    { ...resource, shortNames: ["an"], categories: ["all"], subresources: [{ subresource: "status", responseKind: { group: "", version: "", kind: "Animal" }, verbs: ["get"] }] },
    { resource: "cages", responseKind: { group: "", version: "", kind: "" }, scope: "Cluster", singularResource: "", verbs: [], subresources: [{ subresource: "lock", responseKind: { group: "", version: "", kind: "Lock" }, verbs: ["create"] }] },
  ]);
  for (const nothing of [{}, { resources: null }, { resources: ["x"] }]) assert.deepEqual(parseResourceList(nothing), []);
});

test("of a server's OpenAPI only the document of its group and version is told of, under its own path", () => {
  const path = "apis/zoo.example.com/v1";
  assert.equal(parseOpenApiIndex({ paths: { [path]: { serverRelativeURL: `/elsewhere?hash=1` } } }, "zoo.example.com", "v1"), `/openapi/v3/${path}?hash=1`);
  assert.equal(parseOpenApiIndex({ paths: { [path]: {} } }, "zoo.example.com", "v1"), `/openapi/v3/${path}`);
  for (const nothing of [{}, { paths: { [path]: "x" } }, { paths: [] }]) assert.equal(parseOpenApiIndex(nothing, "zoo.example.com", "v1"), undefined);
});

const current = { freshness: "Current", resources: [{ ...resource, verbs: ["delete", "deletecollection", "list"] }, { ...resource, resource: "seen", verbs: ["list"] }, { ...resource, resource: "cages", scope: "Cluster", verbs: ["delete", "list"] }] } as const;

test("of each resource of namespaces that can be removed one version is, and of a server that is not there it is not known", () => {
  const found = foreignResources([
    [route({ version: "v1beta1", versionPriority: 10 }), current], [route({ versionPriority: 10 }), current], [route({ version: "v2", versionPriority: 5 }), current],
    [route({ group: "gone.example.com" }), { freshness: "Stale", resources: current.resources }],
  ]);
  assert.deepEqual([found.known.map((one) => [one.plural, one.route.version]), found.unknown], [[["animals", "v1"]], ["gone.example.com/v1"]]);
});

const animals = "/apis/zoo.example.com/v1/namespaces/n/animals";
const emptied: readonly (readonly [title: string, verbs: readonly string[], lists: readonly (readonly Readonly<Record<string, unknown>>[] | undefined)[], asked: readonly string[], outcome: readonly [count: number | undefined, finalizers: number, failure: string | undefined]])[] = [
  ["nothing", ["deletecollection"], [[]], ["GET"], [0, 0, undefined]],
  ["all at once", ["deletecollection"], [[{ metadata: { name: "a" } }], []], ["GET", "DELETE", "GET"], [0, 0, undefined]],
  ["one after the other, but for those that go already", [], [[{ metadata: { name: "a" } }, { metadata: { name: "b", deletionTimestamp: "x" } }], []], ["GET", "DELETE /a", "GET"], [0, 0, undefined]],
  ["what finalizers hold", ["deletecollection"], [[{ metadata: {} }], [{ metadata: { finalizers: ["f"] } }]], ["GET", "DELETE", "GET"], [1, 1, undefined]],
  ["of a server that refuses", [], [undefined], ["GET"], [undefined, 0, "animals.zoo.example.com cannot be listed"]],
];
for (const [title, verbs, lists, asked, [count, finalizers, failure]] of emptied) {
  test(`a namespace is emptied of what another server has: ${title}`, async () => {
    const seen: string[] = [];
    const left = [...lists];
    const outcome = await emptyForeign(async (_route, { method = "GET", path }): Promise<ServerReply> => {
      seen.push(`${method}${path.startsWith(`${animals}/`) ? ` ${path.slice(animals.length)}` : ""}`);
      const items = method === "GET" ? left.shift() : [];
      return { kind: "answered", code: items === undefined ? 403 : 200, contentType: "application/json", text: JSON.stringify({ items: items ?? [] }) };
    }, { known: [{ route: route(), plural: "animals", verbs: ["delete", "list", ...verbs] }], unknown: [] }, "n");
    assert.deepEqual([seen, outcome.left[0]?.count, outcome.left[0]?.finalizers.size ?? 0, outcome.failure], [asked, count, finalizers, failure]);
  });
}

test("what a server has is read when it is there, anew each minute, and stale as long as it cannot be read", async () => {
  const world = fakeWorld({ seed: 1 });
  let asked = 0;
  let isUp = false;
  const list = JSON.stringify({ resources: [{ name: "animals", namespaced: true, kind: "Animal", verbs: ["get"] }] });
  const documents = new RemoteDocuments(async (_route, { path }): Promise<ServerReply> => {
    asked += 1;
    if (!isUp) return { kind: "failed", message: "gone" };
    return { kind: "answered", code: path.startsWith("/apis/") ? 200 : 404, contentType: "application/json", text: list };
  }, world);
  const seen = () => { const { freshness, resources } = documents.of(route()); return [freshness, resources.length]; };
  documents.take([route({ isAvailable: false })]);
  await settle();
  assert.deepEqual([seen(), asked], [["Stale", 0], 0]);
  documents.take([route()]);
  await settle();
  assert.deepEqual(seen(), ["Stale", 0]);
  isUp = true;
  await world.clock.advance(10_000);
  await settle();
  assert.deepEqual(seen(), ["Current", 1]);
  const before = asked;
  await world.clock.advance(59_000);
  assert.equal(asked, before);
  isUp = false;
  await world.clock.advance(1_000);
  await settle();
  assert.deepEqual(seen(), ["Stale", 1]);
  documents.take([route({ isAvailable: false })]);
  assert.deepEqual(seen(), ["Stale", 1]);
  documents.close();
  assert.deepEqual(seen(), ["Stale", 0]);
  const after = asked;
  await world.clock.advance(120_000);
  assert.equal(asked, after);
});
