import { homedir } from "node:os";
import type { UserInfo } from "../api/client.ts";
import { IsomorphicDriver } from "../sources/drivers/isomorphic.ts";
import { commandDriver } from "../sources/drivers/command.ts";
import { findGit, GitProcess } from "../sources/git-process.ts";
import { HostedRepositories } from "../sources/hosted.ts";
import type { Push } from "../sources/hosted.ts";
import type { PushUpdate, PushVerdict } from "../sources/push-gate.ts";
import { createRepositories } from "../sources/repositories.ts";
import type { SourceRepositories } from "../sources/repositories.ts";
import type { AccessAttributes } from "../api/verbs.ts";
import type { Client } from "../api/client.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";

/** Git as the daemon has it. */
export interface Git {
  readonly repositories: SourceRepositories;
  /** Undefined where the git command is missing: then nothing is hosted. */
  readonly hosted: HostedRepositories | undefined;
}

/** What the hosted repositories ask of the parts above. Set once those are there. */
export interface GitHooks {
  users: (token: string) => Promise<UserInfo | undefined>;
  isAllowed: (user: UserInfo, attributes: AccessAttributes) => boolean;
  onPush: (push: Push) => Promise<PushVerdict>;
  onUpdated: (repository: string, updates: readonly PushUpdate[]) => void;
}

/** Hooks of a daemon that is still starting: nobody may, nothing is taken. */
export function closedHooks(): GitHooks {
  return {
    users: async () => undefined, isAllowed: () => false, onUpdated: () => {},
    onPush: async () => ({ accepted: false, lines: ["the daemon is starting; push again in a moment"] }),
  };
}

/** Opens mirrors and hosted repositories. */
export async function startGit(parts: { readonly directory: string; readonly world: World; readonly client: Client; readonly hooks: GitHooks; readonly closing: Closing }): Promise<Git> {
  const { directory, world, client, hooks, closing } = parts;
  const git = new GitProcess({ clock: world.clock, path: process.env["PATH"] ?? "", home: homedir() });
  const isomorphic = new IsomorphicDriver({ clock: world.clock });
  closing.add("git reader", () => isomorphic.stop());
  const version = await findGit(git, AbortSignal.timeout(findTimeoutMs));
  const command = version === undefined ? undefined : commandDriver(git);
  const hosted = command === undefined ? undefined : new HostedRepositories({
    world, directory, git, driver: command, nodePath: process.execPath,
    checkToken: async (token, { repository, action }) => {
      const user = await hooks.users(token);
      const verb = action === "write" ? "update" : "get";
      return user !== undefined && hooks.isAllowed(user, { verb, group: "capstan.dev", resource: "repositories", name: repository }) ? { name: user.name } : undefined;
    },
    onPush: (push) => hooks.onPush(push),
    onUpdated: (repository, updates) => { hooks.onUpdated(repository, updates); },
  });
  if (hosted === undefined) world.log.warn("the git command is missing: no repository can be hosted here");
  await hosted?.start();
  closing.add("hosted repositories", () => hosted?.stop());
  const repositories = createRepositories({ client, world, directory, drivers: { isomorphic, ...(command === undefined ? {} : { command }) }, ...(hosted === undefined ? {} : { hosted }) });
  await repositories.start();
  closing.add("repositories", () => { repositories.stop(); });
  return { repositories, hosted };
}

/** `git version` answers in milliseconds; a hanging one must not keep the daemon from starting. */
const findTimeoutMs = 5_000;
