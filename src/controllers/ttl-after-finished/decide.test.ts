import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../../model/kinds/batch.ts";
import { msUntilRemoval } from "./decide.ts";

const endedAt = "2026-01-01T00:00:00Z";

function job(end: string | undefined, ttlSecondsAfterFinished?: number, deletionTimestamp?: string): Job {
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: { name: "j", ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { template: {}, ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }) },
    status: end === undefined ? {} : { conditions: [{ type: end, status: "True", lastTransitionTime: endedAt }] },
  };
}

test("a job is removed so long after it ended as it says", () => {
  const nowMs = Date.parse(endedAt) + 10_000;
  for (const [one, ms] of [
    [job("Complete", 30), 20_000], [job("Failed", 30), 20_000], [job("Complete", 10), 0], [job("Complete", 0), 0],
    [job("Complete"), undefined], [job("Suspended", 0), undefined], [job(undefined, 0), undefined], [job("Complete", 0, endedAt), undefined],
  ] as const) assert.equal(msUntilRemoval(one, nowMs), ms);
});
