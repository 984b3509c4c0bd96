import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { silentLog } from "../world/log.ts";
import { realChance } from "../world/real/chance.ts";
import { realClock } from "../world/real/clock.ts";
import { findRedisServer, startPrivateRedis } from "./redis-server.ts";

const world = { clock: realClock, chance: realChance, log: silentLog };
const searchPath = process.env["PATH"] ?? "";

test("a Redis whose files are damaged begins anew and keeps them aside", { skip: findRedisServer(searchPath) === undefined, timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-redis-"));
  after(() => { rmSync(directory, { recursive: true, force: true }); });
  await (await startPrivateRedis({ directory, world, searchPath }))?.close();
  const data = join(directory, "appendonlydir");
  for (const name of readdirSync(data)) writeFileSync(join(data, name), "\0garbage\n".repeat(40));
  const redis = await startPrivateRedis({ directory, world, searchPath });
  assert.ok(redis?.pid !== undefined);
  await redis.close();
  assert.ok(existsSync(`${data}.damaged`));
});
