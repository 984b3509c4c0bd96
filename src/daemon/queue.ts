import { join } from "node:path";
import { jobsDrivers } from "../jobs/drivers.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { startPrivateRedis } from "../jobs/redis-server.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import type { Settings } from "./settings.ts";

/** The queue that was chosen, and how to say it. */
export interface Queue {
  readonly jobs: Jobs;
  readonly description: string;
}

/** Opens the queue the settings ask for; without Redis it is kept in memory, and the page says why. */
export async function openQueue(settings: Settings, world: World, closing: Closing): Promise<Queue> {
  const address = settings.redis === "private" ? await privateAddress(settings, world, closing) : settings.redis === "none" ? undefined : settings.redis;
  const isPrivate = settings.redis === "private";
  const message = isPrivate ? "redis-server is not installed: jobs are kept in memory and rebuilt after a restart" : "no Redis was asked for: jobs are kept in memory and rebuilt after a restart";
  const name = address === undefined ? "memory" : "redis";
  const driver = jobsDrivers.find((one) => one.name === name);
  if (driver === undefined) throw new Error(`no queue driver ${name}`);
  const jobs = await driver.open({ world, instance: settings.nodeName, message, ...(address === undefined ? {} : { address }) });
  closing.add("queue", () => jobs.close());
  return { jobs, description: address === undefined ? "queue in memory" : isPrivate ? "private Redis" : "Redis" };
}

async function privateAddress(settings: Settings, world: World, closing: Closing): Promise<string | undefined> {
  const redis = await startPrivateRedis({ directory: join(settings.dataDirectory, "redis"), world, searchPath: process.env["PATH"] ?? "" });
  if (redis !== undefined) closing.add("redis", () => redis.close());
  return redis?.address;
}
