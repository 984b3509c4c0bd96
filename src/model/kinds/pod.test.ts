import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { printTime } from "../../world/clock.ts";
import { summarizePod } from "./_pod-status.ts";
import { PodKind } from "./pod.ts";
import type { Pod } from "./pod.ts";

interface SummaryCase {
  readonly case: string;
  readonly spec: Pod["spec"];
  readonly status: Pod["status"];
  readonly deletionTimestamp?: boolean;
  readonly ready: string;
  readonly statusCell: string;
  readonly restarts: string;
}

const nowMs = 1_800_000_000_000;
const text = readFileSync(new URL("../../../test/golden/pod-summaries.json", import.meta.url), "utf8")
  .replaceAll(/<now-(\d+)s>/g, (_, seconds: string) => printTime(nowMs - Number(seconds) * 1000));

for (const golden of JSON.parse(text) as readonly SummaryCase[]) {
  test(`a pod "${golden.case}" is summed up as Kubernetes does`, () => {
    const pod: Pod = {
      apiVersion: "v1", kind: "Pod", spec: golden.spec, status: golden.status,
      metadata: { name: "p", ...(golden.deletionTimestamp === true ? { deletionTimestamp: printTime(nowMs) } : {}) },
    };
    assert.deepEqual(summarizePod(pod, nowMs), { ready: golden.ready, status: golden.statusCell, restarts: golden.restarts });
  });
}

function podWith(status: Pod["status"], spec: Partial<Pod["spec"]> = {}): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" }, spec: { containers: [{ name: "c", image: "i" }], restartPolicy: "Always", ...spec }, status };
}

const c0 = { name: "c", ready: false, restartCount: 1, image: "i", imageID: "" };
const healths: readonly (readonly [title: string, pod: Pod, status: string, message?: string])[] = [
  ["a ready pod is healthy", podWith({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }), "Healthy"],
  ["a starting pod progresses", podWith({ phase: "Pending" }), "Progressing"],
  ["a crashing pod is degraded", podWith({ phase: "Running", containerStatuses: [{ ...c0, state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } } }] }), "Degraded", "back-off 10s"],
  ["an image that cannot be pulled degrades", podWith({ phase: "Pending", containerStatuses: [{ ...c0, state: { waiting: { reason: "ErrImagePull" } } }] }), "Degraded", "ErrImagePull"],
  ["a failed pod says why", podWith({ phase: "Failed", containerStatuses: [{ ...c0, state: { terminated: { exitCode: 3 } } }] }, { restartPolicy: "Never" }), "Degraded", 'container "c" failed with exit code 3'],
  ["a finished pod is healthy", podWith({ phase: "Succeeded" }), "Healthy"],
];

for (const [title, pod, status, message] of healths) {
  test(title, () => assert.deepEqual(PodKind.health?.(pod, nowMs), message === undefined ? { status } : { status, message }));
}
