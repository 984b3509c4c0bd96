import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../model/kinds.ts";
import { parseRequestPath, printResourcePath, verbOf } from "./request-path.ts";

function shown(path: string): string {
  const target = parseRequestPath(path, kinds);
  if (target.kind !== "resource") return target.kind === "document" ? `document ${target.path}` : target.kind;
  return [target.resource.kind, target.namespace ?? "-", target.name ?? "-", target.subresource ?? "-", target.isWatchPath ? "watch" : ""].join(" ").trim();
}

const table: readonly (readonly [string, string])[] = [
  ["/api/v1/pods", "Pod - - -"],
  ["/api/v1/namespaces/a/pods", "Pod a - -"],
  ["/api/v1/namespaces/a/pods/x", "Pod a x -"],
  ["/api/v1/namespaces/a/pods/x/log", "Pod a x log"],
  ["/api/v1/namespaces", "Namespace - - -"],
  ["/api/v1/namespaces/a", "Namespace - a -"],
  ["/api/v1/namespaces/a/status", "Namespace - a status"],
  ["/api/v1/namespaces/a/finalize", "Namespace - a finalize"],
  ["/api/v1/nodes/n%2E1", "Node - n.1 -"],
  ["/api/v1/watch/namespaces/a/pods", "Pod a - - watch"],
  ["/apis/apps/v1/namespaces/a/deployments/x/scale", "Deployment a x scale"],
  ["/apis/apps/v1/deployments/", "Deployment - - -"],
  ["/apis/apps/v1/namespaces/a/wrongs", "unknown-resource"],
  ["/api/v1/namespaces/a/nodes", "unknown-resource"],
  ["/api/v1/pods/x", "unknown-resource"],
  ["/api/v1/namespaces/a/pods/x/log/y", "unknown-resource"],
  ["/apis/wrong/v1/pods", "unknown-path"],
  ["/api/v2/pods", "unknown-path"],
  ["/api/v1/namespaces/a/pods/%2e%2e", "unknown-path"],
  ["/api/v1/namespaces/a/pods/x%2Fy", "unknown-path"],
  ["/api/v1/namespaces/a/pods/%zz", "unknown-path"],
  ["/api//pods", "unknown-path"],
  ["/api", "document /api"],
  ["/", "document /"],
  ["/apis/apps/v1", "document /apis/apps/v1"],
  ["/openapi/v3/apis/apps/v1", "document /openapi/v3/apis/apps/v1"],
  ["/apis/capstan.dev/v1/transactions", "transaction"],
];

for (const [path, expected] of table) test(`${path} names ${expected}`, () => { assert.equal(shown(path), expected); });

test("the path printed for an object names it again", () => {
  for (const kind of kinds) {
    const place = { ...(kind.namespaced ? { namespace: "a" } : {}), name: "x-1" };
    const target = parseRequestPath(printResourcePath(kind, place), kinds);
    assert.deepEqual(target, { kind: "resource", resource: kind, isWatchPath: false, ...place });
  }
});

test("a method means a verb, or nothing where it is not allowed", () => {
  const verb = (method: string, path: string, isWatch = false) => {
    const target = parseRequestPath(path, kinds);
    return target.kind === "resource" ? verbOf(method, target, isWatch) : target.kind;
  };
  assert.equal(verb("GET", "/api/v1/pods"), "list");
  assert.equal(verb("GET", "/api/v1/pods", true), "watch");
  assert.equal(verb("POST", "/api/v1/pods"), undefined);
  assert.equal(verb("DELETE", "/api/v1/pods"), undefined);
  assert.equal(verb("DELETE", "/api/v1/namespaces/a/pods"), "deletecollection");
  assert.equal(verb("DELETE", "/api/v1/namespaces/a/pods/x"), "delete");
  assert.equal(verb("DELETE", "/api/v1/namespaces/a/pods/x/status"), undefined);
  assert.equal(verb("POST", "/api/v1/nodes"), "create");
  assert.equal(verb("PUT", "/api/v1/namespaces/a/pods/x"), "update");
  assert.equal(verb("TRACE", "/api/v1/namespaces/a/pods/x"), undefined);
});

test("a path means the same whether its collection was asked for before or not", () => {
  const names = ["web", "a.b-c", "..", ".", "", "a%2Fb", "%", "watch", "proxy", "ü"];
  for (const collection of ["/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/a%20b/deployments", "/api/v1/watch/namespaces/default/pods", "/api/v1/namespaces/default/status", "/api/v1/namespaces"]) {
    for (const path of [collection, ...names.flatMap((name) => [`${collection}/${name}`, `${collection}/${name}/status`, `${collection}/${name}/`])]) {
      const first = parseRequestPath(path, [...kinds]);
      parseRequestPath(collection, kinds);
      assert.deepEqual(parseRequestPath(path, kinds), first, path);
    }
  }
});
