import { JobsUnavailable } from "../../src/jobs/jobs-unavailable.ts";
import type { Job, Jobs, QueueName } from "../../src/jobs/jobs.ts";
import { nextDueMs, takeJob, withEnded, withRequest } from "../../src/jobs/pending-jobs.ts";
import type { PendingJob, QueueContent } from "../../src/jobs/pending-jobs.ts";
import { attemptsMax, retryAfterMs } from "../../src/jobs/retry.ts";
import type { Log } from "../../src/world/log.ts";
import type { Life, SeededChance, SimulatedClock } from "./world.ts";

/** As the driver's bound on a Redis that does not answer. */
const redisWaitMs = 2_000;

/** As the driver's lock: a job whose worker is gone is given to another after this. */
const lockMs = 30_000;

interface Connection {
  readonly life: Life;
  readonly runs: Map<QueueName, { readonly run: (job: Job, signal: AbortSignal) => Promise<void>; readonly concurrency: number; running: number }>;
  readonly restored: (() => void)[];
}

/** A Redis that outlives the daemon, goes away and comes back, with or without what it held. Jobs run at least once, and twice after a long absence. */
export class SimulatedRedis {
  isUp = true;
  readonly #clock: SimulatedClock;
  readonly #chance: SeededChance;
  readonly #queues = new Map<QueueName, QueueContent>((["sync", "rollback"] as const).map((name) => [name, { name, waiting: [], active: [] }]));
  #connection: Connection | undefined;
  /** Texts handed to the queue, for the check that no secret is among them. */
  onEnqueued: (text: string) => void = () => {};

  constructor(clock: SimulatedClock, chance: SeededChance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** Jobs that wait or run. */
  get size(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.waiting.length + queue.active.length, 0);
  }

  goAway(): void {
    this.isUp = false;
  }

  /** Comes back; without data everything it held is gone. Active jobs have lost their locks: they are given out again. */
  comeBack(options: { readonly hasData: boolean }): void {
    this.isUp = true;
    for (const [name, queue] of this.#queues) this.#queues.set(name, options.hasData ? stalled(queue, queue.active) : { name, waiting: [], active: [] });
    for (const listen of this.#connection?.restored ?? []) listen();
    this.#serve();
  }

  /** A daemon connects. */
  connect(life: Life, log: Log): Jobs {
    const connection: Connection = { life, runs: new Map(), restored: [] };
    this.#connection = connection;
    const held = [...this.#queues].map(([name, queue]) => ({ name, active: queue.active }));
    // What the last process was working on is given out again when its lock has run out.
    this.#clock.after(lockMs, () => {
      for (const { name, active } of held) this.#queues.set(name, stalled(this.#queue(name), active));
      this.#serve();
    });
    life.whenDead(() => { if (this.#connection === connection) this.#connection = undefined; });
    return {
      enqueue: async (name, application, planDigest) => {
        this.onEnqueued(`${name} ${application} ${planDigest}`);
        if (!this.isUp) {
          await life.sleep(redisWaitMs);
          throw new JobsUnavailable("simulated: Redis does not answer");
        }
        this.#queues.set(name, withRequest(this.#queue(name), { application, planDigest, nowMs: this.#clock.nowMs() }));
        life.after(0, () => { this.#serve(); });
      },
      work: (name, run, { concurrency }) => { connection.runs.set(name, { run, concurrency, running: 0 }); this.#serve(); },
      state: async () => ({ driver: "redis", isConnected: this.isUp, message: "simulated", queues: [] }),
      onRestored: (listen) => { connection.restored.push(listen); },
      close: async () => { log.info("the queue is closed"); if (this.#connection === connection) this.#connection = undefined; },
    };
  }

  #queue(name: QueueName): QueueContent {
    return this.#queues.get(name) ?? { name, waiting: [], active: [] };
  }

  #serve(): void {
    const connection = this.#connection;
    if (connection === undefined || !this.isUp || connection.life.isDead) return;
    for (const [name, worker] of connection.runs) {
      while (worker.running < worker.concurrency) {
        const taken = takeJob(this.#queue(name), this.#clock.nowMs());
        if (taken === undefined) break;
        this.#queues.set(name, taken.queue);
        worker.running++;
        void this.#run(connection, name, taken.job).finally(() => { worker.running--; this.#serve(); });
      }
      const dueMs = nextDueMs(this.#queue(name));
      if (dueMs !== undefined) connection.life.after(Math.max(1, dueMs - this.#clock.nowMs()), () => { this.#serve(); });
    }
  }

  async #run(connection: Connection, name: QueueName, job: PendingJob): Promise<void> {
    const worker = connection.runs.get(name);
    const lost = new AbortController();
    let retryAtMs: number | undefined;
    try {
      await worker?.run({ queue: name, application: job.application, planDigest: job.planDigest, attempt: job.attempt }, lost.signal);
    } catch {
      if (job.attempt < attemptsMax) retryAtMs = this.#clock.nowMs() + retryAfterMs(job.attempt, this.#chance.fraction());
    }
    // The answer of a job whose lock was lost counts for nothing.
    if (this.isUp && this.#queue(name).active.includes(job)) this.#queues.set(name, withEnded(this.#queue(name), job, retryAtMs));
  }
}

/** Active jobs wait again, before the others, unless a newer request of the application waits already. */
function stalled(queue: QueueContent, jobs: readonly PendingJob[]): QueueContent {
  const lost = queue.active.filter((job) => jobs.includes(job));
  const again = lost.filter((job) => !queue.waiting.some((other) => other.application === job.application)).map((job) => ({ ...job, notBeforeMs: 0 }));
  return { ...queue, waiting: [...again, ...queue.waiting], active: queue.active.filter((job) => !lost.includes(job)) };
}
