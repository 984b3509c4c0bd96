import type { World } from "../../world/world.ts";
import type { Jobs, QueueName, QueueState } from "../jobs.ts";
import { queueNames } from "../queue-names.ts";
import { nextDueMs, takeJob, withEnded, withRequest } from "../pending-jobs.ts";
import type { PendingJob, QueueContent } from "../pending-jobs.ts";
import { attemptsMax, retryAfterMs } from "../retry.ts";
import { jobsClosedError } from "../jobs-unavailable.ts";

export interface MemoryJobsOptions {
  readonly world: World;
  /** Said on the queue page: why there is no Redis. */
  readonly message?: string;
}

/** Jobs in this process: lost at its end, rebuilt from the store like any lost queue. */
export function openMemoryJobs(options: MemoryJobsOptions): Jobs {
  return new MemoryJobs(options);
}

interface Worker {
  readonly run: Parameters<Jobs["work"]>[1];
  readonly concurrency: number;
  running: number;
}

interface Queue {
  content: QueueContent;
  readonly workers: Worker[];
  failed: number;
  completed: number;
  cancelTimer: (() => void) | undefined;
}

class MemoryJobs implements Jobs {
  readonly #world: World;
  readonly #message: string;
  readonly #queues: ReadonlyMap<QueueName, Queue>;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor({ world, message }: MemoryJobsOptions) {
    this.#world = world;
    this.#message = message ?? "jobs are kept in memory";
    this.#queues = new Map(queueNames.map((name) => [name, { content: { name, waiting: [], active: [] }, workers: [], failed: 0, completed: 0, cancelTimer: undefined }]));
  }

  async enqueue(name: QueueName, application: string, planDigest: string): Promise<void> {
    if (this.#closing.signal.aborted) throw jobsClosedError();
    const queue = this.#queue(name);
    queue.content = withRequest(queue.content, { application, planDigest, nowMs: this.#world.clock.nowMs() });
    this.#serve(queue);
  }

  work(name: QueueName, run: Worker["run"], { concurrency }: { readonly concurrency: number }): void {
    const queue = this.#queue(name);
    queue.workers.push({ run, concurrency, running: 0 });
    this.#serve(queue);
  }

  async state(): Promise<QueueState> {
    const nowMs = this.#world.clock.nowMs();
    const queues = [...this.#queues.values()].map(({ content, failed, completed }) => {
      const waiting = content.waiting.map((job) => ({ ...shown(job), state: job.notBeforeMs > nowMs ? "delayed" as const : "waiting" as const }));
      const active = content.active.map((job) => ({ ...shown(job), state: "active" as const }));
      const delayed = waiting.filter(({ state }) => state === "delayed").length;
      return { name: content.name, waiting: waiting.length - delayed, active: active.length, delayed, failed, completed, jobs: [...active, ...waiting] };
    });
    return { driver: "memory", isConnected: true, message: this.#message, queues };
  }

  /** Never called: what is lost here is lost with the process, and a new process enqueues from the store anyway. */
  onRestored(): void {}

  async close(): Promise<void> {
    this.#closing.abort(jobsClosedError());
    for (const queue of this.#queues.values()) queue.cancelTimer?.();
    await Promise.all(this.#running);
  }

  #queue(name: QueueName): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new TypeError(`no queue is called ${name}`);
    return queue;
  }

  /** Starts what may start, and wakes up again for what is due later. */
  #serve(queue: Queue): void {
    if (this.#closing.signal.aborted) return;
    for (const worker of queue.workers) {
      while (worker.running < worker.concurrency) {
        const taken = takeJob(queue.content, this.#world.clock.nowMs());
        if (taken === undefined) break;
        queue.content = taken.queue;
        const running = this.#runJob(queue, worker, taken.job);
        this.#running.add(running);
        void running.finally(() => { this.#running.delete(running); });
      }
    }
    this.#wakeLater(queue);
  }

  #wakeLater(queue: Queue): void {
    queue.cancelTimer?.();
    queue.cancelTimer = undefined;
    const dueMs = nextDueMs(queue.content);
    const afterMs = dueMs === undefined ? 0 : dueMs - this.#world.clock.nowMs();
    if (afterMs > 0) queue.cancelTimer = this.#world.clock.after(afterMs, () => { this.#serve(queue); });
  }

  async #runJob(queue: Queue, worker: Worker, job: PendingJob): Promise<void> {
    worker.running++;
    const { application, planDigest, attempt } = job;
    try {
      await worker.run({ queue: queue.content.name, application, planDigest, attempt }, this.#closing.signal);
      queue.completed++;
      queue.content = withEnded(queue.content, job);
    } catch (error) {
      this.#world.log.warn("a job failed", { job: `${queue.content.name}/${application}`, plan: planDigest, attempt, error });
      queue.content = this.#withFailed(queue, job);
    }
    worker.running--;
    this.#serve(queue);
  }

  #withFailed(queue: Queue, job: PendingJob): QueueContent {
    if (job.attempt < attemptsMax) return withEnded(queue.content, job, this.#world.clock.nowMs() + retryAfterMs(job.attempt, this.#world.chance.fraction()));
    queue.failed++;
    return withEnded(queue.content, job);
  }
}

function shown({ application, planDigest, attempt, enqueuedAtMs }: PendingJob) {
  return { application, planDigest, attempt, enqueuedAtMs };
}
