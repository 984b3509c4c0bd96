import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { commandDriver } from "../../../src/sources/drivers/command.ts";
import type { GitDriver } from "../../../src/sources/git-driver.ts";
import { GitProcess } from "../../../src/sources/git-process.ts";
import { HostedRepositories } from "../../../src/sources/hosted.ts";
import type { Push } from "../../../src/sources/hosted.ts";
import type { SourceLimits } from "../../../src/sources/limits.ts";
import type { PushUpdate, PushVerdict } from "../../../src/sources/push-gate.ts";
import { ObjectReader } from "../../../src/sources/object-reader.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import type { World } from "../../../src/world/world.ts";

export const token = "token-of-the-test";
export const world: World = { clock: realClock, chance: realChance, log: silentLog };
export const forever = new AbortController().signal;

export interface ClientResult { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** A real hosted server on loopback, and a real git client beside it. */
export interface Fixture {
  readonly directory: string;
  readonly git: GitProcess;
  readonly driver: GitDriver;
  readonly hosted: HostedRepositories;
  readonly origin: string;
  readonly requests: string[];
  readonly updated: { readonly repository: string; readonly updates: readonly PushUpdate[] }[];
  /** Resolves once so many pushes were told: the pusher does not wait for that. */
  whenUpdated(count: number): Promise<void>;
  /** Set by a test to judge pushes. */
  judge: (push: Push) => Promise<PushVerdict>;
  url(name: string, withToken?: boolean): string;
  /** The user's own git. */
  client(parameters: readonly string[], options?: { readonly cwd?: string; readonly input?: string }): Promise<ClientResult>;
  /** As `client`, and the command must succeed. */
  ok(parameters: readonly string[], options?: { readonly cwd?: string; readonly input?: string }): Promise<string>;
}

export async function startFixture(context: TestContext, options: { readonly limits?: Partial<SourceLimits>; readonly verdictTimeoutMs?: number } = {}): Promise<Fixture> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-git-"));
  const processes = startProcesses();
  const git = new GitProcess({ clock: realClock, processes, path: process.env["PATH"] ?? "", home: directory });
  const reader = new ObjectReader({ git, clock: realClock });
  const driver = commandDriver(git, reader);
  const updated: Fixture["updated"] = [];
  const requests: string[] = [];
  const waiters = new Set<() => void>();
  const fixture = { judge: async (_push: Push): Promise<PushVerdict> => ({ accepted: true, lines: ["fine"] }) };
  const hosted = new HostedRepositories({
    world, directory: join(directory, "repositories"), git, driver, ...options,
    checkToken: async (given) => given === token ? { name: "tester" } : undefined,
    onPush: (push) => fixture.judge(push),
    onUpdated: (repository, updates) => { updated.push({ repository, updates }); for (const wake of waiters) wake(); },
  });
  await hosted.start();
  const server = createServer((request, response) => { requests.push(`${request.method} ${request.url}`); void hosted.handle(request, response); });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  hosted.setOrigins([origin]);
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
    hosted.stop();
    reader.stop();
    await processes.close();
    await rm(directory, { recursive: true, force: true });
  });
  const client = (parameters: readonly string[], { cwd = directory, input = "" }: { readonly cwd?: string; readonly input?: string } = {}) => new Promise<ClientResult>((resolve) => {
    const child = execFile("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...parameters], {
      cwd, maxBuffer: 64e6, env: { PATH: process.env["PATH"], HOME: directory, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C", GIT_CONFIG_GLOBAL: "/dev/null" },
    }, (error, stdout, stderr) => { resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }); });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
  return Object.assign(fixture, {
    directory, git, driver, hosted, origin, updated, requests, client,
    whenUpdated: (count: number) => new Promise<void>((resolve) => {
      const check = () => { if (updated.length >= count) { waiters.delete(check); resolve(); } };
      waiters.add(check);
      check();
    }),
    url: (name: string, withToken = true) => withToken ? `${origin.replace("://", `://anyone:${token}@`)}/git/${name}.git` : `${origin}/git/${name}.git`,
    async ok(parameters: readonly string[], given: { readonly cwd?: string; readonly input?: string } = {}) {
      const result = await client(parameters, given);
      if (result.exitCode !== 0) throw new Error(`git ${parameters.join(" ")}: ${result.stderr}`);
      return result.stdout.trim();
    },
  });
}

export function filesOf(files: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}
