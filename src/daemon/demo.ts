import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readDemoFiles } from "../../charts/demo-files.ts";
import { gitGroup } from "../api/access/bootstrap-roles.ts";
import type { Client } from "../api/client.ts";
import { writePrivateFile } from "../api/http/pki.ts";
import { createToken } from "../api/http/tokens.ts";
import { isApiError } from "../model/api-error.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import type { HostedRepositories } from "../sources/hosted.ts";
import type { World } from "../world/world.ts";

/** Name of the demo's repository and application. */
const demoName = "demo";

/** Makes the hosted repository and the application of the demo; what exists stays as it is. */
export async function seedDemo(hosted: HostedRepositories, client: Client): Promise<void> {
  const files = new Map([...await readDemoFiles()].map(([path, text]) => [path, new TextEncoder().encode(text)] as const));
  await hosted.seed(demoName, files, "Begin with an example application");
  const metadata = { name: demoName, namespace: "default" };
  await orExisting(client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata, spec: { hosted: true }, status: {} }));
  await orExisting(client.create(ApplicationKind, {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata, status: {},
    spec: {
      source: { repoURL: `capstan://${demoName}`, targetRevision: "main", path: "app" }, destination: { namespace: "default" },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  }));
}

/** The demo's clone URL with a token for Git; the token of an earlier start is kept. */
export async function writeGitUrl(file: string, origin: string, client: Client, world: World): Promise<string> {
  const token = await readToken(file) ?? (await createToken(client, world, { user: `git:${demoName}`, groups: [gitGroup] })).token;
  const url = new URL(`${origin}/git/${demoName}.git`);
  url.username = "git";
  url.password = token;
  await writePrivateFile(file, `${url.href}\n`);
  return url.href;
}

/** Where the clone URL lies. */
export function gitUrlFile(dataDirectory: string): string {
  return join(dataDirectory, "git-url");
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return new URL((await readFile(file, "utf8")).trim()).password || undefined;
  } catch {
    // There is none yet, or it was damaged by hand: a new one is made.
    return undefined;
  }
}

async function orExisting(created: Promise<unknown>): Promise<void> {
  try {
    await created;
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
  }
}
