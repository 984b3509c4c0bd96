import assert from "node:assert/strict";
import { test } from "node:test";
import type { Application } from "../../model/generated/capstan-v1.ts";
import { authorName, causeOf, isMatch, parseDiffLine, printAgo, printSpan, shortCommit, subjectOf } from "./say.ts";

function application(status: Application["status"]): Application {
  return { apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default" }, spec: { source: { repoURL: "https://git.example/shop" }, destination: {} }, status };
}

for (const [line, path, before, after] of [
  ["spec.replicas: 2 → 3", "spec.replicas", "2", "3"],
  ["data.MESSAGE: + hello: world", "data.MESSAGE", undefined, "hello: world"],
  ["metadata.labels[a/b]: - old", "metadata.labels[a/b]", "old", undefined],
  ["spec.containers[name: web].image: a:1 → a:2", "spec.containers[name: web].image", "a:1", "a:2"],
  ["data.TEXT: one\ntwo → three", "data.TEXT", "one\ntwo", "three"],
] as const) {
  test(`the change ${JSON.stringify(line)} is taken apart`, () => { assert.deepEqual(parseDiffLine(line), { path, before, after }); });
}

test("a problem comes before a failed sync, and that before health", () => {
  const health = { status: "Degraded", message: "pod web-1: crashed" } as const;
  const operationState = { phase: "Failed", message: "conflict" } as const;
  const conditions = [{ type: "ComparisonError", status: "True", reason: "RenderFailed", message: "a.yaml:3: no\nb.yaml:4: no", lastTransitionTime: "" }] as const;
  assert.equal(causeOf(application({ health })), "pod web-1: crashed");
  assert.equal(causeOf(application({ health, operationState })), "conflict");
  assert.equal(causeOf(application({ health, operationState: { phase: "Running", message: "waiting for wave 0 to be healthy" } })), "waiting for wave 0 to be healthy");
  assert.equal(causeOf(application({ health, operationState, conditions })), "a.yaml:3: no");
  assert.equal(causeOf(application({ health: { status: "Healthy" } })), undefined);
});

test("every word of a search must be found", () => {
  const one = application({ sync: { status: "OutOfSync", author: "Ada" } });
  assert.equal(isMatch(one, "SHOP ada"), true);
  assert.equal(isMatch(one, "shop grace"), false);
  assert.equal(isMatch(one, ""), true);
});

test("commits, authors, ages and spans are short", () => {
  assert.equal(shortCommit("0123456789".repeat(4)), "01234567");
  assert.equal(shortCommit("main"), "main");
  assert.equal(subjectOf("first\n\nbody"), "first");
  assert.equal(authorName("Ada Lovelace <ada@example.com>"), "Ada Lovelace");
  assert.equal(printAgo("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:02:05Z")), "2m5s ago");
  assert.equal(printAgo(undefined, 0), "");
  assert.equal(printSpan(120.4), "120 ms");
  assert.equal(printSpan(1440), "1.4 s");
});
