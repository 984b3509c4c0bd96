import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../model/kinds.ts";
import { routeOf } from "../aggregation/routes.ts";
import type { ApiRoute } from "../aggregation/routes.ts";
import { servedVersions } from "./discovery.ts";
import type { RemoteVersion } from "./discovery.ts";
import { attributesOf, flowRequestOf, isLongRunning, metricLabelsOf, parseAsked } from "./request-traits.ts";

const found = routeOf({
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.zoo.example.com" }, status: {},
  spec: { group: "zoo.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, service: { namespace: "default", name: "zoo" } },
});
const aggregation = { find: (group: string, version: string): ApiRoute | undefined => (group === "zoo.example.com" && version === "v1" ? found : undefined) };
const ask = (method: string, url: string) => parseAsked(method, url, { kinds, aggregation });
const zoo = "/apis/zoo.example.com/v1";
const group = "zoo.example.com";
const animals = { group, resource: "animals", namespace: "n" };

const asked: readonly (readonly [method: string, url: string, attributes: Readonly<Record<string, string>>, isLong: boolean])[] = [
  ["GET", zoo, { verb: "get", group: "", resource: "", path: zoo }, false],
  ["GET", `${zoo}/namespaces/n/animals`, { verb: "list", ...animals }, false],
  ["GET", `${zoo}/namespaces/n/animals?fieldSelector=metadata.name%3Dcat`, { verb: "list", ...animals, name: "cat" }, false],
  ["GET", `${zoo}/namespaces/n/animals?watch=1&fieldSelector=a%3Db,metadata.name%3D%3Dcat`, { verb: "watch", ...animals, name: "cat" }, true],
  ["GET", `${zoo}/namespaces/n/animals?fieldSelector=metadata.name!%3Dcat`, { verb: "list", ...animals }, false],
  ["POST", `${zoo}/namespaces/n/animals`, { verb: "create", ...animals }, false],
  ["DELETE", `${zoo}/namespaces/n/animals`, { verb: "deletecollection", ...animals }, false],
  ["PATCH", `${zoo}/namespaces/n/animals/cat/status`, { verb: "patch", ...animals, name: "cat", subresource: "status" }, false],
  ["GET", `${zoo}/namespaces/n/animals/cat/exec`, { verb: "get", ...animals, name: "cat", subresource: "exec" }, true],
  ["GET", `${zoo}/cages/1`, { verb: "get", group, resource: "cages", name: "1" }, false],
];
for (const [method, url, attributes, isLong] of asked) {
  test(`${method} ${url} is ${attributes["verb"] ?? ""} ${attributes["resource"] ?? ""} to those who decide`, () => {
    const one = ask(method, url);
    assert.deepEqual([one.target.kind, attributesOf(one), isLongRunning(one)], ["aggregated", attributes, isLong]);
  });
}

test("request limits see the resource, and metrics no name that somebody may have made up", () => {
  const one = ask("GET", `${zoo}/namespaces/n/animals`);
  assert.deepEqual(flowRequestOf(one, { name: "jane", groups: [] }).resource, { ...animals, subresource: undefined });
  assert.deepEqual(metricLabelsOf(one, undefined), { verb: "LIST", group, version: "v1", resource: "", subresource: "", scope: "", isDryRun: false });
});

test("what is served here is asked of nobody else", () => {
  for (const url of ["/apis/apps/v1/deployments", "/api/v1/pods", "/apis", `/apis/${group}`, `/apis/${group}/v2/animals`]) assert.notEqual(ask("GET", url).target.kind, "aggregated", url);
});

const remote = (name: string, version: string, groupPriority: number, versionPriority: number): RemoteVersion => ({ group: name, version, groupPriority, versionPriority, document: { freshness: "Current", resources: [] } });

test("groups and versions stand where their priorities want them, and nothing of ours is taken from elsewhere", () => {
  const served = servedVersions(kinds, [
    remote(group, "v1alpha1", 400, 10), remote(group, "v2", 17_900, 10), remote(group, "v1", 400, 20), remote("last.example.com", "v1", 1, 1), remote("apps", "v1", 20_000, 1_000), remote("apps", "v9", 1, 1_000),
  ]).map((one) => `${one.group}/${one.version}${one.remote === undefined ? "" : " elsewhere"}`);
  assert.deepEqual(served.slice(0, 5), ["apiregistration.k8s.io/v1", "/v1", `${group}/v1 elsewhere`, `${group}/v2 elsewhere`, `${group}/v1alpha1 elsewhere`]);
  assert.deepEqual(served.filter((name) => name.startsWith("apps/")), ["apps/v9 elsewhere", "apps/v1"]);
  assert.equal(served.at(-1), "last.example.com/v1 elsewhere");
  assert.deepEqual(served.filter((name) => name.startsWith("autoscaling/")), ["autoscaling/v2", "autoscaling/v1"]);
});
