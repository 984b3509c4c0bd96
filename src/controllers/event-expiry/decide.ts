import { parseTime } from "../../model/conditions.ts";
import type { Event } from "../../model/kinds/event.ts";

/** Events are kept for so long after they last happened (upstream's --event-ttl). */
export const eventLifeMs = 3_600_000;

/** Milliseconds an event still has, 0 when its time is over. Pure. */
export function msUntilExpiry(event: Event, nowMs: number): number {
  const times = [event.lastTimestamp, event.series?.lastObservedTime, event.eventTime, event.metadata.creationTimestamp].flatMap((time) => parseTime(time) ?? []);
  return Math.max(0, Math.max(0, ...times) + eventLifeMs - nowMs);
}
