import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiObject } from "../../model/object.ts";
import { objectsOf, retryDelayMs, withChanges } from "./cluster-state.ts";
import { emptyLog, searchLines, withText } from "./log-lines.ts";

function pod(name: string, resourceVersion = "1"): ApiObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", resourceVersion } };
}

test("a batch adds, replaces and removes, and makes new maps only for kinds it names", () => {
  const pods = objectsOf([pod("a"), pod("b")]);
  const next = withChanges({ pods }, [{ kind: "pods", object: pod("a", "2") }, { kind: "pods", gone: "default/b" }, { kind: "pods", object: pod("c") }]);
  assert.deepEqual(Object.keys(next), ["pods"]);
  assert.deepEqual([...next.pods?.values() ?? []].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`), ["a 2", "c 1"]);
  assert.deepEqual([...pods.keys()], ["default/a", "default/b"]);
});

test("changes of one batch apply in order", () => {
  const next = withChanges({}, [{ kind: "pods", object: pod("a") }, { kind: "pods", gone: "default/a" }]);
  assert.equal(next.pods?.size, 0);
});

test("the page asks again soon, then ever slower, at least every ten seconds", () => {
  assert.deepEqual([1, 2, 3, 6, 20].map(retryDelayMs), [500, 1000, 2000, 10_000, 10_000]);
});

test("a log keeps its last lines and joins what comes in pieces", () => {
  const one = withText(emptyLog, "a\nb");
  assert.deepEqual(one, { lines: ["a"], droppedCount: 0, open: "b" });
  assert.deepEqual(withText(one, "c\nd\ne\n", 2), { lines: ["d", "e"], droppedCount: 2, open: "" });
});

test("a log is searched whatever the case", () => {
  assert.deepEqual(searchLines(["Error: x", "fine", "no error"], "ERROR").map(({ index }) => index), [0, 2]);
  assert.equal(searchLines(["a", "b"], "").length, 2);
});
