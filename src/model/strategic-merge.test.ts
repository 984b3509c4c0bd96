import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../value/freeze.ts";
import type { JsonObject } from "../value/json.ts";
import { applyStrategicMerge } from "./strategic-merge.ts";

const pod = "core/v1.PodSpec";
const meta = "meta/v1.ObjectMeta";
const a = { name: "a", image: "1" };
const b = { name: "b", image: "1" };
const c = { name: "c", image: "1" };

const cases: readonly (readonly [title: string, message: string, target: JsonObject, patch: JsonObject, expected: JsonObject])[] = [
  ["scalars are set and deleted", pod, { nodeName: "x", hostNetwork: true }, { nodeName: "y", hostNetwork: null }, { nodeName: "y" }],
  ["maps merge", pod, { nodeSelector: { a: "1", b: "2" } }, { nodeSelector: { b: null, c: "3" } }, { nodeSelector: { a: "1", c: "3" } }],
  ["a map is replaced by directive", pod, { nodeSelector: { a: "1" } }, { nodeSelector: { $patch: "replace", c: "3" } }, { nodeSelector: { c: "3" } }],
  ["a map is deleted by directive", pod, { nodeSelector: { a: "1" } }, { nodeSelector: { $patch: "delete" } }, {}],
  ["containers merge by name", pod, { containers: [a, b] }, { containers: [{ name: "b", image: "2" }] }, { containers: [a, { name: "b", image: "2" }] }],
  ["new containers are appended", pod, { containers: [a] }, { containers: [b] }, { containers: [a, b] }],
  ["containers are deleted by directive", pod, { containers: [a, b] }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: [b] }],
  ["a keyed list is replaced by directive", pod, { containers: [a, b] }, { containers: [{ $patch: "replace" }, c] }, { containers: [c] }],
  ["the order of elements is set", pod, { containers: [a, b, c] }, { $retainKeys: undefined, "$setElementOrder/containers": [{ name: "c" }, { name: "a" }, { name: "b" }], containers: [{ name: "a", image: "2" }] }, { containers: [c, { name: "a", image: "2" }, b] }],
  ["the order is set without a change of items", pod, { containers: [a, b] }, { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] }, { containers: [b, a] }],
  ["an item the order does not know keeps its neighbour", pod, { containers: [a, b, c] }, { "$setElementOrder/containers": [{ name: "c" }, { name: "a" }] }, { containers: [c, a, b] }],
  ["env merges inside a container", pod, { containers: [{ ...a, env: [{ name: "X", value: "1" }] }] }, { containers: [{ name: "a", env: [{ name: "Y", value: "2" }] }] }, { containers: [{ ...a, env: [{ name: "X", value: "1" }, { name: "Y", value: "2" }] }] }],
  ["lists without a strategy are replaced", pod, { containers: [{ ...a, args: ["1", "2"] }] }, { containers: [{ name: "a", args: ["3"] }] }, { containers: [{ ...a, args: ["3"] }] }],
  ["volumes keep only the keys retained", pod, { volumes: [{ name: "v", emptyDir: {} }] }, { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "m" } }] }, { volumes: [{ name: "v", configMap: { name: "m" } }] }],
  ["ports merge by number", "core/v1.ServiceSpec", { ports: [{ port: 80, name: "a" }] }, { ports: [{ port: 80, name: "b" }, { port: 81 }] }, { ports: [{ port: 80, name: "b" }, { port: 81 }] }],
  ["finalizers merge as a set", meta, { finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { finalizers: ["a", "b", "c"] }],
  ["finalizers are deleted by directive", meta, { finalizers: ["a", "b", "c"] }, { "$deleteFromPrimitiveList/finalizers": ["b"] }, { finalizers: ["a", "c"] }],
  ["a primitive list is ordered", meta, { finalizers: ["a", "b"] }, { "$setElementOrder/finalizers": ["c", "b", "a"], finalizers: ["c"] }, { finalizers: ["c", "b", "a"] }],
  ["owners merge by uid", meta, { ownerReferences: [{ uid: "1", name: "x" }] }, { ownerReferences: [{ uid: "1", controller: true }] }, { ownerReferences: [{ uid: "1", name: "x", controller: true }] }],
  ["the strategy's type is retained alone", "apps/v1.DeploymentSpec", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }, { strategy: { $retainKeys: ["type"], type: "Recreate" } }, { strategy: { type: "Recreate" } }],
  ["a missing object is made", "apps/v1.DeploymentSpec", {}, { template: { metadata: { labels: { a: "1" } } } }, { template: { metadata: { labels: { a: "1" } } } }],
  ["nulls in a new object are left out", "apps/v1.DeploymentSpec", {}, { template: { metadata: { labels: { a: null } } } }, { template: { metadata: { labels: {} } } }],
];

for (const [title, message, target, patch, expected] of cases) {
  test(title, () => assert.deepEqual(applyStrategicMerge(message, deepFreeze(target), deepFreeze(patch)), expected));
}

const refused: readonly (readonly [title: string, patch: JsonObject])[] = [
  ["an item without its key", { containers: [{ image: "2" }] }],
  ["an unknown directive", { nodeSelector: { $patch: "explode" } }],
  ["a value outside the retained keys", { securityContext: { $retainKeys: ["runAsUser"], runAsGroup: 1 } }],
  ["an order that is no list", { "$setElementOrder/containers": 1, containers: [a] }],
];

for (const [title, patch] of refused) test(`${title} is refused`, () => assert.throws(() => applyStrategicMerge(pod, {}, patch), { code: "patch" }));
