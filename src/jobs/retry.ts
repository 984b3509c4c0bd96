/** Tries of one job before it counts as failed; the application's own retry policy sits above this. */
export const attemptsMax = 5;

/** Pause before the second try; doubles with every further one. */
export const retryFirstMs = 500;

/** Longest pause between two tries. */
export const retryLastMs = 30_000;

/** Up to this share of a pause is taken off by chance, so that jobs that failed together do not come back together. */
export const retryJitter = 0.5;

/**
 * Pause after a failed try. Pure.
 *
 * @param attempt the try that failed, 1 for the first
 * @param fraction chance in [0, 1)
 */
export function retryAfterMs(attempt: number, fraction: number): number {
  const fullMs = Math.min(retryLastMs, retryFirstMs * 2 ** (attempt - 1));
  return Math.round(fullMs * (1 - retryJitter * fraction));
}
