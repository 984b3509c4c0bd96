import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserInfo } from "../api/client.ts";
import { OpenConnections } from "../api/http/open-connections.ts";
import type { NodeConnections } from "../api/nodes.ts";
import type { Authorizer, Verbs } from "../api/verbs.ts";
import { withoutSchemas } from "../api/http/without-schemas.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { ObjectRef } from "../model/object.ts";
import type { Json } from "../value/json.ts";
import type { World } from "../world/world.ts";
import { answerAsset, loadAssets } from "./assets.ts";
import type { Asset } from "./assets.ts";
import { isHostAllowed, securityHeaders } from "./guard.ts";
import { keepInSecret } from "./kept-sessions.ts";
import { mountPageRoutes } from "./page-routes.ts";
import { Sessions } from "./sessions.ts";
import { cookieName, mountSession } from "./session-routes.ts";

/** Answers a request by itself, body included: Git and webhooks read their own. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What the page's server works with. */
export interface ServeWebOptions {
  readonly verbs: Verbs;
  readonly authorizer: Authorizer;
  readonly world: World;
  readonly nodes: NodeConnections;
  readonly jobs: Jobs;
  /** What a sync or a rollback would do, as JSON: `lines`, `isEmpty`, `problems`, `steps`. */
  readonly previews: {
    sync(ref: ObjectRef): Promise<Json>;
    rollback(ref: ObjectRef, syncName: string): Promise<Json>;
    /** Where fields of an object come from; the query names it. */
    origins(ref: ObjectRef, query: Readonly<Record<string, string | undefined>>): Promise<Json>;
  };
  /** The user of an API token, undefined when it is wrong. */
  readonly users: (token: string) => Promise<UserInfo | undefined>;
  readonly handleGit: RawHandler;
  readonly handleWebhook: RawHandler;
  readonly isReady: () => boolean;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where Git clients reach hosted repositories, when that is not the address itself. */
  readonly gitOrigin?: string;
  /** Where the bundled page lies; `dist/web` of the project when absent. */
  readonly assetsFolder?: string;
}

/** The page while it is served. */
export interface WebServer {
  /** `http://HOST:PORT`. */
  readonly address: string;
  readonly port: number;
  /** Path and query of a new one-time login link. */
  mintLogin(): string;
  close(): Promise<void>;
}

/** Time for a client to send its headers. */
const headersTimeoutMs = 20_000;

/** Time for a whole request: a push of a large repository over a slow line. */
const requestTimeoutMs = 30 * 60_000;

/** Open connections at once: a page holds two to six. */
const connectionsMax = 2_000;

/** The page's server itself, for what it keeps in the cluster; requests are made under their own users. */
const pageUser: UserInfo = { name: "system:capstan:page", groups: ["system:masters", "system:authenticated"] };

/** The bundled page in a checkout. */
const builtFolder = join(fileURLToPath(new URL("../../", import.meta.url)), "dist", "web");

/** Serves the dashboard with its data, hosted repositories and webhooks on one address. */
export async function serveWeb(options: ServeWebOptions): Promise<WebServer> {
  const { world, tls } = options;
  const app = openFastify(options);
  const sessions = new Sessions(world, options.users, keepInSecret(options.verbs.client(pageUser)));
  await sessions.restore();
  const origin = { address: "", port: options.port };
  const connections = new OpenConnections(app.server, connectionsMax);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => { done(null); });
  app.setErrorHandler(async (error, request, reply) => {
    world.log.error("a request of the page failed", { path: request.url.split("?")[0], error });
    await reply.code(500).type("text/plain; charset=utf-8").send("the daemon could not answer; its log says why\n");
  });
  mountRaw(app, "git", options.handleGit, world);
  mountRaw(app, "hooks", options.handleWebhook, world);
  for (const path of ["/readyz", "/healthz", "/livez"]) {
    app.get(path, async (_request, reply) => {
      const isFine = path !== "/readyz" || options.isReady();
      return reply.code(isFine ? 200 : 503).type("text/plain; charset=utf-8").header("cache-control", "no-store").send(isFine ? "ok" : "starting");
    });
  }
  await app.register(async (page) => {
    page.addHook("onRequest", async (request, reply) => {
      reply.headers(securityHeaders);
      if (!isHostAllowed(request.headers.host, { listenHost: options.host, ownOrigin: options.gitOrigin })) {
        return reply.code(421).type("text/plain; charset=utf-8").send("this page is served to this machine only: open it by 127.0.0.1 or localhost\n");
      }
    });
    const showPage = pageShower(loadAssets(options.assetsFolder ?? builtFolder));
    mountSession(page, { sessions, isSecure: tls !== undefined, cookie: () => cookieName(origin.port), showPage });
    await page.register(async (data) => {
      mountPageRoutes(data, {
        edge: options, jobs: options.jobs, previews: options.previews, sessions, cookie: () => cookieName(origin.port), gitOrigin: () => options.gitOrigin ?? origin.address,
      });
    });
    page.get("/*", showPage);
  });
  origin.address = await app.listen({ host: options.host, port: options.port });
  const bound = app.server.address();
  origin.port = typeof bound === "object" && bound !== null ? bound.port : options.port;
  return {
    address: origin.address, port: origin.port,
    mintLogin: () => `/login?token=${sessions.mintLink()}`,
    async close() {
      const closed = app.close();
      connections.cutOff();
      await closed;
      await sessions.settled();
    },
  };
}

function openFastify({ tls }: ServeWebOptions): FastifyInstance {
  const shape = { schemaController: withoutSchemas, logger: false, exposeHeadRoutes: false, forceCloseConnections: true, return503OnClosing: false, requestTimeout: requestTimeoutMs, http: { headersTimeout: headersTimeoutMs } } as const;
  if (tls === undefined) return fastify(shape);
  return fastify({ ...shape, https: { key: tls.key, cert: tls.cert, minVersion: "TLSv1.2", headersTimeout: headersTimeoutMs } });
}

/** Hands requests below a path over as they come, unread. */
function mountRaw(app: FastifyInstance, name: string, handle: RawHandler, world: World): void {
  app.all(`/${name}/*`, (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    handle(request.raw, reply.raw).catch((error: unknown) => {
      world.log.error("a request could not be answered", { path: `/${name}/`, error });
      if (!reply.raw.headersSent) reply.raw.writeHead(500, { "content-type": "text/plain" });
      reply.raw.end("the daemon could not answer; its log says why\n");
    });
  });
}

/** Answers the page's files, and its one document at every address the page knows. */
function pageShower(assets: ReadonlyMap<string, Asset> | undefined): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => {
    const path = request.url.split("?")[0] ?? "/";
    const isFile = path.startsWith("/assets/") || path === "/favicon.ico";
    if (assets === undefined && !isFile) return reply.code(200).type("text/html; charset=utf-8").send(placeholder);
    const asset = assets?.get(isFile ? path : "/app.html");
    if (asset === undefined) return reply.code(404).type("text/plain; charset=utf-8").send("404 page not found\n");
    const answer = answerAsset(asset, { acceptEncoding: request.headers["accept-encoding"], ifNoneMatch: request.headers["if-none-match"] });
    return reply.code(answer.code).headers(answer.headers).send(answer.body);
  };
}

/** Stands where the page is not built yet. */
const placeholder = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Capstan</title><h1>Capstan</h1><p>The dashboard is not built: run <code>npm start</code>, or <code>node src/web/build.ts</code>, and reload.</p></html>\n`;
