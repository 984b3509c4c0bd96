import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogOptions } from "../../../src/api/nodes.ts";
import type { RuntimeDriver, RuntimePod, SandboxRequest, StartRequest } from "../../../src/agent/runtimes/runtime.ts";
import { RuntimeProblem } from "../../../src/agent/runtimes/runtime.ts";

/** What a container of the suite does; each runtime is told in its own way. */
export type Program = "prints and exits with 3" | "runs until it is asked to end" | "ignores TERM" | "cannot be made";

/** One runtime under test. */
export interface RuntimeHarness {
  readonly name: string;
  /** A driver on fresh state, opened. */
  open(): Promise<OpenRuntime>;
  /** What makes a container do this. */
  requestFor(program: Program): Pick<StartRequest, "image" | "command">;
}

export interface OpenRuntime {
  readonly driver: RuntimeDriver;
  /** Lets time pass where it does not by itself. */
  passTime(): Promise<void>;
  /** Drops the driver without a word, as a crash does, and opens another on the same state. */
  reopen(): Promise<OpenRuntime>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

export const uid = "0a1b2c3d-0000-4000-8000-000000000001";

export function sandbox(change: Partial<SandboxRequest> = {}): SandboxRequest {
  return { uid, namespace: "default", name: "web", hostname: "web", annotations: {}, volumes: [], hostAliases: [], ...change };
}

export function start(change: Partial<StartRequest>): StartRequest {
  return { uid, name: "c", image: "", attempt: 0, backoffMs: 0, command: [], env: [], mounts: [], supplementalGroups: [], terminationMessagePath: "/dev/termination-log", isLogUsedAsMessage: false, ...change };
}

/** Resolves when the pod looks like this. */
export async function until(runtime: OpenRuntime, isSo: (pod: RuntimePod | undefined) => boolean): Promise<void> {
  let stop: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    stop = runtime.driver.onChange(() => { if (isSo(runtime.driver.pod(uid))) resolve(); });
    if (isSo(runtime.driver.pod(uid))) resolve();
    else void runtime.passTime();
  });
  stop();
}

export function hasEnded(attempt: number): (pod: RuntimePod | undefined) => boolean {
  return (pod) => pod?.containers.some((run) => run.attempt === attempt && run.exit !== undefined) === true;
}

export async function readLogs(driver: RuntimeDriver, id: string, options: LogOptions = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of driver.logs(id, options, new AbortController().signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** What every runtime has to hold; run by one test file per runtime. */
export function runtimeSuite(harness: RuntimeHarness): void {
  const using = (title: string, run: (runtime: OpenRuntime) => Promise<void>) => test(`${harness.name}: ${title}`, { timeout: 30_000 }, async () => {
    // The runtime's own timers and processes never keep a program alive; the test has to.
    const alive = setInterval(() => undefined, 1_000);
    const runtime = await harness.open();
    try {
      await run(runtime);
    } finally {
      await runtime.dispose();
      clearInterval(alive);
    }
  });

  using("a pod gets its own loopback address, and asking again changes nothing", async ({ driver }) => {
    const made = await driver.createSandbox(sandbox());
    assert.match(made.ip, /^127\./u);
    const other = await driver.createSandbox(sandbox({ uid: "0a1b2c3d-0000-4000-8000-000000000002" }));
    assert.notEqual(other.ip, made.ip);
    assert.deepEqual(await driver.createSandbox(sandbox()), made);
    assert.deepEqual(driver.pods().map((pod) => pod.uid).toSorted(), [made.uid, other.uid].toSorted());
  });

  using("a container's output and exit code are kept", async (runtime) => {
    await runtime.driver.createSandbox(sandbox());
    const { id } = await runtime.driver.startContainer(start(harness.requestFor("prints and exits with 3")));
    await until(runtime, hasEnded(0));
    const run = runtime.driver.pod(uid)?.containers[0];
    assert.equal(run?.exit?.code, 3);
    assert.equal(run?.exit?.reason, "Error");
    assert.equal(await readLogs(runtime.driver, id), "one\ntwo\n");
    assert.equal(await readLogs(runtime.driver, id, { tailLines: 1 }), "two\n");
    assert.equal(await readLogs(runtime.driver, id, { limitBytes: 5 }), "one\nt");
    assert.match(await readLogs(runtime.driver, id, { tailLines: 1, timestamps: true }), /^\d{4}-\d\d-\d\dT\S+Z two\n$/u);
  });

  using("starting the same run twice starts it once", async ({ driver }) => {
    await driver.createSandbox(sandbox());
    const request = start(harness.requestFor("runs until it is asked to end"));
    const first = await driver.startContainer(request);
    assert.deepEqual(await driver.startContainer(request), first);
    assert.equal(driver.pod(uid)?.containers.length, 1);
  });

  using("TERM lets a program end", async (runtime) => {
    await runtime.driver.createSandbox(sandbox());
    const { id } = await runtime.driver.startContainer(start(harness.requestFor("runs until it is asked to end")));
    await runtime.driver.signal(id, "TERM");
    await until(runtime, hasEnded(0));
    assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit?.code, 143);
  });

  using("KILL ends a program that ignores TERM", async (runtime) => {
    await runtime.driver.createSandbox(sandbox());
    const { id } = await runtime.driver.startContainer(start(harness.requestFor("ignores TERM")));
    // It says so when it has begun to ignore.
    for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (chunk.length > 0) break;
    await runtime.driver.signal(id, "TERM");
    await runtime.passTime();
    assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit, undefined);
    await runtime.driver.signal(id, "KILL");
    await until(runtime, hasEnded(0));
    assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit?.code, 137);
  });

  using("what cannot be made says why", async ({ driver }) => {
    await driver.createSandbox(sandbox());
    await assert.rejects(driver.startContainer(start(harness.requestFor("cannot be made"))), (error) => error instanceof RuntimeProblem && error.reason === "CreateContainerError");
  });

  using("what runs is adopted by the next driver, and its end is seen", async (before) => {
    const { ip } = await before.driver.createSandbox(sandbox());
    const { id } = await before.driver.startContainer(start(harness.requestFor("runs until it is asked to end")));
    const after = await before.reopen();
    assert.equal(after.driver.pod(uid)?.ip, ip);
    assert.equal(after.driver.pod(uid)?.containers[0]?.exit, undefined);
    await after.driver.signal(id, "TERM");
    await until(after, hasEnded(0));
    assert.equal(after.driver.pod(uid)?.containers[0]?.exit?.code, 143);
    await after.driver.close();
  });

  using("a removed run and a removed pod are forgotten", async (runtime) => {
    await runtime.driver.createSandbox(sandbox());
    const { id } = await runtime.driver.startContainer(start(harness.requestFor("prints and exits with 3")));
    await until(runtime, hasEnded(0));
    await runtime.driver.removeContainer(id);
    assert.deepEqual(runtime.driver.pod(uid)?.containers, []);
    await runtime.driver.removeSandbox(uid);
    assert.equal(runtime.driver.pod(uid), undefined);
    assert.equal(await readLogs(runtime.driver, id), "");
  });
}
