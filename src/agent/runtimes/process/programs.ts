import { finished } from "node:stream/promises";
import { hasErrorCode } from "../../../world/error-code.ts";
import type { PipedProcess, Processes, StartedProcess } from "../../../world/processes.ts";

/** How a short program ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A program to start here. Without an environment it gets the daemon's own. */
export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Output of helpers and exec probes beyond this is dropped (kubernetes pkg/probe/exec maxReadLength 10 KiB). */
const outputMaxBytes = 10_240;
/** A program ended by a signal answers 128 + its number as a shell does; of those ended here it is always SIGKILL. */
export const killedCode = 137;
/** A helper that tries what this machine can do. */
const trialTimeoutMs = 5_000;

/** Starts the node's programs. Every one leads a session of its own, so that a signal reaches all it started. */
export class Programs {
  readonly #processes: Processes;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Starts a program that may outlive this process; its output goes to the ends of files. */
  startDetached(command: readonly string[], { stdout, stderr, ...options }: ProgramOptions & { readonly stdout: string; readonly stderr: string }): Promise<StartedProcess> {
    return this.#processes.startToFiles(requestOf(command, options), { stdout, stderr });
  }

  /** Starts a program whose input and output are piped here. */
  startPiped(command: readonly string[], options: ProgramOptions): Promise<PipedProcess> {
    return this.#processes.startPiped(requestOf(command, options));
  }

  /** Runs a short program to its end; the signal kills it with all it started. Throws when it cannot be started. */
  async run(command: readonly string[], { signal, ...options }: ProgramOptions & { readonly signal: AbortSignal }): Promise<Ended> {
    const child = await this.startPiped(command, options);
    let output = "";
    const take = (chunk: Buffer) => { if (output.length < outputMaxBytes) output += chunk.toString("utf8"); };
    child.stdin.on("error", () => undefined);
    child.stdin.end();
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const letLive = killOnAbort(child, signal);
    try {
      const said = [child.stdout, child.stderr].map((stream) => finished(stream, { writable: false }).catch((error: unknown) => { if (!signal.aborted) throw error; }));
      const [{ exitCode }] = await Promise.all([child.ended, ...said]);
      signal.throwIfAborted();
      return { code: exitCode ?? killedCode, output: output.slice(0, outputMaxBytes) };
    } finally {
      letLive();
    }
  }

  /** True when a helper program is there and ends with 0. */
  async succeeds(command: readonly string[]): Promise<boolean> {
    try {
      return (await this.run(command, { signal: AbortSignal.timeout(trialTimeoutMs) })).code === 0;
    } catch {
      return false;
    }
  }
}

function requestOf(command: readonly string[], { env = process.env, cwd = process.cwd() }: ProgramOptions): Parameters<Processes["startPiped"]>[0] {
  const environment = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return { command, environment, directory: cwd, isDetached: true };
}

/** Kills a program with all it started once the signal aborts, and lets go of its output. Answers what ends that. */
export function killOnAbort(child: PipedProcess, signal: AbortSignal): () => void {
  const kill = (): void => {
    killQuietly(-child.pid, "SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  return () => { signal.removeEventListener("abort", kill); };
}

/** Sends a signal; false when there is nobody to get it. */
export function killQuietly(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // Somebody who may not be signalled is there.
    if (hasErrorCode(error, "EPERM")) return true;
    if (hasErrorCode(error, "ESRCH")) return false;
    throw error;
  }
}
