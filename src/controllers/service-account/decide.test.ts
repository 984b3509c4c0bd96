import assert from "node:assert/strict";
import { test } from "node:test";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideAccount } from "./decide.ts";

const namespace: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" }, spec: {}, status: {} };

test("a living namespace without its default account gets one", () => {
  assert.deepEqual(decideAccount(namespace, false)?.metadata, { name: "default", namespace: "n" });
  assert.equal(decideAccount(namespace, true), undefined);
  assert.equal(decideAccount({ ...namespace, metadata: { name: "n", deletionTimestamp: "2026-01-01T00:00:00Z" } }, false), undefined);
});
