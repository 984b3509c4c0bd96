import type { Client } from "../api/client.ts";
import { mapInTurns } from "../api/in-turns.ts";
import { isApiError } from "../model/api-error.ts";
import type { Kind } from "../model/kind.ts";
import { resourceName } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { keyOf, refOf } from "../model/object.ts";
import type { World } from "../world/world.ts";

/** Waits after a failed list or watch: doubling between these. */
const retryFirstMs = 50;
const retryMaxMs = 10_000;

export interface FollowOptions<T extends ApiObject> {
  readonly client: Client;
  readonly world: World;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  /** Called for each change, with the newest object or undefined when it went, and the one before. */
  readonly onChange: (object: T | undefined, before: T | undefined) => void;
  readonly signal: AbortSignal;
}

/** The objects of one kind that a selector picks, kept up to date. */
export interface Following<T extends ApiObject> {
  /** By `namespace/name`. */
  readonly objects: ReadonlyMap<string, T>;
  /** Resolves after the first complete list, or at the end. */
  readonly synced: Promise<void>;
}

/** Lists and watches part of a kind until the signal aborts; the informers of src/control hold whole kinds. Never rejects. */
export function follow<T extends ApiObject>(kind: Kind<T>, options: FollowOptions<T>): Following<T> {
  const objects = new Map<string, T>();
  let markSynced: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => { markSynced = resolve; });
  void run(kind, options, { objects, markSynced }).then(markSynced);
  return { objects, synced };
}

interface Held<T> {
  readonly objects: Map<string, T>;
  readonly markSynced: () => void;
}

async function run<T extends ApiObject>(kind: Kind<T>, options: FollowOptions<T>, held: Held<T>): Promise<void> {
  const { client, world, signal, namespace, fieldSelector } = options;
  const where = { ...(namespace === undefined ? {} : { namespace }), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
  let revision: string | undefined;
  let waitMs = retryFirstMs;
  while (!signal.aborted) {
    try {
      if (revision === undefined) {
        revision = await listAll(kind, where, options, held.objects);
        held.markSynced();
      }
      for await (const event of client.watch(kind, { ...where, resourceVersion: revision }, signal)) {
        waitMs = retryFirstMs;
        if (event.type === "BOOKMARK") revision = event.resourceVersion;
        else {
          revision = event.object.metadata.resourceVersion ?? revision;
          put(event.type === "DELETED" ? undefined : event.object, keyOf(refOf(event.object)), held.objects, options);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      // A revision that is gone, or a server that lost it: list again.
      revision = undefined;
      if (!isApiError(error, "Expired", "Gone")) world.log.warn("the node agent lost a watch", { object: resourceName(kind), error });
    }
    await world.clock.sleep(waitMs, signal).catch(() => undefined);
    waitMs = Math.min(retryMaxMs, waitMs * 2);
  }
}

async function listAll<T extends ApiObject>(kind: Kind<T>, where: { readonly namespace?: string; readonly fieldSelector?: string }, options: FollowOptions<T>, objects: Map<string, T>): Promise<string> {
  const list = await options.client.list(kind, where);
  const found = new Set<string>();
  await mapInTurns(list.items, (object) => {
    const key = keyOf(refOf(object));
    found.add(key);
    if (objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) put(object, key, objects, options);
  });
  for (const key of objects.keys()) if (!found.has(key)) put(undefined, key, objects, options);
  return list.resourceVersion;
}

function put<T extends ApiObject>(object: T | undefined, key: string, objects: Map<string, T>, options: FollowOptions<T>): void {
  const before = objects.get(key);
  if (object === undefined) objects.delete(key);
  else objects.set(key, object);
  if (object !== undefined || before !== undefined) options.onChange(object, before);
}
