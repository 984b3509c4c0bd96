import assert from "node:assert/strict";
import { test } from "node:test";
import { decideSync } from "./decide-sync.ts";
import type { LastSync, SyncDecision, SyncQuestion } from "./decide-sync.ts";

const nowMs = 1_000_000;

function lastSync(detail: Partial<LastSync> = {}): LastSync {
  return { name: "web-1", phase: "Succeeded", desiredDigest: "d1", trigger: "Push", finishedAtMs: nowMs, failures: 0, heals: 0, ...detail };
}

function question(detail: Partial<SyncQuestion> = {}): SyncQuestion {
  return {
    policy: { automated: { enabled: true, prune: true, selfHeal: true } }, hasChanges: true, desiredDigest: "d1", last: undefined,
    isRequested: false, isRollback: false, seenBy: "Push", nowMs, ...detail,
  };
}

const none = (reason: string): SyncDecision => ({ kind: "none", reason });

const cases: readonly (readonly [string, SyncQuestion, SyncDecision])[] = [
  ["the first commit is synced", question(), { kind: "sync", trigger: "Push" }],
  ["nothing to change is nothing to do", question({ hasChanges: false }), none("nothing to change")],
  ["without automation a change waits for a person", question({ policy: {} }), none("automated sync is off")],
  ["automation can be switched off by its flag", question({ policy: { automated: { enabled: false } } }), none("automated sync is off")],
  ["a person's wish needs no automation", question({ policy: {}, isRequested: true }), { kind: "sync", trigger: "Manual" }],
  ["a running sync of the same wish is left alone", question({ last: lastSync({ phase: "Running" }) }), { kind: "resume" }],
  ["a newer commit supersedes a running sync", question({ last: lastSync({ phase: "Running", desiredDigest: "d0" }) }), { kind: "sync", trigger: "Push" }],
  ["a failed commit does not block the next one", question({ last: lastSync({ phase: "Failed", desiredDigest: "d0", failures: 9 }) }), { kind: "sync", trigger: "Push" }],
  ["drift is healed at once", question({ last: lastSync() }), { kind: "sync", trigger: "SelfHeal" }],
  ["drift stays where self-heal is off", question({ last: lastSync(), policy: { automated: {} } }), none("self-heal is off")],
  ["a fight over a field slows down", question({ last: lastSync({ heals: 4 }) }), { kind: "wait", afterMs: 4_000, reason: "self-heal" }],
  ["a failure is tried again after the backoff", question({ last: lastSync({ phase: "Failed", failures: 1 }) }), { kind: "wait", afterMs: 5_000, reason: "retry" }],
  ["the backoff grows by its factor", question({ last: lastSync({ phase: "Failed", failures: 3, finishedAtMs: nowMs - 20_000 }) }), { kind: "sync", trigger: "Retry" }],
  ["the limit ends the tries", question({ last: lastSync({ phase: "Failed", failures: 6 }) }), none("gave up after 6 tries; the next commit or a sync by hand tries again")],
  ["a plan that went stale is made again", question({ last: lastSync({ phase: "Superseded", trigger: "Manual" }) }), { kind: "sync", trigger: "Manual" }],
  ["going back interrupts a running sync", question({ last: lastSync({ phase: "Running" }), isRollback: true }), { kind: "sync", trigger: "Rollback" }],
  ["going back to where one is does nothing", question({ isRollback: true, hasChanges: false }), none("already there")],
];

for (const [title, asked, decision] of cases) {
  test(title, () => { assert.deepEqual(decideSync(asked), decision); });
}
