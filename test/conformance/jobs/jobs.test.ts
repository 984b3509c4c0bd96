import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openMemoryJobs } from "../../../src/jobs/drivers/memory.ts";
import { openRedisJobs } from "../../../src/jobs/drivers/redis.ts";
import { findRedisServer, startPrivateRedis } from "../../../src/jobs/redis-server.ts";
import type { PrivateRedis } from "../../../src/jobs/redis-server.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { Gate, isEmpty, jobsSuite, sync, until } from "./suite.ts";

const world = { clock: realClock, chance: realChance, log: silentLog };
const searchPath = process.env["PATH"] ?? "";
const skip = findRedisServer(searchPath) === undefined ? "redis-server is not installed" : false;
const directory = mkdtempSync(join(tmpdir(), "capstan-jobs-"));
let redis: PrivateRedis | undefined;

before(async () => {
  redis = await startPrivateRedis({ directory: join(directory, "redis"), world, searchPath });
});

after(async () => {
  await redis?.close();
  rmSync(directory, { recursive: true, force: true });
});

function address(): string {
  assert.ok(redis !== undefined);
  return redis.address;
}

const quick = { jobLockMs: 500, stalledCheckMs: 200 };

jobsSuite({ name: "memory", skip: false, open: async () => openMemoryJobs({ world }) });
jobsSuite({ name: "redis", skip, open: () => openRedisJobs({ address: address(), instance: randomUUID(), world, ...quick }) });

test("a job whose daemon ended without a word is taken again by the next one", { skip, timeout: 60_000 }, async () => {
  const instance = randomUUID();
  const stuck = await openRedisJobs({ address: address(), instance, world, ...quick });
  const gate = new Gate();
  stuck.work("sync", gate.run, { concurrency: 1 });
  await stuck.enqueue("sync", "web/shop", "one");
  const held = await gate.next();
  // What a killed daemon leaves behind: an active job whose lock nobody renews.
  const { Redis } = await import("ioredis");
  const client = new Redis({ path: address() });
  await until("its lock is gone", async () => {
    for (const key of await client.keys(`capstan:${instance}:sync:*:lock`)) await client.set(key, "another", "PX", 1);
    return (await client.keys(`capstan:${instance}:sync:*:lock`)).length === 0;
  });
  client.disconnect();
  const next = await openRedisJobs({ address: address(), instance, world, ...quick });
  const nextGate = new Gate();
  next.work("sync", nextGate.run, { concurrency: 1 });
  const again = await Promise.race([nextGate.next(), gate.next()]);
  assert.equal(again.job.planDigest, "one");
  again.pass();
  held.pass();
  await until("nothing is left", async () => isEmpty(await sync(next)));
  await stuck.close();
  await next.close();
});

test("a private server killed in the middle is started again; the owner of the truth is told, and what it enqueues again runs", { skip, timeout: 60_000 }, async () => {
  const jobs = await openRedisJobs({ address: address(), instance: randomUUID(), world, ...quick });
  let restored = 0;
  jobs.onRestored(() => { restored++; });
  await jobs.enqueue("sync", "web/shop", "one");
  await jobs.enqueue("sync", "web/blog", "two");
  const pid = redis?.pid;
  assert.ok(pid !== undefined);
  process.kill(pid, "SIGKILL");
  await until("the restored event", () => restored > 0);
  assert.notEqual(redis?.pid, pid);
  await jobs.enqueue("sync", "web/shop", "three");
  await jobs.enqueue("sync", "web/blog", "two");
  const ran = new Set<string>();
  jobs.work("sync", async (job) => { ran.add(`${job.application} ${job.planDigest}`); }, { concurrency: 2 });
  await until("both ran", () => ran.has("web/shop three") && ran.has("web/blog two"));
  await jobs.close();
});

test("while Redis is away an enqueue fails in bounded time and says so, and the state says so too", { skip, timeout: 60_000 }, async () => {
  const own = await startPrivateRedis({ directory: join(directory, "away"), world, searchPath });
  assert.ok(own !== undefined);
  const jobs = await openRedisJobs({ address: own.address, instance: randomUUID(), world, ...quick });
  await own.close();
  const startedMs = performance.now();
  await assert.rejects(jobs.enqueue("sync", "web/shop", "one"), { name: "JobsUnavailable", message: /does not answer/u });
  assert.ok(performance.now() - startedMs < 4_000);
  const state = await jobs.state();
  assert.equal(state.isConnected, false);
  assert.match(state.message, /taken up again/u);
  await jobs.close();
  await assert.rejects(openRedisJobs({ address: own.address, instance: "none", world }), { name: "JobsUnavailable", message: /no Redis answers at/u });
});

test("a private server that a crashed daemon left is taken over, and stopped at close", { skip, timeout: 60_000 }, async () => {
  const own = join(directory, "left");
  // A daemon that starts it, says its pid and is killed before it can stop it.
  const script = `
    const { startPrivateRedis } = await import(${JSON.stringify(import.meta.resolve("../../../src/jobs/redis-server.ts"))});
    const { realClock } = await import(${JSON.stringify(import.meta.resolve("../../../src/world/real/clock.ts"))});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const redis = await startPrivateRedis({ directory: ${JSON.stringify(own)}, world: { clock: realClock, log }, searchPath: process.env.PATH });
    process.stdout.write(String(redis.pid), () => { process.kill(process.pid, "SIGKILL"); });`;
  const crashed = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  assert.equal(crashed.signal, "SIGKILL", crashed.stderr);
  const next = await startPrivateRedis({ directory: own, world, searchPath });
  assert.ok(next !== undefined);
  assert.equal(next.pid, Number(crashed.stdout));
  assert.equal(statSync(own).mode & 0o777, 0o700);
  await next.close();
  assert.ok(!isRunning(Number(crashed.stdout)), "it still runs");
});

/** A process that ended but was not collected by its parent does not run. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

test("a data directory with a long path gets a short socket path of its own", { skip, timeout: 60_000 }, async () => {
  const own = await startPrivateRedis({ directory: join(directory, "l".repeat(110)), world, searchPath });
  assert.ok(own !== undefined && own.address.length < 100, own?.address);
  assert.equal(statSync(join(own.address, "..")).mode & 0o777, 0o700);
  await own.close();
});

test("where redis-server is not installed there is no private server", async () => {
  assert.equal(await startPrivateRedis({ directory: join(directory, "none"), world, searchPath: "/nonexistent" }), undefined);
});
