import type { Client, UserInfo } from "../api/client.ts";
import type { Reader } from "../control/controller.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Repositories } from "../world/repositories.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import type { World } from "../world/world.ts";
import type { Memory } from "./memory.ts";
import type { PrepareTools } from "./prepare.ts";

/** What the parts of the GitOps loop share. */
export interface Loop {
  /** May write what applications contain. */
  readonly client: Client;
  /** A client with somebody else's rights. */
  clientAs(user: UserInfo): Client;
  readonly jobs: Jobs;
  readonly repositories: Repositories;
  readonly world: World;
  readonly tools: PrepareTools;
  /** What is served now. */
  readonly kinds: ServedKinds;
  /** What this process handed to the queue, and when by the monotonic clock: digests of plans, names of rollbacks. */
  readonly enqueued: Map<string, number>;
  /** Memories of all applications by key. */
  readonly memories: ReadonlyMap<string, Memory>;
  /** The caches; undefined before the first reconcile. */
  readonly reader: Reader | undefined;
  memoryOf(key: string): Memory;
  /** Tells that repositories changed: the applications whose URL is meant ask Git again now. */
  refresh(isMeant: (repoURL: string) => boolean, seenBy: Memory["seenBy"]): Promise<void>;
}
