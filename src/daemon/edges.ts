import { readFile } from "node:fs/promises";
import { createAuthenticator } from "../api/http/authentication.ts";
import type { Pki } from "../api/http/pki.ts";
import { serveApi } from "../api/http/server.ts";
import type { TokenIndex } from "../api/http/tokens.ts";
import type { NodeConnections } from "../api/nodes.ts";
import { kinds } from "../model/kinds.ts";
import { Poller } from "../sources/poller.ts";
import { createWebhookHandler } from "../sources/webhook-handler.ts";
import { serveWeb } from "../web/server.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import { daemonUser } from "./control-plane.ts";
import type { ClusterApi, ControlPlane } from "./control-plane.ts";
import type { Git, GitHooks } from "./git.ts";
import { previewAnswer } from "./previews.ts";
import { announcePush, judgePush } from "./push-verdict.ts";
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
  readonly git: Git;
  readonly queue: Queue;
  readonly pki: Pki;
  readonly closing: Closing;
  readonly users: (token: string) => ReturnType<TokenIndex["userOf"]>;
  readonly nodes: NodeConnections;
  readonly isReady: () => boolean;
}

/** Where the daemon can be reached. */
export interface Edges {
  readonly apiAddress: string;
  readonly webAddress: string;
  readonly poller: Poller;
  mintLogin(): string;
}

/** Serves the Kubernetes API, and the page with Git and webhooks. */
export async function serveEdges(parts: ServedParts): Promise<Edges> {
  const { settings, world, api, plane, git, queue, pki, closing, users, nodes, isReady } = parts;
  const poller = new Poller({
    client: api.client(daemonUser), world, repositories: git.repositories, isHosted: (repoURL) => git.hosted?.nameOf(repoURL) !== undefined,
    onRevision: (change) => { void plane.reconciler.refresh((repoURL) => repoURL === change.repoURL, change.trigger).catch((error: unknown) => { world.log.warn("a new commit was not told", { repository: change.repoURL, error }); }); },
  });
  closing.add("poller", () => poller.stop());
  const server = await serveApi({
    verbs: api.verbs, kinds, authorizer: api.authorizer, authenticator: createAuthenticator(users), nodes, world, host: settings.listen.host, port: settings.listen.port,
    tls: { key: pki.serving.key, cert: pki.serving.cert, ca: pki.ca },
    readiness: () => [{ name: "daemon", isReady: isReady() }],
    gauges: [{ name: "capstan_store_revision", help: "Revision of the newest committed transaction.", read: () => api.store.revision }],
  });
  closing.add("kubernetes api", () => server.close(AbortSignal.timeout(drainMs)));
  const web = await serveWeb({
    verbs: api.verbs, authorizer: api.authorizer, world, nodes, jobs: queue.jobs, users, isReady, host: settings.web.host, port: settings.web.port,
    previews: { sync: (ref) => previewAnswer(plane.reconciler, ref, undefined), rollback: (ref, syncName) => previewAnswer(plane.reconciler, ref, syncName) },
    handleGit: async (request, response) => {
      if (git.hosted === undefined) { response.statusCode = 404; response.end("no repository is hosted here: the git command is missing\n"); return; }
      await git.hosted.handle(request, response);
    },
    handleWebhook: createWebhookHandler({ client: api.client(daemonUser), world, onChanged: (change) => { poller.pollNow(change.url, "Webhook"); } }),
    ...(settings.webTls === undefined ? {} : { tls: { key: await readFile(settings.webTls.keyFile, "utf8"), cert: await readFile(settings.webTls.certFile, "utf8") } }),
  });
  closing.add("page", () => web.close());
  return { apiAddress: server.address, webAddress: web.address, poller, mintLogin: () => web.mintLogin() };
}

/** Lets pushes be judged and told, from now on. */
export function connectGit({ api, plane, git, users, world }: ServedParts, { hooks, origin }: { readonly hooks: GitHooks; readonly origin: string }): void {
  const { hosted } = git;
  if (hosted === undefined) return;
  hosted.setOrigins([origin]);
  hooks.users = users;
  hooks.isAllowed = (user, attributes) => api.authorizer.isAllowed(user, attributes);
  hooks.onPush = (push) => judgePush(push, plane.reconciler, hosted);
  hooks.onUpdated = (repository) => {
    void announcePush(repository, plane.reconciler, hosted).catch((error: unknown) => { world.log.warn("a push was not told to its applications", { repository, error }); });
  };
}
