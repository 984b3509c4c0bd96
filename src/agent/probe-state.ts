import type { Probe } from "../model/generated/core-v1.ts";

/** While a probe has never succeeded it is asked this soon, so that Ready follows real readiness within about 100 ms. */
export const probeFirstMs = 50;
/** Each further wait is this much longer, up to the probe's period. */
const probeGrowth = 1.3;
/** The same wait grows no further in the first moments, while most programs start. */
const eagerMs = 5_000;
/** Longest wait while eager. */
const eagerWaitMaxMs = 100;

/** Where a probe stands. Times are on the monotonic clock: a wall clock that is set must neither spare a sick container nor hurry a slow one. */
export interface ProbeState {
  /** Undefined until a threshold was reached. */
  readonly result: boolean | undefined;
  readonly hasSucceeded: boolean;
  /** In a row. */
  readonly successes: number;
  /** In a row, counted at most once a period. */
  readonly failures: number;
  readonly beganAtMs: number;
  /** When the next failure may count. */
  readonly countsAtMs: number;
  readonly waitMs: number;
  readonly nextAtMs: number;
}

/** The state before the first question: asked at once, or after initialDelaySeconds. The first failure that counts is one period later, where upstream's first question may fall too. */
export function beginProbe(probe: Probe, nowMs: number): ProbeState {
  const firstAtMs = nowMs + (probe.initialDelaySeconds ?? 0) * 1000;
  return { result: undefined, hasSucceeded: false, successes: 0, failures: 0, beganAtMs: firstAtMs, countsAtMs: firstAtMs + periodMs(probe), waitMs: probeFirstMs, nextAtMs: firstAtMs };
}

/**
 * Takes one answer in. Quick questions before the first success do not wear failureThreshold out: a failure counts once a period.
 * After the first success the probe is asked every period, as upstream.
 */
export function recordProbe(probe: Probe, state: ProbeState, { isSuccess, nowMs }: { readonly isSuccess: boolean; readonly nowMs: number }): ProbeState {
  if (isSuccess) {
    const successes = state.successes + 1;
    const isReached = state.result === true || successes >= (probe.successThreshold ?? 1);
    return { ...state, result: isReached ? true : state.result, hasSucceeded: true, successes, failures: 0, waitMs: probeFirstMs, countsAtMs: nowMs, nextAtMs: nowMs + periodMs(probe) };
  }
  const isCounted = nowMs >= state.countsAtMs;
  const failures = state.failures + (isCounted ? 1 : 0);
  const result = failures >= (probe.failureThreshold ?? 3) ? false : state.result;
  const countsAtMs = isCounted ? nowMs + periodMs(probe) : state.countsAtMs;
  if (state.hasSucceeded) return { ...state, result, successes: 0, failures, countsAtMs: nowMs, nextAtMs: nowMs + periodMs(probe) };
  const longest = nowMs - state.beganAtMs < eagerMs ? Math.min(eagerWaitMaxMs, periodMs(probe)) : periodMs(probe);
  return { ...state, result, successes: 0, failures, countsAtMs, waitMs: Math.min(longest, state.waitMs * probeGrowth), nextAtMs: nowMs + Math.min(longest, state.waitMs) };
}

/** periodSeconds in milliseconds; 10 s where the pod does not say. */
export function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000;
}

/** timeoutSeconds in milliseconds; 1 s where the pod does not say. */
export function probeTimeoutMs(probe: Probe): number {
  return (probe.timeoutSeconds ?? 1) * 1000;
}
