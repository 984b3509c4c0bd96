/** Events one object may cause at once from one source (client-go tools/record/events_cache.go). */
export const eventBurst = 25;
/** The time after which one more comes free (same place). */
export const eventRefillMs = 300_000;
/** More similar events than this within the interval become one combined event. */
export const similarMax = 10;
/** Similar events count together while no more than this lies between two of them (same place). */
export const similarIntervalMs = 600_000;

/** What is remembered of one object's events. */
export interface EventCorrelation {
  /** Events free to be written, up to the burst. */
  readonly tokens: number;
  readonly refilledAtMs: number;
  /** Differing messages per type and reason, with the time of the last one. */
  readonly similar: ReadonlyMap<string, { readonly messages: ReadonlySet<string>; readonly lastAtMs: number }>;
}

/** Nothing happened yet. */
export function emptyCorrelation(nowMs: number): EventCorrelation {
  return { tokens: eventBurst, refilledAtMs: nowMs, similar: new Map() };
}

/**
 * Decides what becomes of an event: written under its message, under the combined one, or (message undefined) not at all. Pure.
 * @see kubernetes client-go tools/record/events_cache.go
 */
export function decideEvent(
  before: EventCorrelation, note: { readonly type: string; readonly reason: string; readonly message: string }, nowMs: number,
): { readonly correlation: EventCorrelation; readonly message: string | undefined } {
  const key = `${note.type}/${note.reason}`;
  const known = before.similar.get(key);
  const isFresh = known === undefined || nowMs - known.lastAtMs > similarIntervalMs;
  const messages = isFresh ? new Set([note.message]) : known.messages.size < similarMax ? new Set([...known.messages, note.message]) : known.messages;
  const isCombined = !messages.has(note.message) || messages.size >= similarMax;
  const similar = new Map(before.similar).set(key, { messages, lastAtMs: nowMs });

  const refills = Math.floor((nowMs - before.refilledAtMs) / eventRefillMs);
  const tokens = Math.min(eventBurst, before.tokens + refills);
  const refilledAtMs = before.refilledAtMs + refills * eventRefillMs;
  if (tokens < 1) return { correlation: { tokens, refilledAtMs, similar }, message: undefined };
  return { correlation: { tokens: tokens - 1, refilledAtMs, similar }, message: isCombined ? `(combined from similar events): ${note.message}` : note.message };
}
