import { parseJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { World } from "../../world/world.ts";
import { parseGroupDiscovery, parseOpenApiIndex, parseResourceList } from "./discovered.ts";
import type { DiscoveredResources } from "./discovered.ts";
import type { AskServer, ServerReply } from "./extension-servers.ts";
import { aggregatorUser } from "./front-proxy.ts";
import type { ApiRoute } from "./routes.ts";

/** What is known of another server's group and version. */
export interface RemoteDocument {
  /** Stale: what it has now is not known; the resources are those it had last, or none. */
  readonly freshness: "Current" | "Stale";
  readonly resources: DiscoveredResources;
  /** `/openapi/v3/apis/GROUP/VERSION?hash=…`; absent where the server has none. */
  readonly openApi?: string;
}

/** Before anything is known. */
const unknownDocument: RemoteDocument = { freshness: "Stale", resources: [] };

/** A server that does not answer in this time is asked another time, as upstream. */
const askMaxMs = 5_000;

/** What a server has is asked anew after this, as upstream's discovery manager does. */
const refreshMs = 60_000;

/** Where it could not be asked, after this. */
const retryMs = 10_000;

const jsonType = "application/json";
const aggregatedTypes = ["v2", "v2beta1"].map((version) => `${jsonType};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`).join(",");

interface Kept {
  readonly target: string;
  readonly isAvailable: boolean;
  readonly document: RemoteDocument;
  readonly cancel: () => void;
}

/** Keeps what the servers of aggregated APIs have to tell of themselves, so that no request for discovery waits for one of them. */
export class RemoteDocuments {
  readonly #ask: AskServer;
  readonly #world: Pick<World, "clock">;
  readonly #kept = new Map<string, Kept>();
  #routes: ReadonlyMap<string, ApiRoute> = new Map();

  constructor(ask: AskServer, world: Pick<World, "clock">) {
    this.#ask = ask;
    this.#world = world;
  }

  of({ name }: Pick<ApiRoute, "name">): RemoteDocument {
    return this.#kept.get(name)?.document ?? unknownDocument;
  }

  /** Takes the routes as they are now: who is new, elsewhere or back is asked at once. */
  take(routes: readonly ApiRoute[]): void {
    this.#routes = new Map(routes.map((route) => [route.name, route]));
    for (const [name, { cancel }] of this.#kept) if (!this.#routes.has(name)) { cancel(); this.#kept.delete(name); }
    for (const route of routes) {
      const known = this.#kept.get(route.name);
      const isSame = known?.target === route.target;
      if (isSame && known.isAvailable === route.isAvailable) continue;
      known?.cancel();
      const before = isSame ? known.document : unknownDocument;
      this.#keep(route, route.isAvailable ? before : { ...before, freshness: "Stale" }, () => undefined);
      if (route.isAvailable) void this.#refresh(route);
    }
  }

  close(): void {
    this.take([]);
  }

  #keep({ name, target, isAvailable }: ApiRoute, document: RemoteDocument, cancel: () => void): void {
    this.#kept.set(name, { target, isAvailable, document, cancel });
  }

  async #refresh(route: ApiRoute): Promise<void> {
    const before = this.of(route);
    const read = await readDocument(this.#ask, route);
    const now = this.#routes.get(route.name);
    // Meanwhile it may lead elsewhere, or be known to be gone.
    if (now === undefined || now.target !== route.target || !now.isAvailable) return;
    this.#kept.get(route.name)?.cancel();
    this.#keep(now, read ?? { ...before, freshness: "Stale" }, this.#world.clock.after(read === undefined ? retryMs : refreshMs, () => { void this.#refresh(now); }));
  }
}

/** What a server has; undefined where it cannot be asked. Those without the newer discovery are asked for the older. */
async function readDocument(ask: AskServer, route: ApiRoute): Promise<RemoteDocument | undefined> {
  const { group, version } = route;
  const question = { user: aggregatorUser, timeoutMs: askMaxMs } as const;
  const [groups, index] = await Promise.all([
    ask(route, { ...question, path: "/apis", accept: aggregatedTypes }), ask(route, { ...question, path: "/openapi/v3", accept: jsonType }),
  ]);
  const openApi = index.kind === "answered" ? parseOpenApiIndex(parseObject(index), group, version) : undefined;
  const isAggregated = groups.kind === "answered" && groups.code === 200 && groups.contentType.includes("as=APIGroupDiscoveryList");
  const resources = isAggregated ? parseGroupDiscovery(parseObject(groups), group, version) : await readList(ask, route);
  return resources === undefined ? undefined : { freshness: "Current", resources, ...(openApi === undefined ? {} : { openApi }) };
}

async function readList(ask: AskServer, route: ApiRoute): Promise<DiscoveredResources | undefined> {
  const reply = await ask(route, { user: aggregatorUser, timeoutMs: askMaxMs, path: pathOf(route), accept: jsonType });
  return reply.kind === "answered" && reply.code === 200 ? parseResourceList(parseObject(reply)) : undefined;
}

/** What every server of a group and version has to answer. */
export function pathOf({ group, version }: Pick<ApiRoute, "group" | "version">): string {
  return `/apis/${group}/${version}`;
}

function parseObject({ code, text }: Extract<ServerReply, { readonly kind: "answered" }>): JsonObject {
  return code === 200 ? parseJsonObject(text) ?? {} : {};
}
