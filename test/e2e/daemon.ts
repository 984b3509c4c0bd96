import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/api/http/remote-client.ts";
import type { RemoteClient } from "../../src/api/http/remote-client.ts";
import { isJsonObject } from "../../src/value/json.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";
import { parseYaml } from "../../src/value/yaml.ts";
import { root } from "../tidy/sources.ts";
import { containerProcesses, processesNaming, readProcess, sendSignal } from "./processes.ts";
import type { ProcessId } from "./processes.ts";
import { patienceMs, until } from "./until.ts";

/** A clean stop drains requests for some seconds at most. */
const stopMs = 30_000;

/** How one run of a command ended. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real daemon as a child process, on a folder of its own. */
export class TestDaemon {
  /** Beside the data: clones, caches of kubectl, and what else a user has. */
  readonly home: string;
  readonly directory: string;
  /** What the newest start printed, a line each. */
  announcement: readonly string[] = [];
  /** From the start of the process to its last line. */
  readyAfterMs = 0;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #ports: { readonly api: string; readonly web: string } = { api: "0", web: "0" };
  #client: RemoteClient | undefined;

  private constructor(home: string, flags: readonly string[]) {
    this.home = home;
    this.directory = join(home, "data");
    this.#flags = flags;
  }

  /** Starts a daemon on an empty folder. Close it, whatever happens. */
  static async start(flags: readonly string[] = []): Promise<TestDaemon> {
    const daemon = new TestDaemon(await mkdtemp(join(tmpdir(), "capstan-e2e-")), flags);
    await mkdir(daemon.home, { recursive: true });
    try {
      await daemon.start();
    } catch (error) {
      await daemon.close();
      throw error;
    }
    return daemon;
  }

  get kubeconfig(): string { return join(this.directory, "kubeconfig"); }
  get pid(): number { return this.#child?.pid ?? Number.NaN; }
  /** `http://127.0.0.1:PORT` of the page, Git and webhooks. */
  get web(): string { return new URL(this.announced("dashboard")).origin; }
  get client(): RemoteClient {
    if (this.#client === undefined) throw new Error("the daemon was never ready");
    return this.#client;
  }

  /** The address of a hosted repository, with the credentials that were announced. */
  gitUrl(name: string): string {
    const url = new URL(this.announced("git"));
    url.pathname = `/git/${name}.git`;
    return url.href;
  }

  /** What the line of this name says. */
  announced(name: string): string {
    return this.announcement.find((line) => line.startsWith(`${name} `))?.slice(name.length).trim() ?? "";
  }

  /** Starts the process: on the first ports again after a restart. */
  async start(): Promise<void> {
    const startedMs = performance.now();
    const flags = ["--data", this.directory, "--listen", `127.0.0.1:${this.#ports.api}`, "--web", `127.0.0.1:${this.#ports.web}`, ...this.#flags];
    const child = spawn(process.execPath, [join(root, "cmd", "capstan.ts"), "serve", ...flags], { cwd: this.home, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HOME: this.home } });
    this.#child = child;
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => { output.stdout += chunk.toString("utf8"); });
    child.stderr.on("data", (chunk: Buffer) => { output.stderr += chunk.toString("utf8"); });
    await until(async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the daemon ended: ${output.stderr}`);
      return /^running .*\n/m.test(output.stdout);
    }, "the daemon announces itself").catch((error: unknown) => { throw new Error(`no start: ${output.stdout}${output.stderr}`, { cause: error }); });
    this.readyAfterMs = performance.now() - startedMs;
    this.announcement = output.stdout.trimEnd().split("\n");
    const access = readAccess(await readFile(this.kubeconfig, "utf8"), this.kubeconfig);
    this.#ports = { api: new URL(access.server).port, web: new URL(this.announced("dashboard")).port };
    this.#client ??= connect({ server: access.server, ca: access.ca, credentials: { kind: "certificate", key: access.key, cert: access.cert }, userAgent: "capstan-e2e" });
  }

  /** SIGTERM: ends cleanly, and nothing but the pods is left. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = new Promise<number | null>((resolve) => { child.once("exit", resolve); });
    child.kill("SIGTERM");
    const late = AbortSignal.timeout(stopMs);
    const code = await Promise.race([ended, new Promise<string>((resolve) => { late.addEventListener("abort", () => { resolve("late"); }); })]);
    if (code === "late") child.kill("SIGKILL");
    assert.equal(code, 0, "SIGTERM ends the daemon cleanly and in time");
    assert.deepEqual(await this.#strangers(), [], "nothing but the pods runs on");
  }

  /** SIGKILL: nothing can be tidied up. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = new Promise((resolve) => { child.once("exit", resolve); });
    child.kill("SIGKILL");
    await ended;
  }

  /** The programs of containers that run now, by their pod's uid. */
  containers(): Promise<ReadonlyMap<string, readonly ProcessId[]>> {
    return containerProcesses(this.directory);
  }

  /** The private Redis of this daemon. */
  async redis(): Promise<ProcessId> {
    const text = await readFile(join(this.directory, "redis", "redis.pid"), "utf8");
    const found = await readProcess(Number(text));
    if (found === undefined) throw new Error(`no redis-server ${text.trim()}`);
    return found;
  }

  /** Runs one of Capstan's commands against this daemon. */
  capstan(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
    return runProgram(process.execPath, [join(root, "cmd", "capstan.ts"), ...words], { cwd: this.home, environment: { HOME: this.home, KUBECONFIG: this.kubeconfig, ...environment } });
  }

  /** The log's lines so far. */
  async log(): Promise<readonly JsonObject[]> {
    const text = await readFile(join(this.directory, "capstan.log"), "utf8");
    return text.split("\n").flatMap((line) => { const entry: unknown = line === "" ? undefined : JSON.parse(line); return isJsonObject(entry) ? [entry] : []; });
  }

  /** Ends everything that was started, by number, and removes the folder. */
  async close(): Promise<void> {
    await this.kill();
    await this.#client?.close();
    for (const processes of (await this.containers()).values()) for (const one of processes) sendSignal(-one.session, "SIGKILL");
    const left = await until(async () => {
      const found = await processesNaming(this.home);
      for (const one of found) sendSignal(one.pid, "SIGKILL");
      return found.length === 0;
    }, "everything of this daemon has ended", stopMs).catch((error: unknown) => error);
    const memoryFolders = await this.#memoryFolders();
    for (const folder of [this.home, ...memoryFolders]) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    if (left instanceof Error) throw left;
  }

  /** Processes of this daemon that belong to no container. */
  async #strangers(): Promise<readonly number[]> {
    const sessions = new Set([...(await this.containers()).values()].flat().map((one) => one.session));
    return (await processesNaming(this.directory)).filter((one) => !sessions.has(one.session)).map((one) => one.pid);
  }

  /** Where content of secret volumes lies in memory. */
  async #memoryFolders(): Promise<readonly string[]> {
    const pods = join(this.directory, "node", "pods");
    const folders: string[] = [];
    for (const uid of await readdir(pods).catch(() => [])) {
      const record = await readFile(join(pods, uid, "pod.json"), "utf8").then((text): unknown => JSON.parse(text)).catch(() => undefined);
      if (isJsonObject(record) && typeof record["memoryFolder"] === "string" && record["memoryFolder"].startsWith("/dev/shm/")) folders.push(record["memoryFolder"]);
    }
    return folders;
  }
}

/** Runs a program to its end. */
export function runProgram(program: string, words: readonly string[], options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>>; readonly input?: string }): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: options.cwd, env: { ...process.env, ...options.environment }, timeout: patienceMs * 2, stdio: ["pipe", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => { output.stdout += chunk.toString("utf8"); });
    child.stderr.on("data", (chunk: Buffer) => { output.stderr += chunk.toString("utf8"); });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (code) => { resolve({ code: code ?? -1, ...output }); });
  });
}

function readAccess(text: string, path: string): { readonly server: string; readonly ca: string; readonly key: string; readonly cert: string } {
  const config = parseYaml(text, path);
  const first = (list: string, inner: string): JsonObject => objectAt(objectAt(Array.isArray(objectAt(config)[list]) ? (objectAt(config)[list] as readonly Json[])[0] : undefined)[inner]);
  const cluster = first("clusters", "cluster");
  const user = first("users", "user");
  const textOf = (value: Json | undefined) => (typeof value === "string" ? value : "");
  const decode = (value: Json | undefined) => Buffer.from(textOf(value), "base64").toString("utf8");
  return { server: textOf(cluster["server"]), ca: decode(cluster["certificate-authority-data"]), key: decode(user["client-key-data"]), cert: decode(user["client-certificate-data"]) };
}

function objectAt(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
