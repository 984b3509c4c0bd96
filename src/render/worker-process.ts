import { fileURLToPath } from "node:url";
import type { PipedProcess, ProcessEnd, Processes, ProcessUsage } from "../world/processes.ts";
import { workerLifeMs, workerSemiMib, workerStackKib } from "./limits.ts";
import { FrameReader, unpackResponse } from "./wire.ts";
import type { WireResponse } from "./wire.ts";

/** What is kept of what a worker complains: V8 says at its end why it ends. */
const complaintMax = 8_192;
/**
 * No core file for a worker that ends for its memory; the stack its flag counts on, where the system gives less by itself; and an end for one whose daemon was
 * killed: nobody else would stop its loop.
 */
const limitWords = ["/bin/sh", "-c", 'ulimit -c 0; [ "$(ulimit -s)" = unlimited ] || [ "$(ulimit -s)" -ge 8192 ] || ulimit -s 8192; ulimit -t "$0"; exec "$@"', String(workerLifeMs / 1_000)];

/** What a worker tells. */
export interface WorkerListener {
  answered(response: WireResponse): void;
  /** It is there no more, and `end` did not ask for it. */
  ended(why: { readonly isOutOfMemory: boolean; readonly message: string }): void;
}

/**
 * A process that renders. Not a thread: V8 ends the whole process of a thread whose heap is full, whatever bounds the thread has, and a chart must
 * never end the daemon.
 */
export class WorkerProcess {
  readonly #listener: WorkerListener;
  readonly #started: Promise<PipedProcess | undefined>;
  #child: PipedProcess | undefined;
  #complaint = "";
  #isEnding = false;

  constructor(processes: Processes, { heapMaxMib, listener }: { readonly heapMaxMib: number; readonly listener: WorkerListener }) {
    this.#listener = listener;
    const flags = [`--max-old-space-size=${heapMaxMib}`, `--max-semi-space-size=${workerSemiMib}`, `--stack-size=${workerStackKib}`, "--v8-pool-size=1", "--no-warnings"];
    const program = fileURLToPath(new URL("./render-worker.ts", import.meta.url));
    this.#started = processes.startPiped({ command: [...limitWords, process.execPath, ...flags, program], environment: { MALLOC_ARENA_MAX: "1" }, directory: "/" }).then(
      (child) => this.#begin(child),
      (error: unknown) => {
        this.#tellEnd(false, error instanceof Error ? error.message : String(error));
        return undefined;
      },
    );
  }

  /** Sends the parts of a frame. */
  send(parts: readonly Uint8Array[]): void {
    void this.#started.then((child) => {
      if (child === undefined || this.#isEnding) return;
      child.stdin.cork();
      for (const part of parts) child.stdin.write(part);
      child.stdin.uncork();
    });
  }

  /** What it has used so far; undefined before it runs, and where the system does not tell. */
  usage(): ProcessUsage | undefined {
    return this.#child?.usage();
  }

  /** Ends it at once, whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const child = await this.#started;
    child?.kill("SIGKILL");
    await child?.ended;
  }

  #begin(child: PipedProcess): PipedProcess {
    this.#child = child;
    const reader = new FrameReader();
    child.stdin.on("error", () => { /* It ended; that is told below. */ });
    child.stdout.on("data", (piece: Buffer) => { for (const frame of reader.push(piece)) if (!this.#isEnding) this.#listener.answered(unpackResponse(frame)); });
    child.stderr.on("data", (piece: Buffer) => { this.#complaint = (this.#complaint + piece.toString("utf8")).slice(-complaintMax); });
    const isSilent = new Promise((resolve) => { child.stderr.once("close", resolve); });
    void Promise.all([child.ended, isSilent]).then(([end]) => { this.#tellEnd(/out of memory|heap limit/i.test(this.#complaint), describeEnd(end, this.#complaint)); });
    return child;
  }

  #tellEnd(isOutOfMemory: boolean, message: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#listener.ended({ isOutOfMemory, message });
  }
}

function describeEnd({ exitCode, signal }: ProcessEnd, complaint: string): string {
  const how = signal === undefined ? (exitCode === undefined ? "in a way nobody saw" : `with code ${exitCode}`) : `by ${signal}`;
  const [first = ""] = complaint.split("\n").filter((line) => /error/i.test(line));
  return `a worker ended by itself, ${how}${first === "" ? "" : `: ${first.trim()}`}`;
}
