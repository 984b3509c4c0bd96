import type { Readable, Writable } from "node:stream";

/** A program to start. Its environment is exactly the one given. */
export interface ProcessRequest {
  /** The program, by path or by name in its environment's PATH, then its parameters. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Leads a session of its own and outlives the daemon. */
  readonly isDetached?: boolean;
}

/** How a process ended: one of the two. A process whose end could not be seen has neither. */
export interface ProcessEnd {
  readonly exitCode?: number;
  readonly signal?: string;
}

/** What a process has used. */
export interface ProcessUsage {
  /** Processor time of all its threads since it started, in milliseconds; the system counts in tens of them. */
  readonly processorMs: number;
  /** What it holds of the machine's memory now, in bytes. */
  readonly memoryBytes: number;
}

/** A process that was started. */
export interface StartedProcess {
  readonly pid: number;
  /** What it has used so far; undefined once it has ended, and where the system does not tell. */
  usage(): ProcessUsage | undefined;
  /** Resolves once, and never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal while it runs. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** A process at the other end of streams. `ended` tells of the process alone: the streams may still hold what it wrote. */
export interface PipedProcess extends StartedProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Both ways, the process' descriptor 3, which its children get too; there where it was asked for, and then `stderr` is empty. */
  readonly line: PipeLine | undefined;
}

/** A stream to read and write. */
export type PipeLine = Readable & Writable;

/** Starts processes: the one way to do so while the daemon serves. */
export interface Processes {
  /** Starts a program whose output goes to the ends of two files, and that reads nothing. Throws `StartError`. */
  startToFiles(request: ProcessRequest, files: { readonly stdout: string; readonly stderr: string }): Promise<StartedProcess>;
  /** Starts a program behind streams. Throws `StartError`. */
  startPiped(request: ProcessRequest, options?: { readonly hasLine?: boolean }): Promise<PipedProcess>;
  /** Starts nothing more; what was started runs on. */
  close(): Promise<void>;
}

/** A program that could not be started; `code` is the system's (`ENOENT`, `EACCES`). */
export class StartError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}
