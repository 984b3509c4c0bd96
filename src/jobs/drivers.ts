import type { World } from "../world/world.ts";
import type { Jobs, QueueState } from "./jobs.ts";

/** A way to keep jobs. */
export interface JobsDriver {
  readonly name: QueueState["driver"];
  /** `address` is the Redis address; `message` says on the queue page why there is none. */
  open(options: { readonly world: World; readonly instance: string; readonly address?: string; readonly message?: string }): Promise<Jobs>;
}

/** All drivers; loaded when they are opened. */
export const jobsDrivers: readonly JobsDriver[] = [
  { name: "memory", open: async (options) => (await import("./drivers/memory.ts")).openMemoryJobs(options) },
  {
    name: "redis",
    async open({ address, ...options }) {
      if (address === undefined) throw new TypeError("the redis driver needs an address");
      return (await import("./drivers/redis.ts")).openRedisJobs({ ...options, address });
    },
  },
];
