import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Client } from "../api/client.ts";
import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { commandDriver } from "./drivers/command.ts";
import { IsomorphicDriver } from "./drivers/isomorphic.ts";
import { findGit, GitProcess } from "./git-process.ts";
import { HostedRepositories } from "./hosted.ts";
import type { HostedOptions } from "./hosted.ts";
import { treeCacheBytesMax } from "./limits.ts";
import type { SourceLimits } from "./limits.ts";
import { makePrivateFolder } from "./mirror-files.ts";
import { ObjectReader } from "./object-reader.ts";
import { Poller } from "./poller.ts";
import type { PollerOptions } from "./poller.ts";
import { createRepositories } from "./repositories.ts";
import type { SourceRepositories } from "./repositories.ts";
import { TreeCache } from "./tree-cache.ts";
import { createWebhookHandler } from "./webhook-handler.ts";

export interface SourcesOptions extends Pick<HostedOptions, "checkToken" | "onPush" | "onPushBegins" | "onUpdated">, Pick<PollerOptions, "onRevision" | "onProblem"> {
  readonly client: Client;
  readonly world: World;
  /** The daemon's `DIR`; everything here lies in `DIR/repositories`. */
  readonly directory: string;
  readonly processes: Processes;
  /** `process.env.PATH`. */
  readonly path: string;
  readonly limits?: Partial<SourceLimits>;
}

/** Everything of Git, running. */
export interface Sources {
  readonly repositories: SourceRepositories;
  /** Undefined where git (2.31 or newer) is not installed. */
  readonly hosted: HostedRepositories | undefined;
  readonly poller: Poller;
  /** The version of the git command found. */
  readonly gitVersion: string | undefined;
  /** Answers a request below `/git/` or `/hooks/`; false for every other path, which is left untouched. Reads the body itself. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  stop(): Promise<void>;
}

/** Probes for git, then starts hosted repositories, mirrors and webhooks. The poller is started by the caller, once everybody listens. */
export async function startSources(options: SourcesOptions): Promise<Sources> {
  const { client, world, processes, limits = {} } = options;
  const directory = join(options.directory, "repositories");
  await makePrivateFolder(directory);
  const git = new GitProcess({ clock: world.clock, processes, path: options.path, home: directory });
  const reader = new ObjectReader({ git, clock: world.clock });
  const trees = new TreeCache(treeCacheBytesMax);
  const gitVersion = await findGit(git, new AbortController().signal);
  const isomorphic = new IsomorphicDriver({ clock: world.clock });
  const command = gitVersion === undefined ? undefined : commandDriver(git, reader);
  const hosted = command === undefined ? undefined : new HostedRepositories({
    world, directory, git, driver: command, trees, limits,
    checkToken: (token, access) => options.checkToken(token, access),
    onPush: (push) => options.onPush(push), onPushBegins: () => { options.onPushBegins?.(); },
    onUpdated: (repository, updates) => { pollHosted(repository); options.onUpdated(repository, updates); },
  });
  await hosted?.start();
  const repositories = createRepositories({ client, world, directory, limits, trees, verify: { world, processes, path: options.path }, drivers: command === undefined ? { isomorphic } : { isomorphic, command }, ...(hosted === undefined ? {} : { hosted }) });
  await repositories.start();
  const poller = new Poller({
    client, world, repositories,
    isHosted: (repoURL) => hosted?.nameOf(repoURL) !== undefined,
    ensureHosted: async (name) => {
      const fault = await hosted?.create(name);
      if (fault !== undefined) world.log.warn("a hosted repository cannot be made", { repository: name, reason: fault.message });
    },
    onRevision: (change) => { options.onRevision(change); },
    onProblem: (request, found) => options.onProblem?.(request, found),
  });
  const pollHosted = (name: string) => { poller.pollWhere((repoURL) => hosted?.nameOf(repoURL) === name, "Push"); };
  const answerWebhook = createWebhookHandler({ client, world, onChanged: ({ url }) => { poller.pollNow(url, "Webhook"); } });
  return {
    repositories, hosted, poller, gitVersion,
    handle(request, response) {
      const url = request.url ?? "";
      if (url.startsWith("/hooks/")) { void answerWebhook(request, response); return true; }
      if (!url.startsWith("/git/")) return false;
      if (hosted !== undefined) void hosted.handle(request, response);
      else { request.resume(); response.writeHead(501, { "Content-Type": "text/plain" }); response.end("Hosting repositories needs the git command (2.31 or newer) on this machine.\n"); }
      return true;
    },
    async stop() {
      await poller.stop();
      repositories.stop();
      hosted?.stop();
      reader.stop();
      await isomorphic.stop();
    },
  };
}
