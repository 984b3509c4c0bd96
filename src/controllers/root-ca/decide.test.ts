import assert from "node:assert/strict";
import { test } from "node:test";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideRootCa } from "./decide.ts";

const namespace: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" }, spec: {}, status: {} };

test("a living namespace has the CA, and has it back when it was changed", () => {
  const made = decideRootCa(namespace, undefined, "CA");
  assert.deepEqual([made?.metadata.namespace, made?.metadata.name, made?.data], ["n", "kube-root-ca.crt", { "ca.crt": "CA" }]);
  assert.equal(decideRootCa(namespace, made, "CA"), undefined);
  assert.deepEqual(decideRootCa(namespace, made === undefined ? undefined : { ...made, data: {} }, "CA")?.data, { "ca.crt": "CA" });
  assert.equal(decideRootCa({ ...namespace, metadata: { name: "n", deletionTimestamp: "2026-01-01T00:00:00Z" } }, undefined, "CA"), undefined);
});
