import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, Jobs, QueueState } from "../../../src/jobs/jobs.ts";

/** One implementation under the suite; each call answers an empty queue of its own. */
export interface JobsUnderTest {
  readonly name: string;
  readonly skip: string | false;
  open(): Promise<Jobs>;
}

/** A place where running jobs stand still until the test lets them go. */
export class Gate {
  readonly started: Job[] = [];
  readonly #held: { readonly job: Job; readonly pass: () => void; readonly refuse: (error: Error) => void }[] = [];
  #watchers: (() => void)[] = [];

  readonly run = (job: Job): Promise<void> => {
    this.started.push(job);
    return new Promise((pass, refuse) => {
      this.#held.push({ job, pass, refuse });
      for (const wake of this.#watchers.splice(0)) wake();
    });
  };

  /** The next job that stands here. */
  async next(): Promise<{ readonly job: Job; readonly pass: () => void; readonly refuse: (error: Error) => void }> {
    for (;;) {
      const held = this.#held.shift();
      if (held !== undefined) return held;
      await new Promise<void>((resolve) => { this.#watchers.push(resolve); });
    }
  }

  get heldCount(): number {
    return this.#held.length;
  }
}

const pollMs = 10;
const waitMaxMs = 15_000;

/** Waits until the fact holds, looking again and again; fails when it does not in time. */
export async function until(fact: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + waitMaxMs;
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, `not in time: ${fact}`);
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }
}

/** The rules of src/jobs/jobs.ts, for every driver. */
export function jobsSuite(subject: JobsUnderTest): void {
  const suiteTest = (title: string, body: (jobs: Jobs) => Promise<void>) => {
    test(`${subject.name}: ${title}`, { skip: subject.skip, timeout: 60_000 }, async () => {
      const jobs = await subject.open();
      try {
        await body(jobs);
      } finally {
        await jobs.close();
      }
    });
  };

  suiteTest("a job reaches its worker with its application, plan and first attempt", async (jobs) => {
    const gate = new Gate();
    jobs.work("sync", gate.run, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "digest-1");
    const { job, pass } = await gate.next();
    assert.deepEqual(job, { queue: "sync", application: "web/shop", planDigest: "digest-1", attempt: 1 });
    pass();
    await until("it counts as completed", async () => (await sync(jobs)).completed === 1);
  });

  suiteTest("a newer request replaces the waiting one of its application", async (jobs) => {
    for (const digest of ["one", "two", "three"]) await jobs.enqueue("sync", "web/shop", digest);
    await jobs.enqueue("sync", "web/blog", "other");
    const waiting = await sync(jobs);
    assert.equal(waiting.waiting, 2);
    assert.deepEqual(waiting.jobs.map(({ application, planDigest, state }) => `${application} ${planDigest} ${state}`).toSorted(), ["web/blog other waiting", "web/shop three waiting"]);
    const ran: string[] = [];
    jobs.work("sync", async (job) => { ran.push(job.planDigest); }, { concurrency: 1 });
    await until("both are completed", async () => (await sync(jobs)).completed === 2);
    assert.deepEqual(ran, ["three", "other"]);
  });

  suiteTest("a request during an active job runs after it, the newest only", async (jobs) => {
    const gate = new Gate();
    jobs.work("sync", gate.run, { concurrency: 4 });
    await jobs.enqueue("sync", "web/shop", "one");
    const first = await gate.next();
    for (const digest of ["two", "three", "four"]) await jobs.enqueue("sync", "web/shop", digest);
    const during = await sync(jobs);
    assert.deepEqual([during.active, during.waiting], [1, 1]);
    assert.deepEqual(during.jobs.map(({ planDigest, state }) => `${planDigest} ${state}`), ["one active", "four waiting"]);
    assert.equal(gate.heldCount, 0);
    first.pass();
    const second = await gate.next();
    assert.equal(second.job.planDigest, "four");
    second.pass();
    await until("both are completed", async () => (await sync(jobs)).completed === 2);
    assert.deepEqual(gate.started.map(({ planDigest }) => planDigest), ["one", "four"]);
  });

  suiteTest("a job that throws runs again after a pause, with the next attempt", async (jobs) => {
    const gate = new Gate();
    jobs.work("sync", gate.run, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "one");
    const first = await gate.next();
    const refusedMs = performance.now();
    first.refuse(new Error("no luck"));
    await until("it waits for its time", async () => (await sync(jobs)).delayed === 1);
    const second = await gate.next();
    assert.ok(performance.now() - refusedMs >= 200, "the pause is too short");
    assert.deepEqual([second.job.planDigest, second.job.attempt], ["one", 2]);
    second.pass();
    await until("it is completed", async () => (await sync(jobs)).completed === 1);
  });

  suiteTest("a newer request takes the place of a retry that waits, at once and with tries of its own", async (jobs) => {
    const gate = new Gate();
    jobs.work("sync", gate.run, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "one");
    (await gate.next()).refuse(new Error("no luck"));
    await until("it waits for its time", async () => (await sync(jobs)).delayed === 1);
    await jobs.enqueue("sync", "web/shop", "two");
    const next = await gate.next();
    assert.deepEqual([next.job.planDigest, next.job.attempt], ["two", 1]);
    next.pass();
    await until("nothing is left", async () => isEmpty(await sync(jobs)));
    assert.deepEqual(gate.started.map(({ planDigest }) => planDigest), ["one", "two"]);
  });

  suiteTest("a newer request behind a failing job runs instead of its retry", async (jobs) => {
    const gate = new Gate();
    jobs.work("sync", gate.run, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "one");
    const first = await gate.next();
    await jobs.enqueue("sync", "web/shop", "two");
    first.refuse(new Error("no luck"));
    const next = await gate.next();
    assert.deepEqual([next.job.planDigest, next.job.attempt], ["two", 1]);
    next.pass();
    await until("nothing is left", async () => isEmpty(await sync(jobs)));
  });

  suiteTest("two workers never run one application at once in a queue, and other applications are not held up", async (jobs) => {
    const running = new Set<string>();
    let together = 0;
    const run = async (job: Job) => {
      assert.ok(!running.has(job.application), `${job.application} runs twice`);
      running.add(job.application);
      together = Math.max(together, running.size);
      await new Promise((resolve) => { setImmediate(resolve); });
      running.delete(job.application);
    };
    jobs.work("sync", run, { concurrency: 3 });
    jobs.work("sync", run, { concurrency: 3 });
    for (let round = 0; round < 20; round++) for (const application of ["a/a", "b/b", "c/c"]) await jobs.enqueue("sync", application, `digest-${round}`);
    await until("nothing is left", async () => isEmpty(await sync(jobs)));
    assert.equal((await sync(jobs)).failed, 0);
  });

  suiteTest("queues do not know each other: one application may be in both", async (jobs) => {
    const [syncGate, rollbackGate] = [new Gate(), new Gate()];
    jobs.work("sync", syncGate.run, { concurrency: 1 });
    jobs.work("rollback", rollbackGate.run, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "one");
    await jobs.enqueue("rollback", "web/shop", "back");
    const [held, heldBack] = [await syncGate.next(), await rollbackGate.next()];
    assert.deepEqual((await jobs.state()).queues.map(({ name, active }) => [name, active]), [["sync", 1], ["rollback", 1]]);
    held.pass();
    heldBack.pass();
  });

  suiteTest("close aborts running jobs, waits for their end, and refuses what comes later", async (jobs) => {
    let hasEnded = false;
    const started = Promise.withResolvers<void>();
    jobs.work("sync", async (_job, signal) => {
      started.resolve();
      await new Promise((resolve) => { signal.addEventListener("abort", resolve, { once: true }); });
      hasEnded = true;
    }, { concurrency: 1 });
    await jobs.enqueue("sync", "web/shop", "one");
    await started.promise;
    await jobs.close();
    assert.ok(hasEnded);
    await assert.rejects(jobs.enqueue("sync", "web/shop", "two"), { name: "JobsUnavailable" });
  });
}

export async function sync(jobs: Jobs): Promise<QueueState["queues"][number]> {
  const queue = (await jobs.state()).queues.find(({ name }) => name === "sync");
  assert.ok(queue !== undefined);
  return queue;
}

export function isEmpty(queue: QueueState["queues"][number]): boolean {
  return queue.waiting + queue.active + queue.delayed === 0;
}
