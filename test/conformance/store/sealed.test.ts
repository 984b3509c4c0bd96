import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openSqliteStore } from "../../../src/store/engines/sqlite.ts";
import { ValueSeal } from "../../../src/store/sqlite/seal.ts";
import type { SealOptions } from "../../../src/store/sqlite/seal.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { put, text, transaction } from "./suite.ts";

const world = { clock: realClock, log: silentLog };
const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

function seal(...keys: readonly Uint8Array[]): SealOptions {
  return { keys, prefixes: ["secrets/"], keyFile: "/etc/keys" };
}

/** Every byte under a directory, as one text. */
function bytesUnder(directory: string): string {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), "latin1")).join("\n");
}

test("S22 sealed values are nowhere in the store's files or a backup, and read as they were written", async () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-sealed-"));
  const store = await openSqliteStore({ directory, world, seal: seal(first) });
  for (let i = 0; i < 50; i++) await store.commit(transaction([put(`secrets/${i}`, `hunter2-${i}`), put(`plain/${i}`, `open-${i}`)]));
  await store.close();
  const copy = new DatabaseSync(join(directory, "cluster.db"));
  await backup(copy, join(directory, "backup.db"));
  copy.close();
  assert.ok(!bytesUnder(directory).includes("hunter2"));
  assert.ok(bytesUnder(directory).includes("open-49"));
  const again = await openSqliteStore({ directory, world, seal: seal(first) });
  assert.equal(text(again.get("secrets/7")), "hunter2-7");
  await again.close();
  await assert.rejects(openSqliteStore({ directory, world, seal: seal(second) }), { code: "sealed", message: /secrets\/\d+ is sealed with a key \([0-9a-f]{16}\) that \/etc\/keys does not hold/ });
  rmSync(directory, { recursive: true });
});

test("S22 what lay there plain is sealed at the next open, and with a new first key everything is sealed again", async () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-sealed-"));
  const plain = await openSqliteStore({ directory, world });
  await plain.commit(transaction([put("secrets/a", "hunter2-old")]));
  await plain.commit(transaction([put("secrets/a", "hunter2-new")]));
  await plain.close();
  assert.ok(bytesUnder(directory).includes("hunter2"));
  await (await openSqliteStore({ directory, world, seal: seal(first) })).close();
  assert.ok(!bytesUnder(directory).includes("hunter2"));
  await (await openSqliteStore({ directory, world, seal: seal(second, first) })).close();
  const store = await openSqliteStore({ directory, world, seal: seal(second) });
  assert.deepEqual([text(store.get("secrets/a")), store.revision], ["hunter2-new", 2]);
  await store.close();
  rmSync(directory, { recursive: true });
});

test("S22 a sealed value that was moved to another key is refused", () => {
  const sealed = new ValueSeal(seal(first)).seal("secrets/a", Buffer.from("x"));
  assert.throws(() => new ValueSeal(seal(first)).open("secrets/b", sealed), { message: "the sealed value of secrets/b was changed after it was written" });
});

test("S22 any value reads as it was written, whatever byte it begins with", () => {
  const keyed = new ValueSeal(seal(first));
  for (const values of [keyed, new ValueSeal(seal())]) {
    for (const key of ["secrets/a", "plain/a"]) {
      for (const value of [[], [1], [2], [1, 2, 3], [2, 1], [123]]) {
        assert.deepEqual([...values.open(key, values.seal(key, Uint8Array.from(value)))], value);
      }
    }
  }
});
