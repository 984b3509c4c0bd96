import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openSqliteStore } from "../../src/store/engines/sqlite.ts";
import { StoreError } from "../../src/store/store.ts";
import type { Store, StoreEvent } from "../../src/store/store.ts";
import { silentLog } from "../../src/world/log.ts";
import { realClock } from "../../src/world/real/clock.ts";

const world = { clock: realClock, log: silentLog };

/** Kills in all; the issue asks for 200. */
const killCount = 200;
const lanes = 2;
const writerCount = 8;
const writeMaxMs = 120;

/** Every so many lives one is longer: its log is copied into the database while it writes. */
const longLifeEvery = 10;
const longWriteMaxMs = 1_000;

/** What one life of the writing process said before it was killed. */
interface Life {
  readonly openedRevision: number;
  /** Last acknowledged count and revision of each writer. */
  readonly counts: ReadonlyMap<number, number>;
  readonly revision: number;
}

test(`S9 no acknowledged write is lost in ${killCount} kills under ${writerCount} writers`, { timeout: 400_000 }, async (context) => {
  let acknowledged = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "capstan-crash-"));
    let revision = 0;
    const counts = new Map<number, number>();
    for (let kill = 0; kill < killCount / lanes; kill++) {
      const life = await liveAndDie(directory, Math.random() * (kill % longLifeEvery === 0 ? longWriteMaxMs : writeMaxMs));
      assert.ok(life.openedRevision >= revision, `acknowledged up to ${revision}, found ${life.openedRevision}`);
      acknowledged += Math.max(0, life.revision - life.openedRevision);
      revision = Math.max(revision, life.revision, life.openedRevision);
      for (const [writer, count] of life.counts) counts.set(writer, count);
      if (kill % 5 === 4 || kill === killCount / lanes - 1) await compare(directory, counts, revision);
    }
    for (const left of [directory, `${directory}.acknowledgements`]) rmSync(left, { recursive: true, force: true });
  }));
  context.diagnostic(`${acknowledged} acknowledged transactions were compared`);
  assert.ok(acknowledged > killCount, "the writers hardly wrote");
});

/** Every acknowledged count is there or a later one is, twins are equal, nothing is missing between revisions. */
async function compare(directory: string, counts: ReadonlyMap<number, number>, revision: number): Promise<void> {
  const store = await openSqliteStore({ directory, world });
  assert.ok(store.revision >= revision);
  for (const [writer, count] of counts) {
    const found = textOf(store, `count/${writer}`);
    assert.ok(Number(found.split(" ")[0]) >= count, `writer ${writer} was told ${count}, the store has ${found.slice(0, 20)}`);
    assert.equal(textOf(store, `twin/${writer}`), found);
  }
  const events: StoreEvent[] = [];
  if (store.revision > store.compactedRevision) {
    for await (const batch of store.watch("", store.compactedRevision, new AbortController().signal)) {
      events.push(...batch);
      if (events.at(-1)?.revision === store.revision) break;
    }
  }
  assert.deepEqual([...new Set(events.map((event) => event.revision))], Array.from({ length: store.revision - store.compactedRevision }, (_, i) => store.compactedRevision + i + 1));
  await store.close();
}

function textOf(store: Store, key: string): string {
  return new TextDecoder().decode(store.get(key)?.value);
}

/** Starts the writing process and kills it this long after it opened the store; reads all the acknowledgements it noted. */
function liveAndDie(directory: string, writeMs: number): Promise<Life> {
  return new Promise((resolve, reject) => {
    const acknowledgements = `${directory}.acknowledgements`;
    const child = spawn(process.execPath, [join(import.meta.dirname, "store-writer.ts"), directory, acknowledgements], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => { setTimeout(() => { child.kill("SIGKILL"); }, writeMs); });
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(parseLife(readFileSync(acknowledgements, "latin1")));
      else reject(new Error("the writing process ended by itself"));
    });
  });
}

function parseLife(said: string): Life {
  // A line the kill cut short was never said.
  const lines = said.slice(0, said.lastIndexOf("\n") + 1).split("\n").filter((line) => line !== "");
  const counts = new Map<number, number>();
  let openedRevision = 0;
  let revision = 0;
  for (const line of lines) {
    const [first = "", second = "", third = ""] = line.split(" ");
    if (first === "opened") { openedRevision = Number(second); continue; }
    counts.set(Number(first), Number(second));
    revision = Math.max(revision, Number(third));
  }
  return { openedRevision, counts, revision };
}

/** Makes a small store with history, removals and a value over several pages; `isClosed` says whether its log was taken into the database. */
async function makeStore(directory: string, isClosed: boolean): Promise<void> {
  const store = await openSqliteStore({ directory, world });
  for (let i = 0; i < 60; i++) {
    await store.commit({ conditions: [], operations: [{ kind: "put", key: `k/${i % 17}`, value: new Uint8Array(i === 30 ? 20_000 : 300).fill(i) }], fence: { name: "f", generation: i >> 3 } });
  }
  await store.commit({ conditions: [], operations: [{ kind: "remove", key: "k/3" }] });
  await store.compact(20);
  if (!isClosed) {
    // What a killed process leaves: the files as they are, without the farewell.
    cpSync(directory, `${directory}-killed`, { recursive: true });
  }
  await store.close();
  if (!isClosed) {
    rmSync(directory, { recursive: true });
    cpSync(`${directory}-killed`, directory, { recursive: true });
    rmSync(`${directory}-killed`, { recursive: true });
    // Nearly all of the log is prepared, not used: a little of that is enough for bytes to flip in.
    const log = join(directory, "cluster.db-wal");
    truncateSync(log, readFileSync(log).findLastIndex((byte) => byte !== 0) + 4_096);
  }
}

interface Content {
  readonly revision: number;
  readonly entries: ReturnType<Store["list"]>["entries"];
  readonly old: ReturnType<Store["list"]>["entries"];
}

async function contentOf(directory: string): Promise<Content> {
  const store = await openSqliteStore({ directory, world });
  try {
    return { revision: store.revision, entries: store.list("").entries, old: store.list("", { revision: 40 }).entries };
  } finally {
    await store.close();
  }
}

for (const { file, isClosed } of [{ file: "cluster.db", isClosed: true }, { file: "cluster.db-wal", isClosed: false }]) {
  test(`S14 bytes flipped anywhere in ${file} are found and named, or change nothing`, { timeout: 200_000 }, async (context) => {
    const root = mkdtempSync(join(tmpdir(), "capstan-damage-"));
    const whole = join(root, "whole");
    await makeStore(whole, isClosed);
    assert.ok(existsSync(join(whole, file)));
    cpSync(whole, join(root, "read"), { recursive: true });
    const expected = await contentOf(join(root, "read"));
    const size = statSync(join(whole, file)).size;
    let found = 0;
    let harmless = 0;
    await fc.assert(fc.asyncProperty(fc.nat({ max: size - 1 }), fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 8 }), async (offset, mask, length) => {
      const directory = mkdtempSync(join(root, "flip-"));
      cpSync(whole, directory, { recursive: true });
      const bytes = readFileSync(join(directory, file));
      for (let i = offset; i < Math.min(size, offset + length); i++) bytes.writeUInt8((bytes[i] ?? 0) ^ mask, i);
      writeFileSync(join(directory, file), bytes);
      try {
        assert.deepEqual(await contentOf(directory), expected);
        harmless++;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        assert.ok(error.code === "damaged" || error.code === "newer", `${error.code}: ${error.message}`);
        assert.ok(error.message.includes("cluster.db"), error.message);
        found++;
      }
      rmSync(directory, { recursive: true });
    }), { numRuns: 80 });
    context.diagnostic(`${found} were found, ${harmless} changed nothing`);
    rmSync(root, { recursive: true, force: true });
  });
}

test("S14 a database that is gone while revisions were acknowledged is refused, and so is one cut short", async () => {
  const root = mkdtempSync(join(tmpdir(), "capstan-gone-"));
  const directory = join(root, "store");
  await makeStore(directory, true);
  copyFileSync(join(directory, "cluster.db"), join(root, "copy"));
  rmSync(join(directory, "cluster.db"));
  await assert.rejects(contentOf(directory), { code: "damaged", message: /cluster\.db.*revision 61 was acknowledged/u });
  writeFileSync(join(directory, "cluster.db"), readFileSync(join(root, "copy")).subarray(0, 20_000));
  await assert.rejects(contentOf(directory), { code: "damaged", message: /cluster\.db/u });
  rmSync(root, { recursive: true, force: true });
});

test("S14 a copy of the database alone is whole; beside the newer note of what was acknowledged it is refused with the remedy", async () => {
  const root = mkdtempSync(join(tmpdir(), "capstan-backup-"));
  const directory = join(root, "store");
  await makeStore(directory, true);
  const expected = await contentOf(directory);
  copyFileSync(join(directory, "cluster.db"), join(root, "copy"));
  const later = await openSqliteStore({ directory, world });
  await later.commit({ conditions: [], operations: [{ kind: "put", key: "later", value: new Uint8Array(1) }] });
  await later.close();
  copyFileSync(join(root, "copy"), join(directory, "cluster.db"));
  await assert.rejects(contentOf(directory), { code: "damaged", message: /older copy.*remove .*cluster\.acknowledged/u });
  rmSync(join(directory, "cluster.acknowledged"));
  assert.deepEqual(await contentOf(directory), expected);
  const alone = join(root, "alone");
  mkdirSync(alone);
  copyFileSync(join(root, "copy"), join(alone, "cluster.db"));
  assert.deepEqual(await contentOf(alone), expected);
  rmSync(root, { recursive: true, force: true });
});
