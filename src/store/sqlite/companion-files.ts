import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { hasErrorCode } from "../../world/error-code.ts";
import { numberChecksum } from "./checksum.ts";

/** Only the daemon's user may look into the store: it holds secrets. */
const directoryMode = 0o700;
const fileMode = 0o600;

/** Makes the directory of a store, for its owner only. */
export function makeStoreDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: directoryMode });
}

/**
 * The file beside the database that says which revision was last acknowledged. It is written after the flush and never
 * flushed itself, so it is never ahead of what is durable; a database behind it has lost acknowledged writes.
 */
export class AcknowledgedFile {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(lineLength);

  constructor(directory: string) {
    this.#file = openSync(join(directory, acknowledgedName), "a+", fileMode);
    closeSync(this.#file);
    this.#file = openSync(join(directory, acknowledgedName), "r+");
  }

  write(revision: number): void {
    this.#buffer.write(`${revision} ${numberChecksum(acknowledgedName, revision)}`.padEnd(lineLength - 1).concat("\n"), "latin1");
    writeSync(this.#file, this.#buffer, 0, lineLength, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** 0 when nothing is known: no file yet, or one that a power cut left half written. */
export function readAcknowledgedRevision(directory: string): number {
  const text = readIfThere(join(directory, acknowledgedName)) ?? "";
  const [revision = 0, checksum = 0] = text.trim().split(" ").map(Number);
  return Number.isSafeInteger(revision) && numberChecksum(acknowledgedName, revision) === checksum ? revision : 0;
}

const acknowledgedName = "cluster.acknowledged";

/** Two numbers of up to 16 and 10 digits, a space and a line end. */
const lineLength = 32;

/**
 * Lengthens SQLite's write-ahead log with zeros, slice by slice. A flush of a file that grows writes its length and its place on the
 * disk too, and takes about twice as long as a flush of bytes the file already had. SQLite reads up to the first frame that is none.
 */
export class LogPreparation {
  readonly #file: number;
  readonly #sizeBytes: number;

  constructor(directory: string, sizeBytes: number) {
    this.#file = openSync(join(directory, logName), "r+");
    this.#sizeBytes = sizeBytes;
  }

  /** Adds one slice; answers whether there is more to do. Only between transactions. */
  step(): boolean {
    const { size } = fstatSync(this.#file);
    const missing = Math.min(this.#sizeBytes - size, logSlice.length);
    if (missing <= 0) return false;
    writeSync(this.#file, logSlice, 0, missing, size);
    fdatasyncSync(this.#file);
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }
}

const logName = "cluster.db-wal";

/** As much as a write can wait for: about a millisecond. */
const logSlice = new Uint8Array(262_144);

/** Names the holder of the database lock, for people; the lock itself is the operating system's and ends with its process. */
export function writeLockHolder(directory: string): void {
  writeFileSync(join(directory, lockName), `${process.pid}\n`, { mode: fileMode });
}

/** Removes the note of who has the store open. */
export function removeLockHolder(directory: string): void {
  rmSync(join(directory, lockName), { force: true });
}

/** "process 123", as far as it is known. */
export function describeLockHolder(directory: string): string {
  const pid = (readIfThere(join(directory, lockName)) ?? "").trim();
  return pid === "" ? "another process" : `process ${pid}`;
}

const lockName = "cluster.lock";

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
