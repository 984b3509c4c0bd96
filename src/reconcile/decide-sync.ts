import type { SyncPolicy, SyncSpec } from "../model/generated/capstan-v1.ts";
import { parseDuration } from "../value/duration.ts";

export type Trigger = SyncSpec["trigger"];

/** What the decision knows of the newest sync of the application. */
export interface LastSync {
  readonly name: string;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Superseded";
  /** Digest of everything that was wanted then. */
  readonly desiredDigest: string;
  readonly trigger: Trigger;
  readonly finishedAtMs: number | undefined;
  /** Failures in a row for the same desired state. */
  readonly failures: number;
  /** Self-heals in a row for the same desired state, within the window. */
  readonly heals: number;
}

export interface SyncQuestion {
  readonly policy: SyncPolicy | undefined;
  /** The plan would write something. */
  readonly hasChanges: boolean;
  readonly desiredDigest: string;
  readonly last: LastSync | undefined;
  /** A person asked for a sync. */
  readonly isRequested: boolean;
  /** A person asked to go back, and this is what is wanted now. */
  readonly isRollback: boolean;
  /** How the newest revision became known. */
  readonly seenBy: Extract<Trigger, "Push" | "Poll" | "Webhook" | "Change">;
  readonly nowMs: number;
}

export type SyncDecision =
  | { readonly kind: "sync"; readonly trigger: Trigger }
  | { readonly kind: "resume" }
  | { readonly kind: "wait"; readonly afterMs: number; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

/** The first self-heals are immediate; each further one waits twice as long, so that two writers of one field do not fight for ever. */
const healsAtOnce = 3;
const healBackoffMs = 2_000;
const healBackoffMaxMs = 300_000;

/** Argo CD's defaults for `syncPolicy.retry`. */
const retryDefaults = { limit: 5, durationMs: 5_000, factor: 2, maxMs: 180_000 };

/** Decides whether to sync now, and why. Pure: the newest desired state always wins, a failure never blocks another commit (DESIGN 4.6). */
export function decideSync(question: SyncQuestion): SyncDecision {
  const { last, policy } = question;
  const isSame = last?.desiredDigest === question.desiredDigest;
  if (last !== undefined && (last.phase === "Pending" || last.phase === "Running") && isSame && !question.isRollback) return { kind: "resume" };
  if (question.isRollback) return question.hasChanges ? { kind: "sync", trigger: "Rollback" } : { kind: "none", reason: "already there" };
  if (!question.hasChanges) return { kind: "none", reason: "nothing to change" };
  if (question.isRequested) return { kind: "sync", trigger: "Manual" };
  const automated = policy?.automated;
  if (automated === undefined || automated.enabled === false) return { kind: "none", reason: "automated sync is off" };
  if (!isSame || last === undefined) return { kind: "sync", trigger: question.seenBy };
  if (last.phase === "Superseded") return { kind: "sync", trigger: last.trigger };
  return last.phase === "Failed" ? decideRetry(question, last) : decideHeal(question, last);
}

function decideRetry(question: SyncQuestion, last: LastSync): SyncDecision {
  const retry = question.policy?.retry;
  const limit = retry?.limit ?? retryDefaults.limit;
  if (limit >= 0 && last.failures > limit) return { kind: "none", reason: `gave up after ${last.failures} tries; the next commit or a sync by hand tries again` };
  const baseMs = milliseconds(retry?.backoff?.duration, retryDefaults.durationMs);
  const maxMs = milliseconds(retry?.backoff?.maxDuration, retryDefaults.maxMs);
  const delayMs = Math.min(maxMs, baseMs * (retry?.backoff?.factor ?? retryDefaults.factor) ** (last.failures - 1));
  return after(question, last, delayMs, "Retry", "retry");
}

function decideHeal(question: SyncQuestion, last: LastSync): SyncDecision {
  if (question.policy?.automated?.selfHeal !== true) return { kind: "none", reason: "self-heal is off" };
  const delayMs = last.heals < healsAtOnce ? 0 : Math.min(healBackoffMaxMs, healBackoffMs * 2 ** (last.heals - healsAtOnce));
  return after(question, last, delayMs, "SelfHeal", "self-heal");
}

function after(question: SyncQuestion, last: LastSync, delayMs: number, trigger: Trigger, reason: string): SyncDecision {
  const finishedAtMs = last.finishedAtMs ?? question.nowMs;
  // An end in the future says that the clock was set back: how long ago it was is unknown, and waiting for the clock could take hours.
  const remainingMs = finishedAtMs > question.nowMs ? 0 : finishedAtMs + delayMs - question.nowMs;
  return remainingMs <= 0 ? { kind: "sync", trigger } : { kind: "wait", afterMs: remainingMs, reason };
}

function milliseconds(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseDuration(text);
}
