import { parseTime } from "../../model/conditions.ts";
import type { CronJob } from "../../model/kinds/batch.ts";
import { lastTimeMs, nextTimeMs } from "../../value/cron.ts";
import type { Schedule } from "../../value/cron.ts";

/** More missed starts than this are worth a warning: somebody's clock is wrong, or nothing ran for long (upstream's number). */
export const missedMax = 100;

/** A CronJob without a zone runs by UTC: the daemon behaves the same wherever it stands. */
export function timeZoneOf({ spec }: CronJob): string {
  return spec.timeZone ?? "UTC";
}

/** Which start of a CronJob is due. */
export interface DueStart {
  /** The latest start that has passed and is not too late; undefined when there is none. */
  readonly atMs: number | undefined;
  readonly areManyMissed: boolean;
  /** The start after that; undefined when the schedule never comes. */
  readonly nextMs: number | undefined;
}

/**
 * Looks for starts since the last one, or since the CronJob was made. Of several that were missed only the latest is made up for. Pure.
 * @see kubernetes pkg/controller/cronjob/utils.go mostRecentScheduleTime
 */
export function dueStart(cronJob: CronJob, schedule: Schedule, nowMs: number): DueStart {
  const zone = timeZoneOf(cronJob);
  const sinceMs = parseTime(cronJob.status.lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? nowMs;
  const { startingDeadlineSeconds } = cronJob.spec;
  const afterMs = startingDeadlineSeconds === undefined ? sinceMs : Math.max(sinceMs, nowMs - startingDeadlineSeconds * 1000);
  const passedMs = lastTimeMs(schedule, { afterMs: sinceMs, untilMs: nowMs }, zone);
  const nextMs = nextTimeMs(schedule, passedMs ?? Math.max(sinceMs, schedule.kind === "every" ? sinceMs : nowMs), zone);
  const atMs = lastTimeMs(schedule, { afterMs, untilMs: nowMs }, zone);
  return { atMs, areManyMissed: atMs !== undefined && countMissed(schedule, { afterMs, nowMs }, zone) > missedMax, nextMs };
}

/** About how many starts lie between: by the distance of the first two, as upstream. */
function countMissed(schedule: Schedule, { afterMs, nowMs }: { readonly afterMs: number; readonly nowMs: number }, zone: string): number {
  const first = nextTimeMs(schedule, afterMs, zone);
  const second = first === undefined ? undefined : nextTimeMs(schedule, first, zone);
  return first === undefined || second === undefined ? 0 : Math.floor((nowMs - first) / (second - first)) + 1;
}
