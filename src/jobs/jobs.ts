/** The queues there are. */
export type QueueName = "sync" | "rollback";

/** A job names a plan, it never carries one (DESIGN 4.5). */
export interface Job {
  readonly queue: QueueName;
  /** `namespace/name` of the application. */
  readonly application: string;
  /** Digest of the plan to execute; rollback jobs name the history entry's Sync instead. */
  readonly planDigest: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** What the queue page shows. */
export interface QueueState {
  readonly driver: "redis" | "memory";
  readonly isConnected: boolean;
  readonly message: string;
  readonly queues: readonly {
    readonly name: QueueName;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
    readonly completed: number;
    readonly jobs: readonly (Pick<Job, "application" | "planDigest" | "attempt"> & { readonly state: "waiting" | "active" | "delayed"; readonly enqueuedAtMs: number })[];
  }[];
}

/**
 * Durable requests to execute plans. At least once; a doubled or late job is harmless because plans are fenced by generation.
 * Everything here may be lost and is rebuilt from Sync objects that are not finished.
 */
export interface Jobs {
  /** One waiting job an application and queue: a newer request replaces a waiting one, and runs after an active one. Never blocks on a lost Redis for longer than the named constant. */
  enqueue(queue: QueueName, application: string, planDigest: string): Promise<void>;
  /** Runs jobs until the signal aborts. A thrown error is retried with backoff. */
  work(queue: QueueName, run: (job: Job, signal: AbortSignal) => Promise<void>, options: { readonly concurrency: number }): void;
  state(): Promise<QueueState>;
  /** Called when the queue came back after a loss: whoever owns the truth enqueues again. */
  onRestored(listen: () => void): void;
  close(): Promise<void>;
}
