import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Job } from "../../model/kinds/batch.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { printTime } from "../../world/clock.ts";
import { assessJob } from "./assess.ts";
import { noBackoff } from "./backoff.ts";
import { decideJob } from "./decide.ts";
import { completionIndexKey, failureCountAnnotation, ignoredFailureCountAnnotation, trackingFinalizer } from "./job-pods.ts";
import { podOf } from "./pod-of.ts";
import { trackJob } from "./track.ts";

const nowMs = Date.parse("2026-01-01T01:00:00Z");

interface PodDetail {
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly index?: number;
  readonly failures?: number;
  readonly endedSecondsAgo?: number;
  readonly exitCode?: number;
  readonly condition?: string;
  readonly restarts?: number;
  readonly isTracked?: boolean;
  /** Seconds of grace it is given. */
  readonly deletedWith?: number;
}

function pod(name: string, detail: PodDetail = {}): Pod {
  const { phase = "Running", index, failures, endedSecondsAgo = 0, exitCode, condition, restarts = 0, isTracked = true, deletedWith } = detail;
  const annotations = { ...(index === undefined ? {} : { [completionIndexKey]: String(index) }), ...(failures === undefined ? {} : { [failureCountAnnotation]: String(failures) }) };
  const code = exitCode ?? (phase === "Failed" ? 1 : phase === "Succeeded" ? 0 : undefined);
  const state = code === undefined ? { running: {} } : { terminated: { exitCode: code, finishedAt: printTime(nowMs - endedSecondsAgo * 1000) } };
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name, namespace: "n", uid: name, creationTimestamp: printTime(nowMs - 3_600_000), annotations, ...(isTracked ? { finalizers: [trackingFinalizer] } : {}),
      ...(deletedWith === undefined ? {} : { deletionTimestamp: printTime(nowMs + deletedWith * 1000), deletionGracePeriodSeconds: deletedWith }),
    },
    spec: { containers: [] },
    status: {
      phase, containerStatuses: [{ name: "c", ready: phase === "Running", restartCount: restarts, image: "", imageID: "", state }],
      ...(condition === undefined ? {} : { conditions: [{ type: condition, status: "True" }] }),
    },
  };
}

function job(spec: Partial<Job["spec"]> = {}, status: Job["status"] = {}): Job {
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: { name: "j", namespace: "n", uid: "j" }, status: { startTime: printTime(nowMs - 60_000), ...status },
    spec: { parallelism: 1, completions: 1, backoffLimit: 6, template: { spec: { containers: [], restartPolicy: "Never" } }, ...spec },
  };
}

const facts = { nowMs, backoff: noBackoff };
const namesOf = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.name).toSorted();
const indexed = { completionMode: "Indexed", completions: 5, parallelism: 3 } as const;

test("as many pods are made as parallelism allows and completions need", () => {
  for (const [title, spec, status, pods, expected] of [
    ["the first", {}, {}, [], 1],
    ["all at once", { completions: 5, parallelism: 3 }, {}, [], 3],
    ["what is left", { completions: 5, parallelism: 3 }, { succeeded: 3 }, [], 2],
    ["beside those that run", { completions: 5, parallelism: 3 }, {}, [pod("a"), pod("b")], 1],
    ["one ended and is not counted yet", { completions: 2, parallelism: 2 }, {}, [pod("a", { phase: "Succeeded" }), pod("b")], 0],
    ["nothing is wanted", { parallelism: 0, completions: 3 }, {}, [], 0],
    ["a work queue", { completions: undefined, parallelism: 2 }, {}, [], 2],
    ["a work queue that is done begins nothing", { completions: undefined, parallelism: 2 }, {}, [pod("a", { phase: "Succeeded" }), pod("b")], 0],
    ["one on its way out is replaced", {}, {}, [pod("a", { deletedWith: 30 })], 1],
    ["unless only what failed is replaced", { podReplacementPolicy: "Failed" }, {}, [pod("a", { deletedWith: 30 })], 0],
    ["what is out of grace is replaced in any case", { podReplacementPolicy: "Failed" }, {}, [pod("a", { deletedWith: 0 })], 1],
  ] as const) {
    const made = { ...job({ ...spec } as Partial<Job["spec"]>, status) };
    const decision = decideJob(made, pods, { nowMs: nowMs + 100_000, backoff: noBackoff });
    assert.equal(decision.create.length, expected, title);
    assert.deepEqual(decision.remove, [], title);
  }
});

test("surplus pods go uncounted, those of a job that ends go counted", () => {
  const three = [pod("a"), pod("b"), pod("c")];
  const surplus = decideJob(job({ completions: 9, parallelism: 1 }), three, facts);
  assert.deepEqual([surplus.remove.length, surplus.isUncounted], [2, true]);
  const suspended = decideJob(job({ completions: 9, parallelism: 3, suspend: true }), three, facts);
  assert.deepEqual([suspended.remove.length, suspended.isUncounted], [3, true]);
  const late = decideJob(job({ completions: 9, parallelism: 3, activeDeadlineSeconds: 60 }), three, facts);
  assert.deepEqual([late.remove.length, late.isUncounted, late.create.length], [3, false, 0]);
});

test("the wait after failures doubles from ten seconds to six minutes, and begins anew after a success", () => {
  for (const [failures, seconds] of [[1, 10], [2, 20], [3, 40], [5, 160], [6, 320], [7, 360], [40, 360]] as const) {
    const decision = decideJob(job({ backoffLimit: 100 }), [], { nowMs, backoff: { failures, lastFailureMs: nowMs } });
    assert.deepEqual([decision.create.length, decision.againMs], [0, seconds * 1000], `${failures} failures`);
  }
  for (const [aheadMs, againMs] of [[10_000, 20_000], [11_000, undefined], [10_000_000, undefined]] as const) {
    const decision = decideJob(job({ backoffLimit: 100 }), [], { nowMs, backoff: { failures: 1, lastFailureMs: nowMs + aheadMs } });
    assert.deepEqual([decision.create.length, decision.againMs], [againMs === undefined ? 1 : 0, againMs], "nobody waits for what a clock said that was set back");
  }
  const failed = [pod("a", { phase: "Failed", endedSecondsAgo: 9 }), pod("b", { phase: "Failed", endedSecondsAgo: 3 })];
  assert.equal(decideJob(job(), failed, facts).againMs, 17_000);
  const between = [...failed, pod("c", { phase: "Succeeded", endedSecondsAgo: 5 })];
  assert.equal(decideJob(job({ completions: 3 }), between, facts).againMs, 7_000);
  const forgotten = failed.map((one) => ({ ...one, metadata: { ...one.metadata, finalizers: [] } }));
  assert.equal(decideJob(job({}, { failed: 2 }), forgotten, { nowMs, backoff: undefined }).againMs, 17_000, "after a restart it is read off the pods");
});

test("a job's verdict is the first that holds", () => {
  const failJob = { podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] } } as const;
  const rows: readonly (readonly [string, Partial<Job["spec"]>, Job["status"], readonly Pod[], string | undefined])[] = [
    ["it runs", {}, {}, [pod("a")], undefined],
    ["one success is all it takes", {}, {}, [pod("a", { phase: "Succeeded" })], "CompletionsReached"],
    ["others still run", { completions: 1, parallelism: 2 }, {}, [pod("a", { phase: "Succeeded" }), pod("b")], undefined],
    ["a failure more than the limit", { backoffLimit: 1 }, { failed: 1 }, [pod("a", { phase: "Failed" })], "BackoffLimitExceeded"],
    ["as many as the limit", { backoffLimit: 1 }, {}, [pod("a", { phase: "Failed" })], undefined],
    ["restarts in their pods count", { backoffLimit: 2, template: { spec: { containers: [], restartPolicy: "OnFailure" } } }, {}, [pod("a", { restarts: 2 })], "BackoffLimitExceeded"],
    ["a limit of none bears no restart", { backoffLimit: 0, template: { spec: { containers: [], restartPolicy: "OnFailure" } } }, {}, [pod("a", { restarts: 1 })], "BackoffLimitExceeded"],
    ["restarts of pods that never restart are another's", { backoffLimit: 1 }, {}, [pod("a", { restarts: 2 })], undefined],
    ["the deadline is over", { activeDeadlineSeconds: 60 }, {}, [pod("a")], "DeadlineExceeded"],
    ["an exit code that is hopeless", failJob, {}, [pod("a", { phase: "Failed", exitCode: 42 })], "PodFailurePolicy"],
    ["another exit code", failJob, {}, [pod("a", { phase: "Failed", exitCode: 41 })], undefined],
    ["what was decided stays", {}, { conditions: [{ type: "FailureTarget", status: "True", reason: "DeadlineExceeded" }] }, [pod("a", { phase: "Succeeded" })], "DeadlineExceeded"],
    ["too many indexes failed", { ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1 }, { failedIndexes: "1" }, [pod("a", { index: 2, phase: "Failed" })], "MaxFailedIndexesExceeded"],
    ["every index ended, one badly", { ...indexed, backoffLimitPerIndex: 0 }, { completedIndexes: "0,2-4" }, [pod("a", { index: 1, phase: "Failed" })], "FailedIndexes"],
    ["the indexes that matter are done", { ...indexed, successPolicy: { rules: [{ succeededIndexes: "0,3" }] } }, { completedIndexes: "0" }, [pod("a", { index: 3, phase: "Succeeded" }), pod("b", { index: 1 })], "SuccessPolicy"],
    ["one of the indexes that matter", { ...indexed, successPolicy: { rules: [{ succeededIndexes: "0,3", succeededCount: 1 }] } }, { completedIndexes: "0" }, [], "SuccessPolicy"],
    ["any two", { ...indexed, successPolicy: { rules: [{ succeededCount: 2 }] } }, { completedIndexes: "0" }, [], undefined],
  ];
  for (const [title, spec, status, pods, reason] of rows) assert.equal(assessJob(job(spec, status), pods, facts).verdict?.reason, reason, title);
});

test("a failed pod is judged by the first rule that matches", () => {
  const rules = [
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    { action: "FailIndex", onExitCodes: { operator: "In", values: [3] } },
    { action: "FailJob", onExitCodes: { containerName: "c", operator: "NotIn", values: [1, 2] } },
  ] as const;
  const one = job({ ...indexed, backoffLimitPerIndex: 2, podFailurePolicy: { rules } });
  const judged = (detail: PodDetail) => assessJob(one, [pod("a", { index: 1, phase: "Failed", ...detail })], facts);
  const ignored = judged({ condition: "DisruptionTarget", exitCode: 137 });
  assert.deepEqual([ignored.failed, ignored.verdict], [0, undefined]);
  assert.deepEqual([judged({ exitCode: 3 }).failedIndexes, judged({ exitCode: 3 }).verdict], [[{ first: 1, last: 1 }], undefined]);
  assert.deepEqual([judged({ exitCode: 1 }).failed, judged({ exitCode: 1 }).failedIndexes], [1, []]);
  assert.equal(judged({ exitCode: 9 }).verdict?.message, "Container c for pod n/a failed with exit code 9 matching FailJob rule at index 2");
});

test("the first indexes nobody works on or has done are next; doubles and strangers go", () => {
  const decision = decideJob(job(indexed, { completedIndexes: "0" }), [pod("a", { index: 2 })], facts);
  assert.deepEqual(decision.create, [{ index: 1 }, { index: 3 }]);
  const surplus = decideJob(job(indexed), [pod("a", { index: 2, phase: "Pending" }), pod("b", { index: 2 }), pod("c"), pod("d", { index: 9 })], facts);
  assert.deepEqual([namesOf(surplus.remove), surplus.create], [["a", "c", "d"], []]);
});

test("an index waits by its own failures and is given up after its own limit", () => {
  const perIndex = job({ ...indexed, backoffLimitPerIndex: 2, podFailurePolicy: { rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [9] } }] } });
  const failed = [pod("a", { index: 0, phase: "Failed", failures: 1, endedSecondsAgo: 19 }), pod("b", { index: 1, phase: "Failed", failures: 0, endedSecondsAgo: 11 })];
  const decision = decideJob(perIndex, failed, facts);
  assert.deepEqual(decision.create, [{ index: 1, failures: { counted: 1, ignored: 0 } }, { index: 2, failures: { counted: 0, ignored: 0 } }]);
  assert.equal(decision.againMs, 1000);
  assert.deepEqual(trackJob(perIndex, failed, facts).release, [], "who knows the count is kept until the next has it");
  const ignored = decideJob(perIndex, [pod("a", { index: 0, phase: "Failed", failures: 1, exitCode: 9, endedSecondsAgo: 60 })], facts);
  assert.deepEqual(ignored.create[0], { index: 0, failures: { counted: 1, ignored: 1 } });
  const last = trackJob(perIndex, [pod("a", { index: 0, phase: "Failed", failures: 2 })], facts);
  assert.deepEqual([last.status.failedIndexes, namesOf(last.release)], ["0", ["a"]]);
});

test("a pod has its index as label, annotation, variable and hostname", () => {
  const made = job({ ...indexed, template: { metadata: { name: "", labels: { app: "x" } }, spec: { containers: [{ name: "c", env: [{ name: "A", value: "1" }] }] } } });
  const chance = { fraction: () => 0, bytes: () => new Uint8Array(), uuid: () => "" };
  const { metadata, spec } = podOf({ ...made, metadata: { ...made.metadata, name: "n".repeat(70) } }, { index: 4, failures: { counted: 1, ignored: 2 } }, chance);
  assert.match(metadata.name, /^n{55}-4-b{5}$/);
  assert.deepEqual(metadata.labels, { app: "x", [completionIndexKey]: "4" });
  assert.deepEqual(metadata.annotations, { [completionIndexKey]: "4", [failureCountAnnotation]: "1", [ignoredFailureCountAnnotation]: "2" });
  assert.equal(podOf(made, { index: 4 }, chance).spec.hostname, "j-4");
  assert.deepEqual(spec.containers[0]?.env?.[1], { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: `metadata.labels['${completionIndexKey}']` } } });
});

test("what ended stands in the status before its pod is let go, and is a number once it is", () => {
  const many = job({ completions: 3, parallelism: 3 });
  const pods = [pod("a", { phase: "Succeeded" }), pod("b", { phase: "Failed" }), pod("c")];
  const first = trackJob(many, pods, facts);
  assert.deepEqual(first.status.uncountedTerminatedPods, { succeeded: ["a"], failed: ["b"] });
  assert.deepEqual([first.status.succeeded, first.status.failed, first.status.active, namesOf(first.release)], [undefined, undefined, 1, ["a", "b"]]);
  const written = { ...many, status: first.status };
  assert.deepEqual(trackJob(written, pods, facts).status, first.status, "while both are kept nothing is counted twice");
  const letGo = pods.map((one) => (one.metadata.name === "c" ? one : { ...one, metadata: { ...one.metadata, finalizers: [] } }));
  const second = trackJob(written, letGo, facts);
  assert.deepEqual([second.status.succeeded, second.status.failed, second.status.uncountedTerminatedPods, second.release], [1, 1, {}, []]);
});

test("a suspended job without anything to do is complete, and began when it ended", () => {
  const idle = { ...job({ completions: 0, suspend: true }), status: {} };
  const { status } = trackJob(idle, [], facts);
  assert.deepEqual([status.conditions?.map(({ type }) => type), status.startTime, status.completionTime], [["SuccessCriteriaMet", "Complete"], printTime(nowMs), printTime(nowMs)]);
  const ahead = trackJob(job({ completions: 0 }, { startTime: printTime(nowMs + 5_000) }), [], facts);
  assert.equal(ahead.status.completionTime, printTime(nowMs + 5_000), "where the clock was put back, an end is not before its beginning");
});

/** Pods of a job that come, end, are deleted and vanish in any order, with a daemon that stops anywhere. */
const step = fc.record({ act: fc.constantFrom("succeed", "fail", "delete", "vanish", "pass", "half", "restart"), pick: fc.nat(50) });

test("whatever happens to pods, each end is counted exactly once, and a job that ended stays as it is", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (completions, parallelism, steps) => {
    let current = job({ completions, parallelism, backoffLimit: 1000 });
    let pods: readonly Pod[] = [];
    let time = nowMs;
    let made = 0;
    const ends = { succeeded: 0, failed: 0 };
    const settle = (isWhole: boolean): void => {
      time += 1_000_000;
      const decision = decideJob(current, pods, { nowMs: time, backoff: noBackoff });
      pods = [...pods.filter((one) => !decision.remove.includes(one)), ...decision.create.map(() => pod(`p${made++}`))];
      assert.ok(pods.filter(({ status, metadata }) => status.phase === "Running" && metadata.deletionTimestamp === undefined).length <= parallelism);
      const tracked = trackJob(current, pods, { nowMs: time, backoff: noBackoff });
      assert.ok((tracked.status.succeeded ?? 0) >= (current.status.succeeded ?? 0) && (tracked.status.failed ?? 0) >= (current.status.failed ?? 0));
      current = { ...current, status: tracked.status };
      const free = isWhole ? tracked.release : tracked.release.slice(0, 1);
      pods = pods.map((one) => (free.includes(one) ? { ...one, metadata: { ...one.metadata, finalizers: [] } } : one));
    };
    const isOver = (): boolean => (current.status.conditions ?? []).some(({ type }) => type === "Complete");
    for (const { act, pick } of steps) {
      if (isOver()) break;
      const running = pods.filter(({ status, metadata }) => status.phase === "Running" && metadata.deletionTimestamp === undefined);
      const target = running[pick % Math.max(1, running.length)];
      const gone = pods.find((one) => one.metadata.finalizers?.length === 0);
      if (act === "vanish") pods = pods.filter((one) => one !== gone);
      else if (act === "pass" || act === "restart") settle(true);
      else if (act === "half") settle(false);
      else if (target !== undefined) {
        ends[act === "succeed" ? "succeeded" : "failed"]++;
        pods = pods.map((one) => (one === target ? pod(one.metadata.name, act === "delete" ? { deletedWith: 0 } : { phase: act === "succeed" ? "Succeeded" : "Failed" }) : one));
      }
    }
    for (let turn = 0; turn < 200 && !isOver(); turn++) {
      settle(true);
      const running = pods.find(({ status, metadata }) => status.phase === "Running" && metadata.deletionTimestamp === undefined);
      if (running === undefined) continue;
      ends.succeeded++;
      pods = pods.map((one) => (one === running ? pod(one.metadata.name, { phase: "Succeeded" }) : one));
    }
    assert.ok(isOver());
    assert.deepEqual([current.status.succeeded ?? 0, current.status.failed ?? 0], [ends.succeeded, ends.failed]);
    assert.equal(ends.succeeded, completions);
  }), { numRuns: 60 });
});
