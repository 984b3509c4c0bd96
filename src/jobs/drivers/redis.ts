import type * as BullMq from "bullmq";
import type { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { World } from "../../world/world.ts";
import type { Job, Jobs, QueueName, QueueState } from "../jobs.ts";
import { jobsClosedError, JobsUnavailable } from "../jobs-unavailable.ts";
import { queueNames } from "../queue-names.ts";
import { parseRedisAddress, printRedisAddress } from "../redis-address.ts";
import { attemptsMax, retryAfterMs } from "../retry.ts";
import { within } from "../within.ts";

/** How long an enqueue or a look at the queues waits for a Redis that is away; a restart of the private one takes less. */
export const redisWaitMs = 2_000;

/** How long `close` waits for running jobs, and for a Redis that may be away, before it lets go. */
export const closeWaitMs = 5_000;

/** A job whose worker says nothing for this long is given to another. Several times the longest stay of the serving thread. */
const jobLockMs = 6_000;

/** How often workers look for jobs whose worker fell silent. */
const stalledCheckMs = 2_000;

/** Times a job may be found stalled before it counts as failed: a daemon that is killed again and again must not lose it early. */
const stalledMax = 50;

/** Ended jobs are kept only for the page: the store holds each sync's record for good. */
const endedKept = { age: 3_600, count: 100 } as const;

/** Jobs shown of each queue. */
const shownJobsMax = 100;

/** A request that finds its application's job just changing state is tried again this often. */
const enqueueTriesMax = 5;

export interface RedisJobsOptions {
  /** `redis://…`, `rediss://…` or the path of a unix socket. */
  readonly address: string;
  /** Sets this daemon's keys apart in a shared Redis. */
  readonly instance: string;
  readonly world: World;
  /** Shorter in tests. */
  readonly jobLockMs?: number;
  readonly stalledCheckMs?: number;
}

/** What a job carries: names only. */
interface JobData {
  readonly application: string;
  readonly planDigest: string;
}

/** Jobs in Redis. Resolves once connected; throws JobsUnavailable when no Redis answers in time. */
export async function openRedisJobs(options: RedisJobsOptions): Promise<Jobs> {
  const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
  const { clock, log } = options.world;
  const closing = new AbortController();
  // After close nobody connects again: what still waits for an answer is refused, so that close itself ends.
  const retryStrategy = (times: number) => (closing.signal.aborted ? null : reconnectAfterMs(times));
  const connection = { ...parseRedisAddress(options.address), maxRetriesPerRequest: null, retryStrategy };
  const probe = new ioredis.Redis(connection);
  probe.on("error", (error) => { log.debug("redis does not answer", { error }); });
  const prefix = `capstan:${options.instance}`;
  try {
    await within(clock, redisWaitMs, probe.ping(), `no Redis answers at ${printRedisAddress(options.address)}`);
  } catch (error) {
    closing.abort(error);
    probe.disconnect();
    throw error;
  }
  const queues = new Map(queueNames.map((name) => {
    const queue = new bullmq.Queue<JobData>(name, { connection, prefix });
    queue.on("error", (error) => { log.debug("the job queue met an error", { job: name, error }); });
    return [name, queue] as const;
  }));
  return new RedisJobs({ ...options, bullmq, connection, prefix, closing, probe, queues });
}

interface RedisJobsParts extends RedisJobsOptions {
  readonly bullmq: typeof BullMq;
  readonly connection: ReturnType<typeof parseRedisAddress> & { readonly maxRetriesPerRequest: null };
  readonly prefix: string;
  readonly closing: AbortController;
  readonly probe: Redis;
  readonly queues: ReadonlyMap<QueueName, Queue<JobData>>;
}

class RedisJobs implements Jobs {
  readonly #parts: RedisJobsParts;
  readonly #world: World;
  readonly #workers: Worker<JobData>[] = [];
  readonly #listeners: (() => void)[] = [];
  readonly #closing: AbortController;

  constructor(parts: RedisJobsParts) {
    this.#parts = parts;
    this.#closing = parts.closing;
    this.#world = parts.world;
    // The first "ready" was seen before this object existed: every further one follows a loss.
    parts.probe.on("ready", () => {
      this.#world.log.info("redis is back", {});
      for (const listen of this.#listeners) listen();
    });
  }

  async enqueue(name: QueueName, application: string, planDigest: string): Promise<void> {
    if (this.#closing.signal.aborted) throw jobsClosedError();
    await this.#bounded(this.#add(name, { application, planDigest }));
  }

  work(name: QueueName, run: Parameters<Jobs["work"]>[1], { concurrency }: { readonly concurrency: number }): void {
    const { bullmq, connection, prefix, jobLockMs: lockDuration = jobLockMs, stalledCheckMs: stalledInterval = stalledCheckMs } = this.#parts;
    const { chance, log } = this.#world;
    const worker: Worker<JobData> = new bullmq.Worker<JobData>(name, async (job, _token, lost) => {
      const signal = lost === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, lost]);
      const asked: Job = { queue: name, application: job.data.application, planDigest: job.data.planDigest, attempt: job.attemptsMade + 1 };
      try {
        await run(asked, signal);
      } catch (error) {
        log.warn("a job failed", { job: `${name}/${asked.application}`, plan: asked.planDigest, attempt: asked.attempt, error });
        // A newer request waits behind this one: it runs now, not after the old one's retries.
        if (await this.#hasNext(name, asked.application)) throw new bullmq.UnrecoverableError("superseded by a newer request");
        throw new Error(`attempt ${asked.attempt} failed; see the log`, { cause: error });
      }
    }, {
      connection, prefix, concurrency, lockDuration, stalledInterval, maxStalledCount: stalledMax,
      removeOnComplete: endedKept, removeOnFail: endedKept,
      settings: { backoffStrategy: (attemptsMade) => retryAfterMs(attemptsMade, chance.fraction()) },
    });
    worker.on("error", (error) => { log.debug("a job worker met an error", { job: name, error }); });
    worker.on("lockRenewalFailed", (ids) => { for (const id of ids) worker.cancelJob(id, "the job was given to another worker"); });
    this.#workers.push(worker);
  }

  async state(): Promise<QueueState> {
    const message = `Redis at ${printRedisAddress(this.#parts.address)}`;
    try {
      const queues = await this.#bounded(Promise.all([...this.#parts.queues.keys()].map((name) => this.#queueState(name))));
      return { driver: "redis", isConnected: true, message, queues };
    } catch (error) {
      if (!(error instanceof JobsUnavailable)) throw error;
      const queues = queueNames.map((name) => ({ name, waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0, jobs: [] }));
      return { driver: "redis", isConnected: false, message: `${message} does not answer; jobs are taken up again when it is back`, queues };
    }
  }

  onRestored(listen: () => void): void {
    this.#listeners.push(listen);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(jobsClosedError());
    const { probe, queues } = this.#parts;
    const isConnected = probe.status === "ready";
    const ends = [...this.#workers.map((worker) => worker.close(!isConnected)), ...[...queues.values()].map((queue) => queue.close())];
    await this.#boundedEnd(closeWaitMs, ends);
    await this.#boundedEnd(redisWaitMs, [...this.#workers, ...queues.values()].map((each) => each.disconnect()));
    probe.disconnect();
  }

  async #boundedEnd(limitMs: number, ends: readonly Promise<void>[]): Promise<void> {
    const { clock, log } = this.#world;
    await within(clock, limitMs, Promise.allSettled(ends), "the job queue did not close in time").catch((error: unknown) => {
      log.warn("the job queue was left without a farewell", { error });
    });
  }

  /** One waiting job an application: BullMQ keeps a request behind an active job; one that waits is brought up to date here. */
  async #add(name: QueueName, data: JobData): Promise<void> {
    const queue = this.#queue(name);
    for (let tries = 0; tries < enqueueTriesMax; tries++) {
      const jobId = this.#world.chance.uuid();
      const job = await queue.add("plan", data, {
        jobId, attempts: attemptsMax, backoff: { type: "custom" }, deduplication: { id: data.application, keepLastIfActive: true },
        timestamp: this.#world.clock.nowMs(), removeOnComplete: endedKept, removeOnFail: endedKept,
      });
      if (job.id === jobId) return;
      const existing = job.id === undefined ? undefined : await queue.getJob(job.id);
      const state = existing === undefined ? "unknown" : await existing.getState();
      if (existing !== undefined && state === "waiting") {
        await existing.updateData(data);
        // Still waiting: whoever takes it reads the new data. Else it may have been taken with the old data: ask again.
        if ((await existing.getState()) === "waiting") return;
      } else if (existing !== undefined && state === "delayed") {
        // The retry of an older request: the newer one takes its place at once, with tries of its own.
        await existing.remove().catch(() => {});
      } else if (state === "active" && (await this.#next(name, data.application))?.planDigest === data.planDigest) {
        return;
      }
    }
    throw new JobsUnavailable(`the job of ${data.application} kept changing its state; try again`);
  }

  async #queueState(name: QueueName): Promise<QueueState["queues"][number]> {
    const queue = this.#queue(name);
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed", "completed");
    const jobs: QueueState["queues"][number]["jobs"][number][] = [];
    let behindActive = 0;
    for (const state of ["active", "waiting", "delayed"] as const) {
      for (const job of await queue.getJobs([state], 0, shownJobsMax - 1, true)) {
        jobs.push({ ...job.data, attempt: job.attemptsMade + 1, enqueuedAtMs: job.timestamp, state });
        const next = state === "active" ? await this.#next(name, job.data.application) : undefined;
        if (next === undefined) continue;
        behindActive++;
        jobs.push({ application: next.application, planDigest: next.planDigest, attempt: 1, enqueuedAtMs: job.timestamp, state: "waiting" });
      }
    }
    const { waiting = 0, active = 0, delayed = 0, failed = 0, completed = 0 } = counts;
    return { name, waiting: waiting + behindActive, active, delayed, failed, completed, jobs };
  }

  async #hasNext(name: QueueName, application: string): Promise<boolean> {
    return (await this.#next(name, application)) !== undefined;
  }

  /** The request BullMQ holds back until the active job of this application ends. @see bullmq src/commands/includes/storeDeduplicatedNextJob.lua */
  async #next(name: QueueName, application: string): Promise<JobData | undefined> {
    const text = await this.#parts.probe.hget(`${this.#parts.prefix}:${name}:dn:${application}`, "data");
    return text === null ? undefined : (JSON.parse(text) as JobData);
  }

  #queue(name: QueueName): Queue<JobData> {
    const queue = this.#parts.queues.get(name);
    if (queue === undefined) throw new TypeError(`no queue is called ${name}`);
    return queue;
  }

  #bounded<T>(answer: Promise<T>): Promise<T> {
    return within(this.#world.clock, redisWaitMs, answer, `Redis at ${printRedisAddress(this.#parts.address)} does not answer; nothing is lost: the request is taken up again when it is back`);
  }
}

/** Reconnects soon, and never slower than every half second: the private Redis is back within a second. */
function reconnectAfterMs(times: number): number {
  return Math.min(50 * times, 500);
}
