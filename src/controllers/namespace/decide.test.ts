import assert from "node:assert/strict";
import { test } from "node:test";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideConditions } from "./decide.ts";

const namespace: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" }, spec: {}, status: {} };
const pods = { resource: "pods.", count: 2, finalizers: new Map([["example.com/x", 1]]) };

function texts(options: { readonly left?: readonly (typeof pods)[]; readonly failure?: string; readonly unknown?: readonly string[] }): readonly string[] {
  return decideConditions(namespace, options.left ?? [], { failure: options.failure, unknown: options.unknown ?? [], nowMs: 0 }).map(({ status, reason, message }) => `${status} ${reason}: ${message}`);
}

test("what remains and what holds it is named", () => {
  assert.deepEqual(texts({ left: [pods] }).slice(2), [
    "False ContentDeleted: All content successfully deleted, may be waiting on finalization",
    "True SomeResourcesRemain: Some resources are remaining: pods. has 2 resource instances",
    "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances",
  ]);
});

test("an empty namespace says so, and a failure is said", () => {
  assert.ok(texts({}).every((text) => text.startsWith("False")));
  assert.equal(texts({ failure: "broken" })[2], "True ContentDeletionFailed: Failed to delete all resource types, broken");
});

test("servers of which nobody knows what they have are named", () => {
  assert.equal(texts({ unknown: ["zoo.example.com/v1"] })[0], "True DiscoveryFailed: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: zoo.example.com/v1: stale GroupVersion discovery: zoo.example.com/v1");
});

test("conditions that say the same are the very same", () => {
  const conditions = decideConditions(namespace, [pods], { failure: undefined, nowMs: 0 });
  assert.equal(decideConditions({ ...namespace, status: { conditions } }, [pods], { failure: undefined, nowMs: 9000 }), conditions);
});
