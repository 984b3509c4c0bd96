import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Container, Pod, PodSpec } from "../model/generated/core-v1.ts";
import type { ContainerHealth, PodObservation } from "./observation.ts";
import { planPod } from "./plan-pod.ts";
import { backoffMaxMs, backoffResetMs, nextBackoffMs, restartAtMs } from "./restarts.ts";
import type { ContainerExit, RuntimeContainer } from "./runtimes/runtime.ts";
import { containerIdOf } from "./runtimes/runtime.ts";

const nowMs = Date.parse("2026-01-01T00:10:00Z");
const uid = "u";

function podWith(spec: Partial<PodSpec>, change: Partial<Pod> = {}): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "ns", uid }, status: {}, ...change, spec: { containers: [{ name: "c" }], ...spec } };
}

function runOf(name: string, { attempt = 0, backoffMs = 0, startedAtMs = nowMs - 1_000, exit }: { readonly attempt?: number; readonly backoffMs?: number; readonly startedAtMs?: number; readonly exit?: ContainerExit } = {}): RuntimeContainer {
  return { id: containerIdOf(uid, name, attempt), name, attempt, backoffMs, startedAtMs, ...(exit === undefined ? {} : { exit }) };
}

function exited(code: number, atMs = nowMs): ContainerExit {
  return { code, atMs, reason: code === 0 ? "Completed" : "Error" };
}

const healthy: ContainerHealth = { isStarted: true, isReady: true };

function seen(runs: readonly RuntimeContainer[] | undefined, change: Partial<PodObservation> = {}): PodObservation {
  return {
    runtime: runs === undefined ? undefined : { uid, namespace: "ns", name: "p", ip: "127.64.0.1", containers: runs },
    health: new Map((runs ?? []).map((run) => [run.id, healthy])), stopping: new Map(), problems: new Map(), isObjectGone: false, hostIP: "127.0.0.1", runtimeName: "process", ...change,
  };
}

/** Actions in short: `start c#1`, `stop c#0`. */
function actionsOf(pod: Pod, observed: PodObservation, atMs = nowMs): readonly string[] {
  return planPod(pod, observed, atMs).actions.map((action) => {
    if (action.kind === "start") return `start ${action.container.name}#${action.attempt}`;
    if (action.kind === "stop" || action.kind === "removeContainer") return `${action.kind} ${action.id.slice(uid.length + 1).replace(".", "#")}`;
    return action.kind;
  });
}

const deleted = { metadata: { name: "p", namespace: "ns", uid, deletionTimestamp: "2026-01-01T00:10:30Z", deletionGracePeriodSeconds: 30 } };
const sidecar: Container = { name: "s", restartPolicy: "Always" };

const table: readonly { readonly title: string; readonly pod: Pod; readonly observed: PodObservation; readonly actions: readonly string[]; readonly phase: string }[] = [
  { title: "a new pod gets its place first", pod: podWith({}), observed: seen(undefined), actions: ["createSandbox"], phase: "Pending" },
  { title: "then its containers start", pod: podWith({}), observed: seen([]), actions: ["start c#0"], phase: "Pending" },
  { title: "a running pod is left alone", pod: podWith({}), observed: seen([runOf("c")]), actions: [], phase: "Running" },
  { title: "a first end is followed by a start at once", pod: podWith({}), observed: seen([runOf("c", { exit: exited(1) })]), actions: ["start c#1"], phase: "Running" },
  { title: "a second end waits", pod: podWith({}), observed: seen([runOf("c", { attempt: 1, backoffMs: 10_000, exit: exited(1, nowMs - 9_999) })]), actions: [], phase: "Running" },
  { title: "and starts when the wait is over", pod: podWith({}), observed: seen([runOf("c", { attempt: 1, backoffMs: 10_000, exit: exited(1, nowMs - 10_000) })]), actions: ["start c#2"], phase: "Running" },
  { title: "an ephemeral container is started once", pod: podWith({ ephemeralContainers: [{ name: "e" }] }), observed: seen([runOf("c")]), actions: ["start e#0"], phase: "Running" },
  { title: "and never again", pod: podWith({ ephemeralContainers: [{ name: "e" }] }), observed: seen([runOf("c"), runOf("e", { exit: exited(1) })]), actions: [], phase: "Running" },
  { title: "an ephemeral container keeps no pod alive", pod: podWith({ restartPolicy: "Never", ephemeralContainers: [{ name: "e" }] }), observed: seen([runOf("c", { exit: exited(0) }), runOf("e")]), actions: ["stop e#0"], phase: "Succeeded" },
  { title: "OnFailure does not repeat a success", pod: podWith({ restartPolicy: "OnFailure" }), observed: seen([runOf("c", { exit: exited(0) })]), actions: [], phase: "Succeeded" },
  { title: "Never does not repeat a failure", pod: podWith({ restartPolicy: "Never" }), observed: seen([runOf("c", { exit: exited(2) })]), actions: [], phase: "Failed" },
  { title: "init containers go one after the other", pod: podWith({ initContainers: [{ name: "a" }, { name: "b" }] }), observed: seen([runOf("a", { exit: exited(0) })]), actions: ["start b#0"], phase: "Pending" },
  { title: "the pod's containers wait for the last one", pod: podWith({ initContainers: [{ name: "a" }] }), observed: seen([runOf("a")]), actions: [], phase: "Pending" },
  { title: "a failed init container fails a pod that never restarts", pod: podWith({ restartPolicy: "Never", initContainers: [{ name: "a" }] }), observed: seen([runOf("a", { exit: exited(1) })]), actions: [], phase: "Failed" },
  { title: "a started sidecar lets the others begin", pod: podWith({ initContainers: [sidecar] }), observed: seen([runOf("s")]), actions: ["start c#0"], phase: "Pending" },
  { title: "one that has not started does not", pod: podWith({ initContainers: [sidecar] }), observed: seen([runOf("s")], { health: new Map() }), actions: [], phase: "Pending" },
  { title: "a sidecar is restarted beside the others", pod: podWith({ restartPolicy: "Never", initContainers: [sidecar] }), observed: seen([runOf("s", { exit: exited(1) }), runOf("c")]), actions: ["start s#1"], phase: "Running" },
  { title: "sidecars stop when the others are done", pod: podWith({ restartPolicy: "Never", initContainers: [sidecar] }), observed: seen([runOf("s"), runOf("c", { exit: exited(0) })]), actions: ["stop s#0"], phase: "Running" },
  { title: "a failed liveness probe stops the container", pod: podWith({}), observed: seen([runOf("c")], { health: new Map([[`${uid}.c.0`, { isStarted: true, isReady: false, failure: "Container c failed liveness probe, will be restarted" }]]) }), actions: ["stop c#0"], phase: "Running" },
  { title: "a deleted pod stops its containers first", pod: podWith({ initContainers: [sidecar] }, deleted), observed: seen([runOf("s"), runOf("c")]), actions: ["stop c#0"], phase: "Running" },
  { title: "then its sidecars", pod: podWith({ initContainers: [sidecar] }, deleted), observed: seen([runOf("s"), runOf("c", { exit: exited(143) })]), actions: ["stop s#0"], phase: "Running" },
  { title: "and is finished when nothing runs", pod: podWith({}, deleted), observed: seen([runOf("c", { exit: exited(143) })]), actions: ["finish"], phase: "Failed" },
  { title: "a deleted pod that never began is finished", pod: podWith({}, deleted), observed: seen(undefined), actions: ["finish"], phase: "Pending" },
  { title: "a stop under way is not begun again", pod: podWith({}, deleted), observed: seen([runOf("c")], { stopping: new Map([[`${uid}.c.0`, nowMs + 20_000]]) }), actions: [], phase: "Running" },
  { title: "an ended pod stays ended", pod: podWith({}, { status: { phase: "Failed" } }), observed: seen([]), actions: [], phase: "Failed" },
  { title: "old runs are removed, the last two stay", pod: podWith({}), observed: seen([runOf("c", { exit: exited(1) }), runOf("c", { attempt: 1, exit: exited(1) }), runOf("c", { attempt: 2 })]), actions: ["removeContainer c#0"], phase: "Running" },
  { title: "a pod past its deadline stops", pod: podWith({ activeDeadlineSeconds: 5 }, { status: { startTime: "2026-01-01T00:09:00Z" } }), observed: seen([runOf("c")]), actions: ["stop c#0"], phase: "Running" },
  { title: "and fails when stopped", pod: podWith({ activeDeadlineSeconds: 5 }, { status: { startTime: "2026-01-01T00:09:00Z" } }), observed: seen([runOf("c", { exit: exited(143) })]), actions: [], phase: "Failed" },
];

for (const { title, pod, observed, actions, phase } of table) {
  test(title, () => {
    assert.deepEqual(actionsOf(pod, observed), actions);
    assert.equal(planPod(pod, observed, nowMs).status.phase, phase);
  });
}

test("a waiting container says how long and why", () => {
  const { status, nextAtMs } = planPod(podWith({}), seen([runOf("c", { attempt: 3, backoffMs: 80_000, exit: exited(1) })]), nowMs);
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: "CrashLoopBackOff", message: "back-off 1m20s restarting failed container=c pod=p_ns(u)" } });
  assert.equal(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 1);
  assert.equal(status.containerStatuses?.[0]?.restartCount, 3);
  assert.equal(nextAtMs, nowMs + 80_000);
});

test("what could not be made is shown with its reason, and waited for", () => {
  const problem = { reason: "CreateContainerConfigError", message: 'configmap "x" not found', retryAtMs: nowMs + 500 };
  const { status, actions, nextAtMs } = planPod(podWith({}), seen([], { problems: new Map([["c", problem]]) }), nowMs);
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: "CreateContainerConfigError", message: 'configmap "x" not found' } });
  assert.deepEqual([actions, nextAtMs], [[], nowMs + 500]);
});

test("readiness needs every container and every gate", () => {
  const gated = podWith({ readinessGates: [{ conditionType: "example.com/ok" }] });
  const readyOf = (pod: Pod, observed: PodObservation) => planPod(pod, observed, nowMs).status.conditions?.find((condition) => condition.type === "Ready");
  assert.equal(readyOf(podWith({}), seen([runOf("c")]))?.status, "True");
  assert.equal(readyOf(podWith({}), seen([runOf("c")], { health: new Map() }))?.message, "containers with unready status: [c]");
  assert.equal(readyOf(gated, seen([runOf("c")]))?.reason, "ReadinessGatesNotReady");
  assert.equal(readyOf({ ...gated, status: { conditions: [{ type: "example.com/ok", status: "True" }] } }, seen([runOf("c")]))?.status, "True");
});

test("a condition keeps its time while its status stays, and others' conditions are kept", () => {
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }, { type: "DisruptionTarget", status: "True" }];
  const { status } = planPod(podWith({}, { status: { conditions } }), seen([runOf("c")]), nowMs);
  assert.equal(status.conditions?.find((condition) => condition.type === "Ready")?.lastTransitionTime, "2026-01-01T00:00:00Z");
  assert.equal(status.conditions?.find((condition) => condition.type === "ContainersReady")?.lastTransitionTime, "2026-01-01T00:10:00Z");
  assert.deepEqual(status.conditions?.at(-1), { type: "DisruptionTarget", status: "True" });
});

test("the grace ends when the API said it does", () => {
  const [stop] = planPod(podWith({}, deleted), seen([runOf("c")]), nowMs).actions;
  assert.equal(stop?.kind === "stop" ? stop.killAtMs : undefined, Date.parse("2026-01-01T00:10:30Z"));
});

const policies = fc.constantFrom("Always", "OnFailure", "Never");

/** Plays a plan's actions on a world where programs end as told; answers what is seen afterwards. */
function play(pod: Pod, observed: PodObservation, atMs: number, exitCodes: Iterator<number>): PodObservation {
  let runs = [...(observed.runtime?.containers ?? [])];
  let isThere = observed.runtime !== undefined;
  for (const action of planPod(pod, observed, atMs).actions) {
    if (action.kind === "createSandbox") isThere = true;
    if (action.kind === "start") runs.push(runOf(action.container.name, { attempt: action.attempt, backoffMs: action.backoffMs, startedAtMs: atMs }));
    if (action.kind === "stop") runs = runs.map((run) => (run.id === action.id ? { ...run, exit: exited(143, atMs) } : run));
    if (action.kind === "removeContainer") runs = runs.filter((run) => run.id !== action.id);
    if (action.kind === "finish") { isThere = false; runs = []; }
  }
  if (exitCodes !== noExits) runs = runs.map((run) => { const code = run.exit === undefined ? exitCodes.next().value as number : -1; return code >= 0 && run.exit === undefined ? { ...run, exit: exited(code, atMs) } : run; });
  return seen(isThere ? runs : undefined);
}

const noExits: Iterator<number> = { next: () => ({ done: false, value: -1 }) };

function* repeating(codes: readonly number[]): Generator<number, never> {
  for (let i = 0; ; i++) yield codes[i % codes.length] ?? -1;
}

const pods = fc.record({ policy: policies, inits: fc.integer({ min: 0, max: 2 }), sidecars: fc.integer({ min: 0, max: 2 }), plain: fc.integer({ min: 1, max: 3 }) }).map(({ policy, inits, sidecars, plain }) => podWith({
  restartPolicy: policy,
  initContainers: [...Array.from({ length: sidecars }, (_, i): Container => ({ name: `s${i}`, restartPolicy: "Always" })), ...Array.from({ length: inits }, (_, i) => ({ name: `i${i}` }))],
  containers: Array.from({ length: plain }, (_, i) => ({ name: `c${i}` })),
}));
const codes = fc.array(fc.constantFrom(-1, -1, 0, 1), { minLength: 1, maxLength: 8 });

test("whatever happened, plans come to rest", () => {
  fc.assert(fc.property(pods, codes, fc.integer({ min: 0, max: 6 }), (pod, exits, steps) => {
    let observed = seen(undefined);
    let atMs = nowMs;
    const ends = repeating(exits);
    for (let i = 0; i < steps; i++) observed = play(pod, observed, atMs += 1_000, ends);
    // Init containers end well from here on, others run.
    for (let i = 0; i < 40; i++) {
      observed = play(pod, observed, atMs += backoffMaxMs, noExits);
      observed = { ...observed, ...seen(observed.runtime?.containers.map((run) => (run.name.startsWith("i") && run.exit === undefined ? { ...run, exit: exited(0, atMs) } : run))) };
    }
    assert.deepEqual(planPod(pod, observed, atMs).actions, []);
  }));
});

test("a terminating pod never starts anything and ends", () => {
  fc.assert(fc.property(pods, codes, fc.integer({ min: 0, max: 8 }), (pod, exits, steps) => {
    let observed = seen(undefined);
    let atMs = nowMs;
    const ends = repeating(exits);
    for (let i = 0; i < steps; i++) observed = play(pod, observed, atMs += 1_000, ends);
    const ending = { ...pod, ...deleted };
    for (let i = 0; i < 8; i++) {
      assert.equal(planPod(ending, observed, atMs).actions.some((action) => action.kind === "start" || action.kind === "createSandbox"), false);
      observed = play(ending, observed, atMs += 1_000, noExits);
    }
    assert.equal(observed.runtime, undefined);
  }));
});

test("restarts are never faster than the backoff", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: backoffResetMs - 1 }), { minLength: 2, maxLength: 12 }), (lifetimes) => {
    let run: RuntimeContainer | undefined;
    let atMs = 0;
    lifetimes.forEach((lifeMs, i) => {
      const backoffMs = nextBackoffMs(run);
      if (run?.exit !== undefined && i > 1) assert.ok(atMs - run.exit.atMs >= Math.min(backoffMaxMs, 10_000 * 2 ** (i - 2)));
      run = runOf("c", { attempt: i, backoffMs, startedAtMs: atMs, exit: exited(1, atMs + lifeMs) });
      atMs = restartAtMs(run);
    });
  }));
});

test("after a long run the backoff begins anew", () => {
  const run = runOf("c", { attempt: 7, backoffMs: backoffMaxMs, startedAtMs: 0, exit: exited(1, backoffResetMs) });
  assert.equal(restartAtMs(run), backoffResetMs);
  assert.equal(nextBackoffMs(run), 10_000);
});
