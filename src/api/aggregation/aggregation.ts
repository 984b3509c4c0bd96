import type { ServedKinds } from "../../model/kind-table.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { EndpointSliceKind, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import { APIServiceKind } from "../../model/kinds/api-extensions.ts";
import type { Kind } from "../../model/kind.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { StoreError } from "../../store/store.ts";
import type { Store } from "../../store/store.ts";
import type { World } from "../../world/world.ts";
import { decodeObject, readStoredOf } from "../encode.ts";
import { prefixOf } from "../keys.ts";
import type { NodeConnections } from "../nodes.ts";
import { isOfKind } from "../shape.ts";
import { emptyForeign, foreignResources } from "./foreign-content.ts";
import type { ForeignOutcome } from "./foreign-content.ts";
import { ExtensionServers } from "./extension-servers.ts";
import type { ServerReply } from "./extension-servers.ts";
import { aggregatorUser } from "./front-proxy.ts";
import { pathOf, RemoteDocuments } from "./remote-documents.ts";
import type { RemoteDocument } from "./remote-documents.ts";
import { routeOf, routeTable } from "./routes.ts";
import type { ApiRoute } from "./routes.ts";

/** Pause before the store is followed again after a failure. */
const followAgainMs = 1_000;

/** A server that does not answer in this time is not available, as upstream. */
const probeMaxMs = 5_000;

/** What the API on other servers is made of. */
export interface AggregationOptions {
  readonly store: Store;
  readonly kinds: ServedKinds;
  readonly world: World;
  readonly nodes: NodeConnections;
  /** What the API server shows of itself to other servers, PEM. */
  readonly identity: { readonly key: string; readonly cert: string };
}

/** The groups and versions that other servers answer for, as the APIServices in the store say. */
export class Aggregation {
  readonly servers: ExtensionServers;
  readonly #options: AggregationOptions;
  readonly #documents: RemoteDocuments;
  #services: readonly APIService[] = [];
  #routes: ReadonlyMap<string, ApiRoute> = new Map();

  constructor(options: AggregationOptions) {
    const { store, world, nodes, identity } = options;
    this.#options = options;
    this.servers = new ExtensionServers({
      world, nodes, identity, findService: (ref) => readStoredOf(store, ServiceKind, ref), findSlices: (ref) => slicesOf(store, ref),
    });
    this.#documents = new RemoteDocuments((route, question) => this.servers.ask(route, question), world);
    this.refresh();
  }

  /** Every route, in no order. */
  get routes(): Iterable<ApiRoute> {
    return this.#routes.values();
  }

  find(group: string, version: string): ApiRoute | undefined {
    return this.#routes.get(`${group}/${version}`);
  }

  documentOf(route: ApiRoute): RemoteDocument {
    return this.#documents.of(route);
  }

  /** Why the server of an APIService does not answer as one of its group and version; undefined where it does. Never rejects. */
  async probe(service: APIService): Promise<string | undefined> {
    const route = routeOf(service);
    if (route === undefined) return undefined;
    const path = pathOf(route);
    const url = `https://${route.service.name}.${route.service.namespace}.svc:${route.port}${path}`;
    const reply = await this.servers.ask(route, { path, user: aggregatorUser, accept: "application/json", timeoutMs: probeMaxMs }).catch((error: unknown): ServerReply => ({ kind: "failed", message: String(error) }));
    if (reply.kind === "failed") return `failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${reply.message}`;
    return reply.code >= 200 && reply.code < 300 ? undefined : `failing or missing response from ${url}: bad status from ${url}: ${reply.code}`;
  }

  /** Removes what other servers have in a namespace. Never rejects. */
  emptyNamespace(namespace: string): Promise<ForeignOutcome> {
    const resources = foreignResources([...this.routes].map((route) => [route, this.documentOf(route)] as const));
    return emptyForeign((route, question) => this.servers.ask(route, question), resources, namespace);
  }

  /** Takes the APIServices as they are now. */
  refresh(): void {
    this.#services = readAll<APIService>(this.#options.store, APIServiceKind, prefixOf(APIServiceKind));
    this.#route();
  }

  /** Follows the APIServices, and the definitions that take their place, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { store, world, kinds } = this.#options;
    const unfollow = kinds.onChange(() => { this.#route(); });
    while (!signal.aborted) {
      try {
        const { revision } = store;
        this.refresh();
        for await (const _changes of store.watch(prefixOf(APIServiceKind), revision, signal)) this.refresh();
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof StoreError && (error.code === "slow" || error.code === "compacted")) continue;
        world.log.warn("a watch for aggregated APIs broke off", { error });
        await world.clock.sleep(followAgainMs, signal).catch(() => undefined);
      }
    }
    unfollow();
    this.#documents.close();
    this.servers.close();
  }

  #route(): void {
    const local = new Set(this.#options.kinds.all.map((kind) => `${kind.group}/${kind.version}`));
    this.#routes = routeTable(this.#services, (group, version) => local.has(`${group}/${version}`));
    const routes = [...this.#routes.values()];
    this.servers.keepOnly(routes);
    this.#documents.take(routes);
  }
}

function readAll<T extends ApiObject>(store: Store, kind: Kind<T>, prefix: string): readonly T[] {
  return store.list(prefix).entries.map(({ value, revision }) => decodeObject(value, revision)).filter((object): object is T => isOfKind(kind, object));
}

function slicesOf(store: Store, { namespace, name }: ObjectRef): readonly EndpointSlice[] {
  return readAll<EndpointSlice>(store, EndpointSliceKind, prefixOf(EndpointSliceKind, namespace)).filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === name);
}
