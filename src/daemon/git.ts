import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { comparisonErrorCondition } from "../reconcile/application-status.ts";
import type { Sources, SourcesOptions } from "../sources/sources.ts";
import { startSources } from "../sources/sources.ts";
import type { UserInfo } from "../api/client.ts";
import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import { daemonUser, gitAccess } from "./control-plane.ts";
import type { ClusterApi, ControlPlane } from "./control-plane.ts";
import { judgePush } from "./push-verdict.ts";

/** What Git tells and asks of the loop. Until the loop is there nobody may push and nothing is told. */
export interface GitLine {
  plane: ControlPlane | undefined;
  sources: Sources | undefined;
  /** Makes a render worker ready. */
  prewarm: () => void;
}

/** What Git is started with. */
export interface GitParts {
  readonly dataDirectory: string;
  readonly world: World;
  readonly processes: Processes;
  readonly api: ClusterApi;
  readonly closing: Closing;
  readonly users: (token: string) => Promise<UserInfo | undefined>;
}

/** Starts mirrors, hosted repositories and webhooks. The line is connected once the loop runs. */
export async function startGit({ dataDirectory, world, processes, api, closing, users }: GitParts, line: GitLine): Promise<Sources> {
  const refresh = (isMeant: (repoURL: string) => boolean, trigger: Parameters<SourcesOptions["onRevision"]>[0]["trigger"]) => {
    line.plane?.reconciler.refresh(isMeant, trigger).catch((error: unknown) => { world.log.warn("a new commit was not told to its applications", { error }); });
  };
  const sources = await startSources({
    client: api.client(daemonUser), world, directory: dataDirectory, processes, path: process.env["PATH"] ?? "",
    async checkToken(token, { repository, action }) {
      const user = await users(token);
      return user !== undefined && api.authorizer.isAllowed(user, gitAccess(repository, action)) ? { name: user.name } : undefined;
    },
    async onPush(push) {
      const { plane, sources: opened } = line;
      if (plane === undefined || opened?.hosted === undefined) return { accepted: false, lines: ["the daemon is starting; push again in a moment"] };
      return judgePush(push, plane.reconciler, opened.hosted);
    },
    // The worker starts while git still packs, so that idle daemons need not keep one.
    onPushBegins: () => { line.prewarm(); },
    onUpdated: (repository) => { refresh((repoURL) => line.sources?.hosted?.nameOf(repoURL) === repository, "Push"); },
    onRevision: ({ repoURL, revision, trigger }) => { void tellNews({ repoURL, commit: revision.commit }, { api, world, tell: () => { refresh((url) => url === repoURL, trigger); } }); },
    onProblem: ({ repoURL }, { message }) => { void tellNews({ repoURL, message }, { api, world, tell: () => { refresh((url) => url === repoURL, "Poll"); } }); },
  });
  closing.add("git", () => sources.stop());
  line.sources = sources;
  if (sources.hosted === undefined) world.log.warn("git 2.31 or newer is missing: no repository is hosted here");
  return sources;
}

/** The poller tells every source once after a start, and problems at every poll: only applications that say something else need to look. */
async function tellNews(news: { readonly repoURL: string; readonly commit?: string; readonly message?: string }, to: { readonly api: ClusterApi; readonly world: World; readonly tell: () => void }): Promise<void> {
  try {
    const { items } = await to.api.client(daemonUser).list(ApplicationKind);
    if (items.some((application) => application.spec.source.repoURL === news.repoURL && saysElse(application, news))) to.tell();
  } catch (error) {
    to.world.log.warn("a new commit was not told to its applications", { repository: news.repoURL, error });
  }
}

function saysElse({ status }: Application, news: { readonly commit?: string; readonly message?: string }): boolean {
  const problem = status.conditions?.find(({ type }) => type === comparisonErrorCondition);
  return news.message === undefined ? status.sync?.revision !== news.commit || problem !== undefined : problem?.message !== news.message;
}
