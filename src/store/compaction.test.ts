import assert from "node:assert/strict";
import { test } from "node:test";
import { decideCompaction } from "./compaction.ts";

const bounds = { keepMs: 100, revisionsMax: 50, bytesMax: 1_000 };
const samples = [{ atMs: 0, revision: 10 }, { atMs: 50, revision: 20 }, { atMs: 120, revision: 30 }];

for (const { title, figures, nowMs, expected } of [
  { title: "young history is kept", figures: { revision: 30, compactedRevision: 0, historyBytes: 0 }, nowMs: 99, expected: undefined },
  { title: "history older than the bound goes", figures: { revision: 30, compactedRevision: 0, historyBytes: 0 }, nowMs: 160, expected: 20 },
  { title: "what is gone is not asked for again", figures: { revision: 30, compactedRevision: 20, historyBytes: 0 }, nowMs: 160, expected: undefined },
  { title: "too many revisions go, however young", figures: { revision: 90, compactedRevision: 0, historyBytes: 0 }, nowMs: 0, expected: 40 },
  { title: "of too many bytes the older half goes", figures: { revision: 40, compactedRevision: 20, historyBytes: 1_001 }, nowMs: 0, expected: 30 },
  { title: "an empty store has nothing to forget", figures: { revision: 0, compactedRevision: 0, historyBytes: 0 }, nowMs: 1_000, expected: undefined },
]) {
  test(title, () => {
    const known = samples.filter(({ atMs, revision }) => atMs <= nowMs && revision <= figures.revision);
    assert.equal(decideCompaction(figures, known, { nowMs, bounds }), expected);
  });
}
