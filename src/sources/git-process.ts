import { finished } from "node:stream/promises";
import { hasErrorCode } from "../world/error-code.ts";
import type { Clock } from "../world/clock.ts";
import type { PipedProcess, Processes } from "../world/processes.ts";
import { gitEnvironment } from "./git-environment.ts";
import type { GitSettings } from "./git-environment.ts";
import { localTimeoutMs } from "./limits.ts";

/** Standard error kept for messages; git's own are a line or two. */
const stderrBytesMax = 16_384;
/** Ids and listings; blobs ask for more. */
const stdoutBytesMax = 16_777_216;
/** RLIMIT_FSIZE of a POSIX shell counts blocks of 512 bytes. */
const fileBlockBytes = 512;

/** How one git command ended. */
export interface GitResult {
  /** -1 when it was ended by a signal. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** More came than `stdoutBytesMax`; the rest was dropped and the command ended. */
  readonly isCut: boolean;
}

export interface GitRunOptions {
  readonly directory?: string;
  readonly settings?: GitSettings;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  readonly timeoutMs?: number;
  readonly stdoutBytesMax?: number;
  /** No file it writes may grow larger. */
  readonly fileBytesMax?: number;
}

/** Runs git commands: the one door to processes in this folder. */
export class GitProcess {
  readonly #clock: Clock;
  readonly #processes: Processes;
  readonly #base: { readonly path: string; readonly home: string };

  constructor(options: { readonly clock: Clock; readonly processes: Processes; readonly path: string; readonly home: string }) {
    this.#clock = options.clock;
    this.#processes = options.processes;
    this.#base = { path: options.path, home: options.home };
  }

  /** Starts git and leaves it to the caller; for serving clones and pushes, and for what answers many questions. */
  start(parameters: readonly string[], options: Pick<GitRunOptions, "directory" | "settings" | "environment" | "fileBytesMax"> & { readonly hasLine?: boolean } = {}): Promise<PipedProcess> {
    const environment = { ...gitEnvironment(this.#base, options.settings), ...options.environment };
    const words = ["git", ...(options.directory === undefined ? [] : [`--git-dir=${options.directory}`]), ...parameters];
    const command = options.fileBytesMax === undefined ? words : ["/bin/sh", "-c", 'ulimit -f "$0"; exec "$@"', String(Math.ceil(options.fileBytesMax / fileBlockBytes)), ...words];
    return this.#processes.startPiped({ command, environment, directory: "/" }, { hasLine: options.hasLine === true });
  }

  /** Runs git to its end. Throws when git is not there, or with the signal's reason; a bad exit code is an answer. */
  async run(parameters: readonly string[], options: GitRunOptions, signal: AbortSignal): Promise<GitResult> {
    signal.throwIfAborted();
    const child = await this.start(parameters, options);
    const timeoutMs = options.timeoutMs ?? localTimeoutMs;
    let endReason: Error | undefined;
    const end = (reason: Error) => { endReason ??= reason; child.kill("SIGKILL"); };
    const onAbort = () => { end(signal.reason instanceof Error ? signal.reason : new Error("aborted")); };
    signal.addEventListener("abort", onAbort, { once: true });
    const cancelTimeout = this.#clock.after(timeoutMs, () => { end(new GitTimeoutError(`git ${parameters[0] ?? ""} took longer than ${timeoutMs} ms`)); });
    try {
      const result = await collect(child, options);
      if (endReason !== undefined) throw endReason;
      return result;
    } finally {
      cancelTimeout();
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** A git command was given up after its time. */
export class GitTimeoutError extends Error {
  readonly code = "Timeout";
}

/** Asks whether the git command is there and new enough for what is used of it; answers its version. */
export async function findGit(process: GitProcess, signal: AbortSignal): Promise<string | undefined> {
  try {
    const result = await process.run(["version"], {}, signal);
    const found = /git version (\d+)\.(\d+)\S*/u.exec(result.stdout.toString("utf8"));
    if (found === null) return undefined;
    // GIT_CONFIG_COUNT came with git 2.31.
    const isNewEnough = Number(found[1]) > 2 || (Number(found[1]) === 2 && Number(found[2]) >= 31);
    return isNewEnough ? found[0].slice("git version ".length) : undefined;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function collect(child: PipedProcess, options: GitRunOptions): Promise<GitResult> {
  const limit = options.stdoutBytesMax ?? stdoutBytesMax;
  const chunks: Buffer[] = [];
  let size = 0;
  let stderr = "";
  let isCut = false;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else if (!isCut) { isCut = true; child.kill("SIGKILL"); }
  });
  child.stderr.on("data", (chunk: Buffer) => { if (stderr.length < stderrBytesMax) stderr += chunk.toString("utf8"); });
  // A command that ends before it has read all of its input breaks the pipe; its exit code says why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [{ exitCode }] = await Promise.all([child.ended, finished(child.stdout, { writable: false }), finished(child.stderr, { writable: false })]);
  return { exitCode: exitCode ?? -1, stdout: Buffer.concat(chunks), stderr, isCut };
}
