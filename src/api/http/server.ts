import fastify from "fastify";
import type { IncomingMessage } from "node:http";
import { createSecureServer } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { World } from "../../world/world.ts";
import type { Aggregation } from "../aggregation/aggregation.ts";
import type { AccountTokens } from "../access/account-tokens.ts";
import type { Auditor } from "../audit/trail.ts";
import { bootstrapFlows } from "../fairness/bootstrap-flows.ts";
import { Fairness } from "../fairness/fairness.ts";
import type { NodeConnections } from "../nodes.ts";
import { fairnessFamilies } from "../metrics/fairness-metrics.ts";
import type { Family } from "../metrics/families.ts";
import { RequestMetrics } from "../metrics/request-metrics.ts";
import type { Authorizer, Verbs } from "../verbs.ts";
import type { View } from "../views.ts";
import type { Authenticator } from "./authentication.ts";
import { kubernetesVersion } from "./documents.ts";
import { BodyForms } from "./body-forms.ts";
import type { Edge, HealthCheck } from "./edge.ts";
import { connectionsMax, headersSizeMaxBytes, headersTimeoutMs, Inflight, keepAliveTimeoutMs, requestsMax, requestTimeoutMs, streamsMax, streamsPerConnectionMax, streamsPerUserMax } from "./limits.ts";
import { LoadWatch } from "./load-watch.ts";
import { OpenConnections } from "./open-connections.ts";
import { OpenApiV2Answers } from "./openapi-v2-answer.ts";
import { OpenApiDocuments } from "./openapi.ts";
import { RequestShell } from "./request-shell.ts";
import { SharedParts } from "./shared-parts.ts";
import { UpgradeShell } from "./streams/upgrade.ts";
import { withoutSchemas } from "./without-schemas.ts";

/** A key and certificate, PEM. */
export interface ServingCertificate {
  readonly key: string;
  readonly cert: string;
}

/** What the HTTP edge needs. */
export interface ServeApiOptions {
  readonly verbs: Verbs;
  readonly authorizer: Authorizer;
  readonly authenticator: Authenticator;
  readonly nodes: NodeConnections;
  readonly world: World;
  /** What other servers answer for; nothing when absent. */
  readonly aggregation?: Aggregation;
  readonly accountTokens?: AccountTokens;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The serving certificate, and the CA client certificates must come from. */
  readonly tls: ServingCertificate & { readonly ca: string };
  /** Derived answers beside objects; none when absent. */
  readonly views?: readonly View[];
  /** What must hold for /readyz; nothing when absent. */
  readonly readiness?: () => readonly HealthCheck[];
  /** Who works and who waits; by Kubernetes' own rules when absent. */
  readonly fairness?: Fairness;
  /** Tells of requests; nothing is told when absent. */
  readonly auditor?: Auditor;
  /** Told when requests become many, and when they are few again. */
  readonly onLoad?: (isBusy: boolean) => void;
  /** More numbers for /metrics, such as what the store holds. */
  readonly families?: readonly Family[];
}

/** The edge while it serves. */
export interface ApiServer {
  /** `https://HOST:PORT` with the port taken. */
  readonly address: string;
  readonly port: number;
  /** New connections get this certificate from now on. */
  useCertificate(certificate: ServingCertificate): void;
  /** Ends streams, lets other requests finish until the signal aborts, then cuts what is left. */
  close(signal: AbortSignal): Promise<void>;
}

/** Starts serving the Kubernetes API over TLS, HTTP/2 and HTTP/1.1 on one port. */
export async function serveApi(options: ServeApiOptions): Promise<ApiServer> {
  const streams = new Inflight(streamsMax, streamsPerUserMax);
  const fairness = options.fairness ?? new Fairness({ clock: options.world.clock, seatsMax: requestsMax, objects: bootstrapFlows });
  let address = "";
  const edge: Edge = {
    verbs: options.verbs, get kinds() { return options.verbs.kinds.all; }, authorizer: options.authorizer, nodes: options.nodes, views: options.views ?? [], world: options.world,
    ...(options.accountTokens === undefined ? {} : { accountTokens: options.accountTokens }),
    ...(options.aggregation === undefined ? {} : { aggregation: options.aggregation }),
    ...(options.auditor === undefined ? {} : { auditor: options.auditor }),
    readiness: options.readiness ?? (() => []),
    address: () => address.replace("https://", ""),
    openApi: new OpenApiDocuments(options.verbs.kinds, kubernetesVersion.gitVersion), openApiV2: new OpenApiV2Answers(),
    metrics: new RequestMetrics(), bodies: { forms: new BodyForms(), parts: new SharedParts() },
    families: [buildInfo, ...fairnessFamilies(fairness), ...(options.families ?? [])],
  };
  const shell = new RequestShell({ edge, authenticator: options.authenticator, fairness, streams, load: options.onLoad === undefined ? undefined : new LoadWatch(options.world.clock, options.onLoad) });
  const upgrades = new UpgradeShell({ edge, authenticator: options.authenticator, streams });
  const app = openFastify(options, shell);
  app.server.on("upgrade", (request: IncomingMessage, socket: TLSSocket, head: Buffer) => { void upgrades.take(request, socket, head); });
  // Fastify's share ends before it reads a body: one shell answers all.
  app.addHook("onRequest", async (request, reply) => { reply.hijack(); shell.take(request.raw, reply.raw); });
  app.all("/*", () => undefined);

  const connections = new OpenConnections(app.server, connectionsMax);
  address = await app.listen({ host: options.host, port: options.port });
  const bound = app.server.address();
  return {
    address, port: typeof bound === "object" && bound !== null ? bound.port : options.port,
    useCertificate: (certificate) => { app.server.setSecureContext({ ...certificate, ca: options.tls.ca, minVersion }); },
    async close(signal) {
      upgrades.close();
      await shell.drain(signal);
      const closed = app.close();
      connections.cutOff();
      await closed;
    },
  };
}

const buildInfo: Family = {
  name: "kubernetes_build_info", help: "The release whose API is served.", type: "gauge",
  read: () => [{ labels: { major: kubernetesVersion.major, minor: kubernetesVersion.minor, git_version: kubernetesVersion.gitVersion, platform: process.platform }, value: 1 }],
};

/** Older TLS is broken. */
const minVersion = "TLSv1.2";

/** Requests for resources are most of all, and go to the shell without Fastify's way through routes and hooks, which costs as much as answering them. */
function openFastify({ tls }: ServeApiOptions, shell: RequestShell) {
  const https = {
    allowHTTP1: true, key: tls.key, cert: tls.cert, ca: tls.ca, requestCert: true, rejectUnauthorized: false, minVersion,
    handshakeTimeout: headersTimeoutMs, settings: { maxConcurrentStreams: streamsPerConnectionMax, maxHeaderListSize: headersSizeMaxBytes },
    ...httpOneLimits,
  } as const;
  return fastify({
    http2: true, https,
    serverFactory: (handler) => {
      const server = createSecureServer(https, (request, response) => { if (isBelowApi(request.url)) shell.take(request, response); else handler(request, response); });
      server.on("session", (session) => { session.setTimeout(keepAliveTimeoutMs, () => { session.close(); }); });
      return server;
    },
    exposeHeadRoutes: false, logger: false, return503OnClosing: false, forceCloseConnections: false, schemaController: withoutSchemas,
  });
}

function isBelowApi(url: string): boolean {
  return url.startsWith("/api/") || url.startsWith("/apis/");
}

/** Limits of HTTP/1.1 connections, which Node reads from the same options. */
const httpOneLimits = { maxHeaderSize: headersSizeMaxBytes, headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs };
