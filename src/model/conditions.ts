import { printTime } from "../world/clock.ts";

/** What conditions of all kinds have. */
export interface ConditionValue {
  readonly type?: string;
  readonly status?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The condition of a type, or undefined. */
export function findCondition<C extends ConditionValue>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition of a type is "True". */
export function isConditionTrue(conditions: readonly ConditionValue[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * The list with one condition set in its place or at the end. `lastTransitionTime` is `nowMs` only when the status changes, else what it was.
 * The very same list when nothing changed.
 */
export function withCondition<C extends ConditionValue>(conditions: readonly C[] | undefined, condition: C, nowMs: number): readonly C[] {
  const list = conditions ?? [];
  const index = list.findIndex((candidate) => candidate.type === condition.type);
  const old = list[index];
  const isSameStatus = old !== undefined && old.status === condition.status && old.lastTransitionTime !== undefined;
  const next: C = { ...old, ...condition, lastTransitionTime: isSameStatus ? old.lastTransitionTime : printTime(nowMs) };
  if (old === undefined) return [...list, next];
  const keys = new Set([...Object.keys(old), ...Object.keys(next)]) as Set<keyof C>;
  return [...keys].every((key) => old[key] === next[key]) ? list : list.with(index, next);
}

/** The list without the condition of a type; the very same list when there is none. */
export function withoutCondition<C extends ConditionValue>(conditions: readonly C[] | undefined, type: string): readonly C[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}

/** Milliseconds since 1970 of a time of the API; undefined for an absent or unreadable one. */
export function parseTime(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
