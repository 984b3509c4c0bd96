import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../model/kinds/pod.ts";
import { surplusFinished } from "./decide.ts";

function pod(day: number): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: `p${day}`, creationTimestamp: `2026-01-0${day}T00:00:00Z` }, spec: { containers: [] }, status: { phase: "Succeeded" } };
}

test("the oldest finished pods beyond the limit go", () => {
  const pods = [pod(3), pod(1), pod(4), pod(2)];
  assert.deepEqual(surplusFinished(pods, 2).map(({ metadata }) => metadata.name), ["p1", "p2"]);
  assert.deepEqual(surplusFinished(pods, 4), []);
});
