import type { QueueName } from "./jobs.ts";

/** A request to run a plan, as it waits. */
export interface PendingJob {
  readonly application: string;
  readonly planDigest: string;
  readonly attempt: number;
  readonly enqueuedAtMs: number;
  /** Not before this time; 0 when it may run at once. */
  readonly notBeforeMs: number;
}

/** One queue: at most one waiting and one active job an application. */
export interface QueueContent {
  readonly name: QueueName;
  /** In the order in which they are to run. */
  readonly waiting: readonly PendingJob[];
  readonly active: readonly PendingJob[];
}

/** A request replaces the waiting one of the same application and keeps its place; a retry that waited is run at once. Pure. */
export function withRequest(queue: QueueContent, request: { readonly application: string; readonly planDigest: string; readonly nowMs: number }): QueueContent {
  const { application, planDigest, nowMs } = request;
  const job: PendingJob = { application, planDigest, attempt: 1, enqueuedAtMs: nowMs, notBeforeMs: 0 };
  const isWaiting = queue.waiting.some((other) => other.application === application);
  const waiting = isWaiting ? queue.waiting.map((other) => (other.application === application ? job : other)) : [...queue.waiting, job];
  return { ...queue, waiting };
}

/** The next job that may run now: never one whose application is active. Pure. */
export function takeJob(queue: QueueContent, nowMs: number): { readonly queue: QueueContent; readonly job: PendingJob } | undefined {
  const job = queue.waiting.find((other) => other.notBeforeMs <= nowMs && !isActive(queue, other.application));
  if (job === undefined) return undefined;
  return { job, queue: { ...queue, waiting: queue.waiting.filter((other) => other !== job), active: [...queue.active, job] } };
}

/** When the next waiting job may run, as far as time decides it; undefined when nothing waits for time. Pure. */
export function nextDueMs(queue: QueueContent): number | undefined {
  const times = queue.waiting.filter(({ application, notBeforeMs }) => notBeforeMs > 0 && !isActive(queue, application)).map(({ notBeforeMs }) => notBeforeMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Ends an active job; `retryAtMs` lets it wait again unless a newer request of its application already does. Pure. */
export function withEnded(queue: QueueContent, job: PendingJob, retryAtMs?: number): QueueContent {
  const ended = { ...queue, active: queue.active.filter((other) => other !== job) };
  if (retryAtMs === undefined || queue.waiting.some((other) => other.application === job.application)) return ended;
  return { ...ended, waiting: [...ended.waiting, { ...job, attempt: job.attempt + 1, notBeforeMs: retryAtMs }] };
}

function isActive(queue: QueueContent, application: string): boolean {
  return queue.active.some((job) => job.application === application);
}
