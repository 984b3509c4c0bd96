import { parseTime } from "../../model/conditions.ts";
import type { Job } from "../../model/kinds/batch.ts";

/**
 * Milliseconds until a job is removed, 0 when it is time; undefined for one that runs, goes already or is to stay. Pure.
 * @see kubernetes pkg/controller/ttlafterfinished/ttlafterfinished_controller.go
 */
export function msUntilRemoval({ metadata, spec, status }: Job, nowMs: number): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const end = status.conditions?.find((condition) => condition.status === "True" && (condition.type === "Complete" || condition.type === "Failed"));
  const endedMs = parseTime(end?.lastTransitionTime);
  return endedMs === undefined ? undefined : Math.max(0, endedMs + spec.ttlSecondsAfterFinished * 1000 - nowMs);
}
