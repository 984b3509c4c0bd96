/** The queue does not take jobs now. Nothing is lost: whoever owns the truth enqueues again when `onRestored` tells it. */
export class JobsUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JobsUnavailable";
  }
}

/** The queue was closed by this daemon. */
export function jobsClosedError(): JobsUnavailable {
  return new JobsUnavailable("the job queue is closed");
}
