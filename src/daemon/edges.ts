import { readFile } from "node:fs/promises";
import type { Auditor } from "../api/audit/trail.ts";
import { createAuthenticator } from "../api/http/authentication.ts";
import type { Pki } from "../api/http/pki.ts";
import { serveApi } from "../api/http/server.ts";
import type { ApiServer } from "../api/http/server.ts";
import type { TokenIndex } from "../api/http/tokens.ts";
import type { NodeConnections } from "../api/nodes.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Sources } from "../sources/sources.ts";
import { serveWeb } from "../web/server.ts";
import { setHaste } from "../world/real/engine-pace.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import type { ClusterApi, ControlPlane } from "./control-plane.ts";
import { explainAnswer } from "./explanations.ts";
import { daemonFamilies } from "./metrics.ts";
import { previewAnswer } from "./previews.ts";
import type { Queue } from "./queue.ts";
import type { Settings } from "./settings.ts";

/** Requests under way when the daemon is told to stop may take this long to end. */
const drainMs = 3_000;

/** Everything the edges lead to. */
export interface ServedParts {
  readonly settings: Settings;
  readonly world: World;
  readonly api: ClusterApi;
  readonly plane: ControlPlane;
  readonly sources: Sources;
  readonly queue: Queue;
  readonly pki: Pki;
  readonly closing: Closing;
  readonly users: (token: string) => ReturnType<TokenIndex["userOf"]>;
  readonly nodes: NodeConnections;
  readonly isReady: () => boolean;
  readonly auditor?: Auditor;
}

/** Where the daemon can be reached. */
export interface Edges {
  readonly api: ApiServer;
  readonly webAddress: string;
  mintLogin(): string;
  /** Shows another certificate to the servers of aggregated APIs. */
  frontProxy(identity: Pki["frontProxy"]["client"]): void;
}

/** Serves the Kubernetes API, and the page with Git and webhooks. */
export async function serveEdges(parts: ServedParts): Promise<Edges> {
  const { settings, world, api, plane, sources, queue, pki, closing, users, nodes, isReady } = parts;
  const server = await serveApi({
    verbs: api.verbs, authorizer: api.authorizer, authenticator: createAuthenticator(users), nodes, world, host: settings.listen.host, port: settings.listen.port,
    tls: { key: pki.serving.key, cert: pki.serving.cert, ca: pki.ca },
    views: [
      { kind: ApplicationKind, name: "plan", read: (ref, query) => previewAnswer(plane.reconciler, ref, query["sync"]) },
      { kind: ApplicationKind, name: "explain", read: (ref, query) => explainAnswer(plane.reconciler, ref, query) },
    ],
    ...(api.aggregation === undefined ? {} : { aggregation: api.aggregation }),
    ...(api.accountTokens === undefined ? {} : { accountTokens: api.accountTokens }),
    ...(parts.auditor === undefined ? {} : { auditor: parts.auditor }),
    fairness: api.fairness,
    onLoad: (isBusy) => { setHaste("many requests", isBusy); },
    readiness: () => [{ name: "etcd", isReady: api.store.isWritable !== false, message: "the store takes no writes", isVital: true }, { name: "daemon", isReady: isReady() }],
    families: daemonFamilies(api, plane),
  });
  closing.add("kubernetes api", () => server.close(AbortSignal.timeout(drainMs)));
  const web = await serveWeb({
    verbs: api.verbs, authorizer: api.authorizer, world, nodes, jobs: queue.jobs, users, isReady, host: settings.web.host, port: settings.web.port,
    previews: {
      sync: (ref) => previewAnswer(plane.reconciler, ref, undefined), rollback: (ref, syncName) => previewAnswer(plane.reconciler, ref, syncName),
      origins: (ref, query) => explainAnswer(plane.reconciler, ref, query),
    },
    handleGit: async (request, response) => { sources.handle(request, response); },
    handleWebhook: async (request, response) => { sources.handle(request, response); },
    ...(settings.webTls === undefined ? {} : { tls: { key: await readFile(settings.webTls.keyFile, "utf8"), cert: await readFile(settings.webTls.certFile, "utf8") } }),
  });
  closing.add("page", () => web.close());
  return { api: server, webAddress: web.address, mintLogin: () => web.mintLogin(), frontProxy: (identity) => { api.aggregation?.servers.useIdentity(identity); } };
}
