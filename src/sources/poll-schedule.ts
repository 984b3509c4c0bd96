/** A repository that fails is asked less and less often, up to this. */
const backoffMaxMs = 300_000;
/** Intervals are spread by a tenth, so that a hundred applications do not ask in the same second. */
const jitterFraction = 0.1;

/** When to ask next. Pure: `fraction` is a number in [0, 1) from chance. */
export function nextPollMs(poll: { readonly intervalMs: number; readonly failureCount: number; readonly nowMs: number; readonly fraction: number }): number {
  const backedOff = poll.failureCount === 0 ? poll.intervalMs : Math.max(poll.intervalMs, Math.min(backoffMaxMs, poll.intervalMs * 2 ** poll.failureCount));
  return poll.nowMs + Math.round(backedOff * (1 - jitterFraction + 2 * jitterFraction * poll.fraction));
}
