import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { maxRevision, revisionAnnotation, revisionAnnotations, revisionOf } from "./revisions.ts";

function setOf(revision?: string): ReplicaSet {
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "a", namespace: "default", ...(revision === undefined ? {} : { annotations: { [revisionAnnotation]: revision } }) },
    spec: { selector: { matchLabels: { app: "a" } }, template: { metadata: { name: "", labels: { app: "a" } }, spec: { containers: [] } } }, status: { replicas: 0 },
  };
}

test("revisions have 64 bits, and what is none counts as 0", () => {
  const cases = [["3546343826724305832", 3_546_343_826_724_305_832n], ["2", 2n], [undefined, 0n], ["two", 0n], ["", 0n], ["1.5", 0n], ["9223372036854775808", 0n]] as const;
  for (const [text, revision] of cases) assert.equal(revisionOf(setOf(text)), revision);
  assert.equal(maxRevision(cases.map(([text]) => setOf(text))), 3_546_343_826_724_305_832n);
  assert.equal(maxRevision([]), 0n);
});

test("the revision after a great one is one more to the last digit", () => {
  assert.deepEqual(revisionAnnotations(setOf("7"), 3_546_343_826_724_305_833n), { [revisionAnnotation]: "3546343826724305833", "deployment.kubernetes.io/revision-history": "7" });
});
