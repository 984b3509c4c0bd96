import { Agent, request as requestHttp } from "node:http";
import type { ClientRequestArgs, IncomingMessage } from "node:http";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Service } from "../../model/kinds/service.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { World } from "../../world/world.ts";
import type { UserInfo } from "../client.ts";
import { asDuplex } from "../http/pod-stream.ts";
import { readText } from "../https-exchange.ts";
import type { NodeConnections } from "../nodes.ts";
import { explainCall } from "../webhooks/explain-failure.ts";
import { endpointsOf } from "./endpoints.ts";
import type { ServerEndpoint } from "./endpoints.ts";
import { identityHeaders } from "./front-proxy.ts";
import { serverNameOf } from "./routes.ts";
import type { ApiRoute } from "./routes.ts";

/** A server that does not take a connection, TLS included, in this time is taken for gone. */
const connectMaxMs = 5_000;

/** Connections kept for the next request to one server: each holds a TLS session of some 30 kB, on both sides. */
const idleConnectionsMax = 16;

/** They are kept no longer than this: servers written in Go hang up after 90 s at the earliest. */
const idleMaxMs = 30_000;

/** Of a document the API server reads itself: discovery of a server with a hundred resources has some 50 kB. It is parsed in one turn. */
const documentBytesMax = 1024 * 1024;

/** What servers of aggregated APIs are reached with. */
export interface ExtensionServersOptions {
  readonly world: Pick<World, "clock" | "chance">;
  readonly nodes: NodeConnections;
  readonly findService: (ref: ObjectRef) => Service | undefined;
  readonly findSlices: (ref: ObjectRef) => readonly EndpointSlice[];
  /** What the API server shows of itself, PEM. */
  readonly identity: { readonly key: string; readonly cert: string };
}

/** What a server said when the API server itself asked. */
export type ServerReply =
  | { readonly kind: "answered"; readonly code: number; readonly contentType: string; readonly text: string }
  | { readonly kind: "failed"; readonly message: string };

/** What the API server itself asks. */
export interface ServerQuestion {
  /** GET when absent. */
  readonly method?: string;
  readonly path: string;
  readonly user: UserInfo;
  readonly accept: string;
  readonly timeoutMs: number;
}

/** Asks a server; never rejects. */
export type AskServer = (route: ApiRoute, question: ServerQuestion) => Promise<ServerReply>;

/** Connects to the servers of aggregated APIs, over TLS on both sides, and keeps some connections to each. */
export class ExtensionServers {
  readonly #options: ExtensionServersOptions;
  readonly #pools = new Map<string, { readonly target: string; readonly agent: ServerAgent; readonly context: SecureContext }>();
  #identity: ExtensionServersOptions["identity"];

  constructor(options: ExtensionServersOptions) {
    this.#options = options;
    this.#identity = options.identity;
  }

  /** New connections show this certificate from now on. */
  useIdentity(identity: ExtensionServersOptions["identity"]): void {
    this.#identity = identity;
    this.close();
  }

  /** Hangs up on every server that no route leads to any more. */
  keepOnly(routes: readonly ApiRoute[]): void {
    const targets = new Map(routes.map(({ name, target }) => [name, target]));
    for (const [name, { target, agent }] of this.#pools) {
      if (targets.get(name) === target) continue;
      this.#pools.delete(name);
      agent.destroyIdle();
    }
  }

  close(): void {
    for (const { agent } of this.#pools.values()) agent.destroyIdle();
    this.#pools.clear();
  }

  /** The connections to a route's server. Throws for authorities or keys that are none. */
  poolOf(route: ApiRoute): Agent {
    return this.#poolOf(route).agent;
  }

  /** One connection of its own, for what becomes a stream. Rejects with an error in the words of Go's client. */
  async connect(route: ApiRoute, signal?: AbortSignal): Promise<Duplex> {
    const { context } = this.#poolOf(route);
    const abort = new AbortController();
    const ending = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]);
    const cancel = this.#options.world.clock.after(connectMaxMs, () => { abort.abort(); });
    let host = "";
    try {
      const endpoint = this.#choose(route);
      ({ host } = endpoint);
      const plain = await this.#reach(endpoint, ending);
      return await secured({ plain, context, servername: serverNameOf(route), isUnverified: route.isUnverified }, ending);
    } catch (error) {
      throw new Error(abort.signal.aborted ? `dial tcp ${host}: i/o timeout` : explainCall(error, serverNameOf(route)), { cause: error });
    } finally {
      cancel();
    }
  }

  /** Asks a server for a document. Never rejects. */
  async ask(route: ApiRoute, { method = "GET", path, user, accept, timeoutMs }: ServerQuestion): Promise<ServerReply> {
    const abort = new AbortController();
    const cancel = this.#options.world.clock.after(timeoutMs, () => { abort.abort(); });
    const headers = { accept, host: serverNameOf(route), ...identityHeaders(user) };
    try {
      return await readReply({ agent: this.poolOf(route), method, path, signal: abort.signal, headers });
    } catch (error) {
      return { kind: "failed", message: abort.signal.aborted ? "context deadline exceeded" : error instanceof Error ? error.message : String(error) };
    } finally {
      cancel();
    }
  }

  #poolOf(route: ApiRoute): { readonly agent: ServerAgent; readonly context: SecureContext } {
    const known = this.#pools.get(route.name);
    if (known?.target === route.target) return known;
    known?.agent.destroyIdle();
    const context = createSecureContext({ ...this.#identity, ...(route.ca === undefined ? {} : { ca: route.ca }), minVersion: "TLSv1.2" });
    const made = { target: route.target, agent: new ServerAgent(() => this.connect(route)), context };
    this.#pools.set(route.name, made);
    return made;
  }

  #choose({ service, port }: ApiRoute): ServerEndpoint {
    const { findService, findSlices, world } = this.#options;
    const found = findService(service);
    if (found === undefined) throw new Error(`service ${JSON.stringify(service.name)} not found`);
    const endpoints = endpointsOf(found, findSlices(service), port);
    if (typeof endpoints === "string") throw new Error(endpoints);
    const chosen = endpoints[Math.floor(world.chance.fraction() * endpoints.length)];
    if (chosen === undefined) throw new Error(`no endpoints available for service ${JSON.stringify(service.name)}`);
    return chosen;
  }

  /** A pod is reached through its node, anything else at its address. */
  async #reach({ host, port, pod }: ServerEndpoint, signal: AbortSignal): Promise<Duplex> {
    const node = pod === undefined ? undefined : this.#options.nodes.of(pod.nodeName);
    if (node !== undefined && pod !== undefined) return asDuplex(await node.connect(pod.ref, port, signal));
    return new Promise((resolve, reject) => {
      const socket = connectTcp({ host, port, signal }, () => { resolve(socket); });
      socket.on("error", reject);
    });
  }
}

/** A connection that is to be within TLS. */
interface Securing {
  readonly plain: Duplex;
  readonly context: SecureContext;
  readonly servername: string;
  readonly isUnverified: boolean;
}

function secured({ plain, context, servername, isUnverified }: Securing, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ socket: plain, secureContext: context, servername, rejectUnauthorized: !isUnverified, ALPNProtocols: ["http/1.1"] }, () => {
      signal.removeEventListener("abort", giveUp);
      resolve(secure);
    });
    const giveUp = (): void => { secure.destroy(); plain.destroy(); reject(new Error("the connection was given up")); };
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    secure.once("error", (error) => { signal.removeEventListener("abort", giveUp); plain.destroy(); reject(error); });
    plain.once("error", reject);
  });
}

/** Keeps connections that are made elsewhere. */
class ServerAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;

  constructor(connect: () => Promise<Duplex>) {
    super({ keepAlive: true, maxFreeSockets: idleConnectionsMax, timeout: idleMaxMs, scheduling: "lifo" });
    this.#connect = connect;
  }

  override createConnection(_options: ClientRequestArgs, done: (error: Error | null, stream: Duplex) => void): undefined {
    void this.#open(done);
  }

  async #open(done: (error: Error | null, stream: Duplex) => void): Promise<void> {
    let stream: Duplex;
    try {
      stream = await this.#connect();
    } catch (error) {
      // Node looks at the error first, and at the stream only where there is none.
      (done as (error: Error) => void)(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done(null, stream);
  }

  /** Requests under way go on; their connections are closed behind them. */
  destroyIdle(): void {
    this.maxFreeSockets = 0;
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}

async function readReply(options: ClientRequestArgs): Promise<ServerReply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => { requestHttp(options, resolve).on("error", reject).end(); });
  const text = await readText(response, documentBytesMax);
  const { "content-type": contentType = "" } = response.headers;
  return { kind: "answered", code: response.statusCode ?? 0, contentType, text };
}
