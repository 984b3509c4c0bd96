import { Worker } from "node:worker_threads";

/** How long the log is and how much of it is in the database, in pages; whether some of it is being copied, or could not be. */
export interface LogState {
  readonly pages: number;
  readonly pagesCopied: number;
  readonly isCopying: boolean;
  readonly hasFailed: boolean;
}

/** Pages in the write-ahead log before it is copied into the database: 4 MB. Below 2 MB flushes of the database take more time than they save. */
export const logPagesMin = 1_024;

/**
 * What was written while the rest was copied. A log begins anew only when all of it is copied and nobody writes, so that the last of it is copied between two
 * writes: so many pages take some 2 ms, where all of them would take 10 to 30.
 */
const lastPagesMax = 256;

/** A log this long is copied between two writes, however long that takes: it grows no further where the copying thread is too slow, or is gone. */
const logPagesMax = 8 * logPagesMin;

/** What to do about the log after a write: leave it, have it copied while writing goes on, or copy what is left of it before the next write. */
export function decideCopy({ pages, pagesCopied, isCopying, hasFailed }: LogState): "leave" | "begin" | "finish" {
  if (pages >= logPagesMax || hasFailed) return "finish";
  if (pages < logPagesMin || isCopying) return "leave";
  return pages - pagesCopied <= lastPagesMax ? "finish" : "begin";
}

/** Counts copies asked for; the copying thread sleeps on it. */
export const askedBell = 0;

/** Counts copies that are done. */
export const doneBell = 1;

/** 0 while the copying thread runs, then how it ended. */
export const endedBell = 2;

/** It was told to, or was not needed any more. */
export const endedWell = 1;

/** The database could not be opened, or the disk refused a copy. */
export const endedByFault = 2;

const bells = 3;

/** In place of a count of copies asked for: the thread is to end. */
export const endAsked = -1;

/** What the copying thread is started with. */
export interface CopyThreadStart {
  /** The database file, as SQLite is told it. */
  readonly location: string;
  readonly bell: Int32Array<SharedArrayBuffer>;
}

/** How long a thread that is to end is waited for: it may be in the middle of a copy. */
const endWaitMs = 10_000;

/**
 * The disk thread's end of a thread that copies the log into the database while writing goes on. It is started when it is first needed, and ends itself when it
 * has not been for a while: a thread takes some 5 MB. Nothing depends on it: what it does not do, the disk thread does when the log has become too long.
 */
export class LogCopier {
  readonly #location: string;
  #bell: Int32Array<SharedArrayBuffer> | undefined;

  constructor(location: string) {
    this.#location = location;
  }

  get isCopying(): boolean {
    return this.#bell !== undefined && Atomics.load(this.#bell, endedBell) === 0 && Atomics.load(this.#bell, doneBell) !== Atomics.load(this.#bell, askedBell);
  }

  /** The disk refused; what it said, it says again to whoever copies next. */
  get hasFailed(): boolean {
    return this.#bell !== undefined && Atomics.load(this.#bell, endedBell) === endedByFault;
  }

  begin(): void {
    if (this.#bell === undefined || Atomics.load(this.#bell, endedBell) !== 0) this.#bell = this.#start();
    Atomics.add(this.#bell, askedBell, 1);
    Atomics.notify(this.#bell, askedBell);
  }

  /** The copy under way is finished before. */
  end(): void {
    const bell = this.#bell;
    this.#bell = undefined;
    if (bell === undefined) return;
    Atomics.store(bell, askedBell, endAsked);
    Atomics.notify(bell, askedBell);
    Atomics.wait(bell, endedBell, 0, endWaitMs);
  }

  #start(): Int32Array<SharedArrayBuffer> {
    const bell = new Int32Array(new SharedArrayBuffer(bells * Int32Array.BYTES_PER_ELEMENT));
    const start: CopyThreadStart = { location: this.#location, bell };
    new Worker(new URL("./log-copy-thread.ts", import.meta.url), { workerData: start, name: "store log" }).unref();
    return bell;
  }
}
