import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap } from "../../model/kinds/config-map.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideRootCa } from "./decide.ts";

const namespace: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" }, spec: {}, status: {} };
const system: Namespace = { ...namespace, metadata: { name: "kube-system" } };

/** What is decided where these ConfigMaps are. */
function decide(of: Namespace, existing: readonly ConfigMap[] = []): readonly ConfigMap[] {
  return decideRootCa(of, (name) => existing.find(({ metadata }) => metadata.name === name), { ca: "CA" });
}

test("a living namespace has the CA, and has it back when it was changed", () => {
  const made = decide(namespace);
  assert.deepEqual(made.map(({ metadata, data }) => [metadata.namespace, metadata.name, data]), [["n", "kube-root-ca.crt", { "ca.crt": "CA" }]]);
  assert.deepEqual(decide(namespace, made), []);
  assert.deepEqual(decide(namespace, made.map((map) => ({ ...map, data: {} }))).map(({ data }) => data), [{ "ca.crt": "CA" }]);
  assert.deepEqual(decide({ ...namespace, metadata: { name: "n", deletionTimestamp: "2026-01-01T00:00:00Z" } }), []);
});

test("servers beside this one find the CA of client certificates in kube-system, beside what else they are told", () => {
  const [root, clients] = decide(system);
  assert.ok(root !== undefined && clients !== undefined);
  assert.deepEqual([clients.metadata.name, clients.data], ["extension-apiserver-authentication", { "client-ca-file": "CA" }]);
  const more = { ...clients, data: { "client-ca-file": "CA", "requestheader-client-ca-file": "other" } };
  assert.deepEqual(decide(system, [root, more]), []);
  assert.deepEqual(decide(system, [root, { ...more, data: { ...more.data, "client-ca-file": "old" } }]).map(({ data }) => data), [more.data]);
});
