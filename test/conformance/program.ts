import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How one run of a client's program ended. */
export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client of the API, such as kubectl, bound to one kubeconfig. */
export interface Program {
  /** Runs to the end; never throws for a failing command. */
  run(args: readonly string[], input?: string): Promise<ProgramRun>;
  /** Runs and answers stdout; throws with what it said when it fails. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** Runs until a line of stdout matches, then ends it; answers the lines. Throws when it ends before. */
  until(args: readonly string[], isLast: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
}

/** Where programs of this name lie in the PATH, the first one first. */
export function findInPath(name: string): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

/** Time for one command: all of them answer within a second on a quiet machine. */
const commandTimeoutMs = 30_000;

/** Binds a program to a kubeconfig, of its folder where none is named, and the folder for its caches. */
export function useProgram(path: string, directory: string, { kubeconfig = join(directory, "kubeconfig"), environment = {} }: { readonly kubeconfig?: string | undefined; readonly environment?: Readonly<Record<string, string>> } = {}): Program {
  const options = { env: { ...environment, PATH: process.env["PATH"], HOME: directory, KUBECONFIG: kubeconfig, KUBECTL_EXTERNAL_DIFF: "diff -u -N" } };
  const run = (args: readonly string[], input?: string) => new Promise<ProgramRun>((resolve) => {
    const child = execFile(path, args, { ...options, timeout: commandTimeoutMs, maxBuffer: 32 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr });
    });
    // A command that fails at once may end before its input is written.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });
  return {
    run,
    async ok(args, input) {
      const { code, stdout, stderr } = await run(args, input);
      if (code !== 0) throw new Error(`${path} ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
      return stdout;
    },
    until: (args, isLast) => new Promise((resolve, reject) => {
      const child = spawn(path, args, { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: commandTimeoutMs });
      let stdout = "";
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => { stderr += chunk.toString(); });
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        // What follows the last line break is not said to its end yet.
        const lines = stdout.split("\n").slice(0, -1).filter((line) => line !== "");
        if (!isLast(lines)) return;
        resolve(lines);
        child.kill();
      });
      child.once("close", () => { reject(new Error(`${path} ${args.join(" ")} ended early: ${stderr}${stdout}`)); });
    }),
  };
}
