import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Later than this a daemon has not started. */
const startTimeoutMs = 30_000;

/** A daemon of the benchmark's own, started as `npm start` starts it. */
export interface BenchDaemon {
  readonly directory: string;
  /** Empty without the demo. */
  readonly gitUrl: string;
  readonly kubeconfig: string;
  /** From the start of the process to the line that says it serves. */
  readonly startMs: number;
  /** The daemon's own process, below the one that set the machine up. */
  readonly pid: number;
  /** Longest and 99th percentile stay of the daemon's event loop since the last call, in milliseconds. */
  readLoop(): Promise<{ readonly maxMs: number; readonly p99Ms: number }>;
  /** Stops the daemon; its files stay, and its pods run on. */
  stop(): Promise<void>;
}

/** An empty directory of the benchmark's own, and how to remove it with the pods that run in it. */
export function benchDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "capstan-bench-"));
  const remove = () => {
    leftovers.directories.delete(path);
    endPods(path);
    rmSync(path, { recursive: true, force: true });
  };
  leftovers.directories.set(path, remove);
  return { path, remove };
}

/** What a benchmark that is broken off has to take away. */
const leftovers = { isEnding: false, daemons: new Map<ChildProcess, () => Promise<void>>(), directories: new Map<string, () => void>() };

/** Exit code of a program that SIGINT ended, as shells count. */
const interruptedCode = 130;

/** Ends the daemons and removes the directories when the benchmark is told to end before its time; a second signal ends it at once. */
export function endWithSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => { void endAll(); });
}

async function endAll(): Promise<void> {
  leftovers.isEnding = true;
  await Promise.allSettled([...leftovers.daemons.values()].map((stop) => stop()));
  for (const remove of leftovers.directories.values()) remove();
  process.exit(interruptedCode);
}

/** Pods outlive their daemon; each is a session of its own, led by a process that names the directory. */
function endPods(directory: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      if (pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${directory}/node/pods/`)) process.kill(-pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

/** How a daemon differs from one that `npm start` starts. */
export interface BenchDaemonOptions {
  readonly flags?: readonly string[];
  /** The one core it may use. */
  readonly core?: number;
}

/** Starts a daemon on a data directory and free ports, as `npm start` does. */
export async function startBenchDaemon(directory: string, { flags = [], core }: BenchDaemonOptions = {}): Promise<BenchDaemon> {
  // The process is about to end: whoever measures need not hear of it.
  if (leftovers.isEnding) return new Promise(() => {});
  const startedMs = performance.now();
  const [command, ...words] = [...(core === undefined ? [] : ["taskset", "-c", String(core)]), process.execPath, join(root, "cmd/setup.mjs"), "start"];
  const child = spawn(command, [...words, "--data", directory, "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--node", "bench", ...flags], {
    cwd: root, stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import=${new URL("loop-probe.mjs", import.meta.url).href}`, CAPSTAN_BENCH_LOOP: join(directory, "loop.json") },
  });
  const stop = async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    leftovers.daemons.delete(child);
  };
  leftovers.daemons.set(child, stop);
  const lines = await untilServing(child);
  const startMs = performance.now() - startedMs;
  const pid = childrenOf(child.pid ?? 0)[0];
  if (pid === undefined) throw new Error("the daemon's process was not found");
  const gitUrl = lines.get("git") ?? "";
  const kubeconfig = lines.get("kubeconfig");
  if (kubeconfig === undefined) throw new Error("the daemon did not say where its API is");
  return {
    directory, gitUrl, kubeconfig, startMs, pid,
    readLoop: () => readLoop(pid, join(directory, "loop.json")),
    stop,
  };
}

/** Processes a process has started. @see proc(5), /proc/pid/task/tid/children */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter((word) => word !== "").map(Number);
}

async function untilServing(child: ChildProcess): Promise<ReadonlyMap<string, string>> {
  if (child.stdout === null || child.stderr === null) throw new Error("the daemon has no output");
  const lines = new Map<string, string>();
  const told: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => { told.push(line); });
  const reader = createInterface({ input: child.stdout });
  const timer = setTimeout(() => { child.kill("SIGTERM"); }, startTimeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      reader.on("line", (line) => {
        const [name = "", ...words] = line.split(/\s+/);
        lines.set(name, words.join(" "));
        if (name === "running") resolve();
      });
      child.once("exit", (code) => { reject(new Error(`the daemon ended with ${String(code)}: ${told.join("\n")}`)); });
      child.once("error", reject);
    });
  } finally {
    clearTimeout(timer);
  }
  return lines;
}

async function readLoop(pid: number, file: string): Promise<{ readonly maxMs: number; readonly p99Ms: number }> {
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  for (let tries = 0; tries < 100; tries++) {
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    try {
      return JSON.parse(readFileSync(file, "utf8")) as { readonly maxMs: number; readonly p99Ms: number };
    } catch {
      // Not written yet.
    }
  }
  throw new Error("the daemon's event loop was not measured");
}
