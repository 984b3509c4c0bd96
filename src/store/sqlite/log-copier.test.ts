import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { decideCopy, LogCopier, logPagesMin } from "./log-copier.ts";
import type { LogState } from "./log-copier.ts";

const quiet = { isCopying: false, hasFailed: false };

const decisions: readonly (readonly [what: string, state: LogState, decision: ReturnType<typeof decideCopy>])[] = [
  ["a short log is left", { pages: logPagesMin - 1, pagesCopied: 0, ...quiet }, "leave"],
  ["a long one is copied while writing goes on", { pages: logPagesMin, pagesCopied: 0, ...quiet }, "begin"],
  ["while it is copied it is left", { pages: 2 * logPagesMin, pagesCopied: 0, isCopying: true, hasFailed: false }, "leave"],
  ["what came meanwhile is copied between two writes", { pages: logPagesMin + 256, pagesCopied: logPagesMin, ...quiet }, "finish"],
  ["unless much came", { pages: logPagesMin + 257, pagesCopied: logPagesMin, ...quiet }, "begin"],
  ["a log that grows faster than it is copied is copied between two writes", { pages: 8 * logPagesMin, pagesCopied: 4 * logPagesMin, isCopying: true, hasFailed: false }, "finish"],
  ["what could not be copied is tried between two writes", { pages: 20, pagesCopied: 0, isCopying: false, hasFailed: true }, "finish"],
];

for (const [what, state, decision] of decisions) test(`the log: ${what}`, () => { assert.equal(decideCopy(state), decision); });

/** A database of which only the log knows its rows. */
function openDatabase(): { readonly location: string; readonly database: DatabaseSync; readonly pagesCopied: () => unknown; readonly dispose: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "capstan-log-copier-"));
  const location = `file:${join(directory, "a.db")}?vfs=unix-excl`;
  const database = new DatabaseSync(location);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000))");
  return {
    location, database,
    pagesCopied: () => database.prepare("PRAGMA wal_checkpoint(NOOP)").get()?.["checkpointed"],
    dispose() { database.close(); rmSync(directory, { recursive: true }); },
  };
}

async function settled(copier: LogCopier): Promise<void> {
  while (copier.isCopying) await setImmediate();
}

test("a log is copied beside a connection that writes, again and again", async () => {
  const { location, database, pagesCopied, dispose } = openDatabase();
  const copier = new LogCopier(location);
  for (let round = 0; round < 3; round++) {
    database.exec("INSERT INTO a VALUES (zeroblob(50000))");
    assert.equal(pagesCopied(), 0);
    copier.begin();
    database.exec("INSERT INTO a VALUES (1)");
    await settled(copier);
    assert.notEqual(pagesCopied(), 0);
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }
  assert.equal(copier.hasFailed, false);
  copier.end();
  copier.end();
  dispose();
});

test("a copier that was ended begins anew", async () => {
  const { location, pagesCopied, dispose } = openDatabase();
  const copier = new LogCopier(location);
  copier.begin();
  copier.end();
  copier.begin();
  await settled(copier);
  assert.notEqual(pagesCopied(), 0);
  copier.end();
  dispose();
});

test("a database that cannot be opened is a copy that failed", async () => {
  const copier = new LogCopier(`file:${join(tmpdir(), "capstan-no-such-directory", "a.db")}`);
  copier.begin();
  await settled(copier);
  assert.equal(copier.hasFailed, true);
  copier.end();
});
