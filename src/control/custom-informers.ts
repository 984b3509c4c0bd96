import type { Client } from "../api/client.ts";
import type { Kind } from "../model/kind.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import type { World } from "../world/world.ts";
import { nameOfKind } from "./caches.ts";
import type { KindCaches } from "./caches.ts";
import type { Controller, Wake } from "./controller.ts";
import { Informer } from "./informer.ts";
import { ObjectCache } from "./object-cache.ts";

/** What following the kinds of definitions takes. */
export interface FollowOptions {
  readonly served: ServedKinds;
  readonly controllers: readonly Controller[];
  /** As `controllers`, in their order. */
  readonly loops: readonly { listenTo(kind: Kind, wake: Wake): void }[];
  readonly caches: KindCaches;
  readonly client: Client;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** Keeps one informer per kind of a definition while that is served, for the controllers that work with such kinds. */
export function followCustomKinds(options: FollowOptions): void {
  const { served, controllers, caches, signal } = options;
  const interested = controllers.some((controller) => controller.customKinds !== undefined);
  if (!interested || signal.aborted) return;
  const running = new Map<string, { readonly kind: Kind; readonly ending: AbortController }>();
  const follow = (): void => {
    const wanted = new Map(served.custom.map((kind) => [nameOfKind(kind), kind]));
    for (const [name, { kind, ending }] of running) {
      if (wanted.has(name)) continue;
      ending.abort();
      running.delete(name);
      caches.delete(kind);
    }
    for (const [name, kind] of wanted) if (!running.has(name)) running.set(name, { kind, ending: start(kind, options) });
  };
  const stop = served.onChange(follow);
  signal.addEventListener("abort", () => {
    stop();
    for (const { ending } of running.values()) ending.abort();
  }, { once: true });
  follow();
}

function start(kind: Kind, { controllers, loops, caches, client, world }: FollowOptions): AbortController {
  const isMetadataOnly = !controllers.some((controller) => controller.customKinds?.reads === "whole");
  const cache = new ObjectCache({ isMetadataOnly });
  caches.set(kind, cache);
  for (const [index, { customKinds }] of controllers.entries()) {
    for (const wake of customKinds?.wakes?.(kind) ?? []) loops[index]?.listenTo(kind, wake);
  }
  const ending = new AbortController();
  void new Informer(kind, { cache, client, world }).run(ending.signal);
  return ending;
}
