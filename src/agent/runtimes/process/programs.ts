import type { ChildProcess, ChildProcessWithoutNullStreams, SpawnOptions } from "node:child_process";
import { execFile, spawn } from "node:child_process";

export type { ChildProcess };

/** How a short program ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Output of helpers and exec probes beyond this is dropped (kubernetes pkg/probe/exec maxReadLength 10 KiB). */
const outputMaxBytes = 10_240;

/** Starts a program that may outlive this process: own session, no pipes. */
export function startDetached(command: readonly string[], options: Pick<SpawnOptions, "env" | "cwd" | "stdio">): ChildProcess {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { ...options, detached: true });
  child.unref();
  return child;
}

/** Starts a program whose input and output are piped here, in its own process group. */
export function startPiped(command: readonly string[], options: Pick<SpawnOptions, "env" | "cwd">): ChildProcessWithoutNullStreams {
  const [file = "", ...args] = command;
  return spawn(file, args, { ...options, detached: true, stdio: ["pipe", "pipe", "pipe"] });
}

/** Runs a short program to its end, in its own process group; the signal kills the whole group. Throws when it cannot be started. */
export function runProgram(command: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly signal: AbortSignal }): Promise<Ended> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...(options.env === undefined ? {} : { env: options.env }), ...(options.cwd === undefined ? {} : { cwd: options.cwd }), detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer) => { if (output.length < outputMaxBytes) output += chunk.toString("utf8"); };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const kill = () => {
      if (child.pid !== undefined) killQuietly(-child.pid, "SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
    };
    options.signal.addEventListener("abort", kill, { once: true });
    child.once("error", (error) => { options.signal.removeEventListener("abort", kill); reject(error); });
    child.once("close", (code) => {
      options.signal.removeEventListener("abort", kill);
      if (options.signal.aborted) reject(options.signal.reason as Error);
      else resolve({ code: code ?? 137, output: output.slice(0, outputMaxBytes) });
    });
    if (options.signal.aborted) kill();
  });
}

/** True when a helper program is there and ends with 0. */
export function succeeds(command: readonly string[]): Promise<boolean> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => { execFile(file, args, { timeout: 5_000 }, (error) => { resolve(error === null); }); });
}

/** Sends a signal; false when there is nobody to get it. */
export function killQuietly(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return error.code === "EPERM";
    throw error;
  }
}
