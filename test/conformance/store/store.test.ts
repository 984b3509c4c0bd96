import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { storeEngines } from "../../../src/store/engines.ts";
import { openMemoryStore } from "../../../src/store/engines/memory.ts";
import { openSqliteStore } from "../../../src/store/engines/sqlite.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { put, remove, storeSuite, text, transaction } from "./suite.ts";

const world = { clock: realClock, log: silentLog };

function makeDirectory(): { readonly directory: string; readonly dispose: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "capstan-store-"));
  return { directory, dispose: () => { rmSync(directory, { recursive: true, force: true }); } };
}

for (const engine of storeEngines) {
  storeSuite({
    name: engine.name,
    async open() {
      const { directory, dispose } = makeDirectory();
      return { store: await engine.open({ directory, world }), dispose };
    },
  });
}

test("S1, S6, S9, S19 a restart brings back entries, history, fences, compaction and the counter", async () => {
  const { directory, dispose } = makeDirectory();
  const first = await openSqliteStore({ directory, world });
  for (let i = 1; i <= 9; i++) await first.commit(transaction([put(`k/${i % 3}`, `${i}`)]));
  await first.commit({ ...transaction([put("fenced", "x")]), fence: { name: "app", generation: 4 } });
  await first.commit(transaction([remove("k/1")]));
  await first.compact(5);
  const [entries, old] = [first.list("").entries, first.list("", { revision: 6 }).entries];
  await first.close();
  const second = await openSqliteStore({ directory, world });
  assert.deepEqual([second.revision, second.compactedRevision], [11, 5]);
  assert.deepEqual([second.list("").entries, second.list("", { revision: 6 }).entries], [entries, old]);
  assert.deepEqual(await second.commit({ ...transaction([put("fenced", "y")]), fence: { name: "app", generation: 3 } }), { kind: "fenced", name: "app", generation: 4 });
  await second.commit(transaction([remove("k/0")]));
  await second.compact(12);
  await second.close();
  const third = await openSqliteStore({ directory, world });
  assert.equal(third.revision, 12);
  assert.deepEqual(await third.commit(transaction([put("k/0", "again")])), { kind: "committed", revision: 13 });
  assert.equal(third.get("k/0")?.createdRevision, 13);
  await third.close();
  dispose();
});

test("S20 records no revision shows leave the disk, and a restart continues it", async () => {
  const { directory, dispose } = makeDirectory();
  const store = await openSqliteStore({ directory, world });
  for (let i = 0; i < 1_200; i += 100) await Promise.all(Array.from({ length: 100 }, (_, j) => store.commit(transaction([put(`k/${j % 10}`, `${i + j}`)]))));
  await store.compact(1_200);
  await store.close();
  const again = await openSqliteStore({ directory, world });
  for (let i = 0; i < 20; i++) await again.commit(transaction([put("tick", `${i}`)]));
  assert.equal(text(again.get("k/9")), "1199");
  assert.equal(again.get("k/9")?.createdRevision, 10);
  await again.close();
  const database = new DatabaseSync(join(directory, "cluster.db"));
  assert.equal(database.prepare("SELECT count(*) AS count FROM record").get()?.["count"], 30);
  database.close();
  const last = await openSqliteStore({ directory, world });
  assert.deepEqual([last.revision, last.get("k/9")?.createdRevision], [1_220, 10]);
  await last.close();
  dispose();
});

test("S10, S11 memory: nobody sees a commit before its flush, and a failed flush stops the store", async () => {
  const flushes: PromiseWithResolvers<void>[] = [];
  const store = openMemoryStore({ flush: () => { const flush = Promise.withResolvers<void>(); flushes.push(flush); return flush.promise; } });
  const first = store.commit(transaction([put("a", "1")]));
  await new Promise((resolve) => { setImmediate(resolve); });
  const [second, conflict] = [store.commit(transaction([put("a", "2")])), store.commit(transaction([], [{ key: "a", revision: 0 }]))];
  assert.deepEqual([store.revision, store.get("a")], [0, undefined]);
  flushes[0]?.resolve();
  assert.deepEqual(await first, { kind: "committed", revision: 1 });
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.equal(text(store.get("a")), "1");
  flushes[1]?.reject(new Error("no space left"));
  for (const failed of [second, conflict, store.commit(transaction([put("b", "1")]))]) await assert.rejects(failed, { code: "stopped", message: /no space left/u });
  assert.deepEqual([store.revision, text(store.get("a"))], [1, "1"]);
  await store.close();
});

test("S11 sqlite: a full disk stops the store; what was acknowledged is there after a restart", async () => {
  const { directory, dispose } = makeDirectory();
  const store = await openSqliteStore({ directory, world, sizeMaxBytes: 400_000 });
  let acknowledged = 0;
  await assert.rejects(async () => {
    for (;;) {
      await store.commit(transaction([put(`k/${acknowledged}`, "x".repeat(10_000))]));
      acknowledged++;
    }
  }, { code: "stopped", message: /full/u });
  await assert.rejects(store.commit(transaction([put("small", "")])), { code: "stopped" });
  assert.equal(store.list("k/").entries.length, acknowledged);
  await store.close();
  const again = await openSqliteStore({ directory, world });
  assert.equal(again.revision, acknowledged);
  await again.close();
  dispose();
});

test("S13 a directory that is open is refused, naming who has it", async () => {
  const { directory, dispose } = makeDirectory();
  const store = await openSqliteStore({ directory, world });
  await assert.rejects(openSqliteStore({ directory, world }), { code: "locked", message: new RegExp(`process ${process.pid}`, "u") });
  await store.commit(transaction([put("a", "1")]));
  await store.close();
  await (await openSqliteStore({ directory, world })).close();
  dispose();
});

test("S14 a file of a newer schema is refused as newer", async () => {
  const { directory, dispose } = makeDirectory();
  await (await openSqliteStore({ directory, world })).close();
  const database = new DatabaseSync(join(directory, "cluster.db"));
  database.exec("PRAGMA user_version = 2");
  database.close();
  await assert.rejects(openSqliteStore({ directory, world }), { code: "newer", message: /schema version 2/u });
  dispose();
});
