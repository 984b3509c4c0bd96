import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobSpec } from "../generated/batch-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { JobKind } from "./batch.ts";
import type { Job } from "./batch.ts";

function job(spec: Partial<JobSpec>, { name = "j", startTime }: { readonly name?: string; readonly startTime?: string } = {}): Job {
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "n", uid: "u" }, status: startTime === undefined ? {} : { startTime },
    spec: { completions: 4, parallelism: 1, template: { metadata: { name: "", labels: { app: "x" } }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } }, ...spec },
  };
}

function problems(now: Job, old?: Job): readonly string[] {
  return (JobKind.validate?.(now, old) ?? []).map(printFieldError);
}

const indexed = { completionMode: "Indexed" } as const;
const rule = (one: object) => ({ podFailurePolicy: { rules: [{ action: "Count", onExitCodes: { operator: "In", values: [1] }, ...one }] } }) as unknown as Partial<JobSpec>;
const first = "spec.podFailurePolicy.rules[0]";

test("a job's spec is checked as upstream checks it", () => {
  for (const [spec, ...expected] of [
    [{}],
    [{ ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 2, successPolicy: { rules: [{ succeededIndexes: "0,2-3", succeededCount: 2 }] } }],
    [{ podReplacementPolicy: "Failed", ...rule({}) }],
    [{ managedBy: "example.com/queue" }],
    [{ maxFailedIndexes: 1 }, "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified", "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"],
    [{ ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 9 }, "spec.maxFailedIndexes: Invalid value: 9: must be less than or equal to completions"],
    [{ ...indexed, parallelism: 100_001 }, "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"],
    [{ ...indexed, completions: 100_001, backoffLimitPerIndex: 0 }, "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000"],
    [{ managedBy: "queue" }, 'spec.managedBy: Invalid value: "queue": must be a domain-prefixed path (such as "acme.io/foo")'],
    [{ podReplacementPolicy: "TerminatingOrFailed", ...rule({}) }, 'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    [rule({ action: "FailIndex" }), `${first}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    [rule({ onExitCodes: undefined }), `${first}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
    [rule({ onPodConditions: [{ type: "DisruptionTarget" }] }), `${first}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
    [rule({ onExitCodes: { containerName: "d", operator: "In", values: [2, 0, 2] } }), `${first}.onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template`,
      `${first}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`, `${first}.onExitCodes.values[2]: Duplicate value: 2`, `${first}.onExitCodes.values: Invalid value: [2,0,2]: must be ordered`],
    [{ successPolicy: { rules: [{ succeededCount: 1 }] } }, 'spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'],
    [{ ...indexed, successPolicy: { rules: [] } }, "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified"],
    [{ ...indexed, successPolicy: { rules: [{ succeededIndexes: "3,1" }] } }, 'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3,1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1'],
    [{ ...indexed, successPolicy: { rules: [{ succeededIndexes: "0-4" }] } }, 'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-4": error parsing succeededIndexes: too large index: "4"'],
    [{ ...indexed, successPolicy: { rules: [{ succeededIndexes: "0-1", succeededCount: 3 }] } }, "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)"],
  ] as readonly (readonly [Partial<JobSpec>, ...string[]])[]) assert.deepEqual(problems(job(spec)), expected);
  const name = "n".repeat(62);
  assert.deepEqual(problems(job(indexed, { name })), [`metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-3`]);
});

test("of a job's template only where its pods go may change, and that while it has not begun", () => {
  const { template } = job({}).spec;
  const { spec = { containers: [] } } = template;
  const moved = { ...template, metadata: { name: "", labels: { app: "y" } }, spec: { ...spec, nodeSelector: { disk: "fast" }, affinity: { nodeAffinity: {} } } };
  assert.deepEqual(problems(job({ template: moved }), job({ suspend: true })), []);
  const another = { ...moved, spec: { ...moved.spec, containers: [{ name: "c", image: "j" }] } };
  for (const [next, old] of [[another, job({ suspend: true })], [moved, job({})], [moved, job({ suspend: true }, { startTime: "2026-01-01T00:00:00Z" })]] as const) {
    assert.match(problems(job({ template: next }), old).join(), /^spec\.template: Invalid value: .*: field is immutable$/s);
  }
  assert.deepEqual(problems(job({ ...indexed, completions: 3, parallelism: 3 }), job(indexed)), [], "an Indexed job may be resized when both counts stay the same");
  assert.deepEqual(problems(job({ completions: 3 }), job({})), ["spec.completions: Invalid value: 3: field is immutable"]);
});

test("what is said of a job must fit together, and what was said stays said", () => {
  const times = { startTime: "2026-01-01T00:00:00Z", completionTime: "2026-01-01T00:00:05Z" };
  const conditions = (...types: readonly string[]) => ({ conditions: types.map((type) => ({ type, status: "True" })) });
  const complete = { ...times, ...conditions("SuccessCriteriaMet", "Complete"), succeeded: 4 };
  const failed = { startTime: times.startTime, ...conditions("FailureTarget", "Failed"), failed: 7 };
  const rows: readonly (readonly [Job["status"], Job["status"], ...string[]])[] = [
    [{}, { startTime: times.startTime, active: 2, ready: 1, terminating: 0, uncountedTerminatedPods: { failed: ["a"] } }],
    [{ startTime: times.startTime }, complete],
    [{ startTime: times.startTime, failed: 7 }, failed],
    [complete, complete],
    [{}, { active: -1 }, "status.active: Invalid value: -1: must be greater than or equal to 0", "status.ready: Invalid value: 0: cannot set more ready pods than active"],
    [{}, { active: 1, ready: 2 }, "status.ready: Invalid value: 2: cannot set more ready pods than active"],
    [{}, { ...times, ...conditions("Complete") }, "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition"],
    [{}, { startTime: times.startTime, ...conditions("SuccessCriteriaMet", "Complete") }, "status.completionTime: Required value: completionTime is required for Complete jobs"],
    [{}, { ...failed, active: 1 }, "status.active: Invalid value: 1: active>0 is invalid for finished job"],
    [{}, { ...failed, uncountedTerminatedPods: { failed: ["a"] } }, 'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job'],
    [{}, { ...times }, 'status.completionTime: Invalid value: "2026-01-01T00:00:05Z": cannot set completionTime when there is no Complete=True condition'],
    [{}, { completedIndexes: "1" }, 'status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed completion mode'],
    [failed, { ...failed, conditions: [] }, "status.conditions: Invalid value: cannot disable the terminal Failed=True condition", "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition"],
    [complete, { ...complete, succeeded: 3 }, "status.succeeded: Invalid value: 3: cannot decrease the succeeded counter"],
    [complete, { ...complete, completionTime: "2026-01-01T00:00:09Z" }, 'status.completionTime: Invalid value: "2026-01-01T00:00:09Z": completionTime cannot be mutated'],
  ];
  for (const [before, after, ...expected] of rows) {
    const [old, now] = [{ ...job({}), status: before }, { ...job({}), status: after }];
    assert.deepEqual((JobKind.validateStatus?.(now, old) ?? []).map(printFieldError), expected);
  }
});
