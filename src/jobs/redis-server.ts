import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { World } from "../world/world.ts";

/** Paths of unix sockets end at 107 bytes on Linux and 103 elsewhere; with room for what Redis appends. */
const socketPathMax = 100;

/** A start that takes longer has failed; loading the append-only file of our few jobs takes milliseconds. */
const readyWaitMs = 10_000;

const pollMs = 20;

/** Pause before a server that died is started again; doubles up to the last. */
const restartFirstMs = 100;
const restartLastMs = 10_000;

/** A server that ran this long was well: the next pause starts small again. */
const wellAfterMs = 30_000;

/** Grace between TERM and KILL. */
const stopWaitMs = 5_000;

/** The daemon's own Redis. */
export interface PrivateRedis {
  /** Path of its unix socket: the address for the redis driver. */
  readonly address: string;
  readonly pid: number | undefined;
  close(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** Holds its configuration, socket, pid and data; made with mode 700 when missing. */
  readonly directory: string;
  readonly world: World;
  /** Where to look for programs; PATH of the daemon. */
  readonly searchPath: string;
}

/** Finds the redis-server program; undefined when it is not installed. */
export function findRedisServer(searchPath: string): string | undefined {
  return searchPath.split(delimiter).filter((folder) => folder !== "").map((folder) => join(folder, "redis-server")).find(isExecutable);
}

/**
 * Starts a Redis that only this daemon can reach, keeps it running, stops it at close.
 * Takes over one that a daemon which crashed left behind. undefined when redis-server is not installed.
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis | undefined> {
  const program = findRedisServer(options.searchPath);
  if (program === undefined) return undefined;
  const server = new PrivateRedisServer(program, options);
  await server.start();
  return server;
}

class PrivateRedisServer implements PrivateRedis {
  readonly address: string;
  readonly #program: string;
  readonly #directory: string;
  readonly #socketDirectory: string;
  readonly #world: World;
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;
  #adoptedPid: number | undefined;
  #watching: Promise<void> | undefined;

  constructor(program: string, { directory, world }: PrivateRedisOptions) {
    this.#program = program;
    this.#directory = directory;
    this.#world = world;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    const socket = join(directory, "redis.sock");
    this.#socketDirectory = Buffer.byteLength(socket) <= socketPathMax ? directory : shortDirectory(directory);
    this.address = join(this.#socketDirectory, "redis.sock");
  }

  get pid(): number | undefined {
    return this.#adoptedPid ?? this.#child?.pid;
  }

  async start(): Promise<void> {
    const left = readPid(this.#pidFile);
    if (left !== undefined && isRedis(left)) {
      if (await answers(this.address)) {
        this.#adoptedPid = left;
        this.#world.log.info("took over the running redis-server", { pid: left });
      } else {
        await this.#end(left);
      }
    }
    if (this.#adoptedPid === undefined) await this.#launchRepaired();
    this.#watching = this.#watch();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("closing"));
    await this.#watching;
    const { pid } = this;
    if (pid !== undefined) await this.#end(pid);
    rmSync(this.#pidFile, { force: true });
    if (this.#socketDirectory !== this.#directory) rmSync(this.#socketDirectory, { recursive: true, force: true });
  }

  get #pidFile(): string {
    return join(this.#directory, "redis.pid");
  }

  /** A server that ends at once cannot read its file: it begins without, since jobs are handed over again from the store. The file is kept for who wants to know. */
  async #launchRepaired(): Promise<void> {
    try {
      await this.#launch();
    } catch (error) {
      const data = join(this.#directory, "appendonlydir");
      if (this.#child?.exitCode !== 1 || !existsSync(data)) throw error;
      const aside = `${data}.damaged`;
      rmSync(aside, { recursive: true, force: true });
      renameSync(data, aside);
      this.#world.log.warn("redis-server could not start on its data; it begins anew, jobs come from the store", { error, kept: aside });
      await this.#launch();
    }
  }

  async #launch(): Promise<void> {
    const configuration = join(this.#directory, "redis.conf");
    writeFileSync(configuration, printConfiguration({ directory: this.#directory, socket: this.address, pidFile: this.#pidFile }), { mode: 0o600 });
    rmSync(this.address, { force: true });
    // Its own session: Ctrl-C in the terminal reaches the daemon, which then stops Redis when its jobs are done.
    const child = spawn(this.#program, [configuration], { stdio: "ignore", detached: true });
    child.on("error", (error) => { this.#world.log.error("redis-server cannot be started", { error }); });
    child.unref();
    this.#child = child;
    this.#adoptedPid = undefined;
    const deadlineMs = this.#world.clock.monotonicMs() + readyWaitMs;
    while (!(await answers(this.address))) {
      if (child.exitCode !== null || child.pid === undefined || this.#world.clock.monotonicMs() > deadlineMs) {
        child.kill("SIGKILL");
        throw new Error(`redis-server did not start; its own words are in ${join(this.#directory, "redis.log")}`);
      }
      await this.#world.clock.sleep(pollMs);
    }
  }

  /** Starts it again whenever it ends, until close. */
  async #watch(): Promise<void> {
    const { clock, log } = this.#world;
    let pauseMs = restartFirstMs;
    while (!this.#closing.signal.aborted) {
      const startedMs = clock.monotonicMs();
      await this.#untilEnded();
      if (this.#closing.signal.aborted) return;
      if (clock.monotonicMs() - startedMs > wellAfterMs) pauseMs = restartFirstMs;
      log.warn("redis-server ended and is started again", { pid: this.pid, afterMs: pauseMs });
      await clock.sleep(pauseMs, this.#closing.signal).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, restartLastMs);
      if (this.#closing.signal.aborted) return;
      await this.#launch().catch((error: unknown) => { log.error("redis-server could not be started again", { error }); });
    }
  }

  async #untilEnded(): Promise<void> {
    const child = this.#child;
    if (this.#adoptedPid !== undefined) {
      // Not our child: its end can only be seen by looking.
      while (!this.#closing.signal.aborted && isRedis(this.#adoptedPid)) await this.#world.clock.sleep(adoptedPollMs, this.#closing.signal).catch(() => {});
      return;
    }
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => { resolve(); });
      this.#closing.signal.addEventListener("abort", () => { resolve(); }, { once: true });
    });
  }

  async #end(pid: number): Promise<void> {
    const { clock } = this.#world;
    const deadlineMs = clock.monotonicMs() + stopWaitMs;
    signalProcess(pid, "SIGTERM");
    while (isRedis(pid)) {
      if (clock.monotonicMs() > deadlineMs) signalProcess(pid, "SIGKILL");
      await clock.sleep(pollMs);
    }
  }
}

/** How often a taken-over server is looked at. */
const adoptedPollMs = 500;

/** The private server's configuration: reachable through its socket only, durable within a second, never drops a job for memory. */
function printConfiguration({ directory, socket, pidFile }: { readonly directory: string; readonly socket: string; readonly pidFile: string }): string {
  const quoted = (path: string) => JSON.stringify(path);
  return [
    "port 0", `unixsocket ${quoted(socket)}`, "unixsocketperm 700", `dir ${quoted(directory)}`, `pidfile ${quoted(pidFile)}`, `logfile ${quoted(join(directory, "redis.log"))}`,
    "appendonly yes", "appendfsync everysec", 'save ""', "maxmemory-policy noeviction", "daemonize no", "databases 1", "",
  ].join("\n");
}

/** A short folder of our own for the socket; named after nothing, so that nobody can prepare it. */
function shortDirectory(directory: string): string {
  const note = join(directory, "socket-directory");
  try {
    const noted = readFileSync(note, "utf8").trim();
    accessSync(noted, constants.W_OK);
    return noted;
  } catch {
    const made = mkdtempSync(join(tmpdir(), "capstan-"));
    writeFileSync(note, `${made}\n`, { mode: 0o600 });
    return made;
  }
}

/** Asks PING through the socket. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const end = (isAnswering: boolean) => { socket.destroy(); resolve(isAnswering); };
    socket.setTimeout(1_000, () => { end(false); });
    socket.on("error", () => { end(false); });
    socket.on("connect", () => { socket.write("PING\r\n"); });
    socket.on("data", (data) => { end(data.toString("latin1").startsWith("+PONG")); });
    socket.on("end", () => { end(false); });
  });
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "latin1").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** True while the process runs and is a redis-server, as far as this system says: a pid may have been given to another program. */
function isRedis(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    return status.includes("(redis-server)") && !status.includes(") Z ");
  } catch {
    return true;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile, which is what was wanted.
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
