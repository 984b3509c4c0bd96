import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { World } from "../../world/world.ts";
import { GroupedStore } from "../grouped-store.ts";
import { damagedError } from "../sqlite/damaged-error.ts";
import { askedBell, bells, doneBell } from "../sqlite/protocol.ts";
import type { DatabaseOptions, StoredBatch, ThreadAnswer, ThreadRequest, ThreadStart } from "../sqlite/protocol.ts";
import { packedBuffers, packRecords, unpackRecords } from "../sqlite/record.ts";
import type { StoredRecord } from "../sqlite/record.ts";
import type { RecordIndex } from "../sqlite/record-index.ts";
import { Restoration } from "../sqlite/restore.ts";
import type { RestoredStore } from "../sqlite/restore.ts";
import type { SealOptions } from "../sqlite/seal.ts";
import { StoreError } from "../store.ts";
import type { Store } from "../store.ts";
import type { Batch, Writer } from "../writer.ts";

/** Dead records removed along with one batch: about a millisecond of work, so that no commit waits long for the cleaning. */
const deadPerBatchMax = 256;

/** Values of most batches fit in here; written once and read once, memory of their own would lie about in both threads until each collects its garbage. */
const sharedBytes = 1_048_576;

export interface SqliteStoreOptions {
  /** Holds `cluster.db` and the files beside it; made when it is missing. */
  readonly directory: string;
  readonly world: Pick<World, "log" | "clock">;
  /** A file that would grow beyond this stops the store, as a full disk does. */
  readonly sizeMaxBytes?: number;
  /** Which values are kept sealed on the disk; none when absent. What lies there plain, or sealed with an older key, is sealed at open. */
  readonly seal?: SealOptions;
}

/**
 * Opens the store of this directory. A thread of its own writes and flushes; reads never touch the disk.
 * Throws StoreError "damaged", "locked" (another process has it open), "newer" (written by a newer Capstan), "sealed" (its key is missing) or "stopped" (the disk refuses).
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { directory, world, sizeMaxBytes, seal } = options;
  const startedMs = world.clock.monotonicMs();
  const reader = new PageReader(join(directory, "cluster.db"));
  const thread = new DiskThread({ directory, ...(sizeMaxBytes === undefined ? {} : { sizeMaxBytes }), ...(seal === undefined ? {} : { seal }) }, (page) => { reader.take(page); });
  const opened = await thread.opened;
  if (opened.sealedCount > 0) world.log.info("records were sealed with the newest key", { records: opened.sealedCount });
  try {
    const restored = reader.finish(opened);
    const { view } = restored;
    world.log.info("the store is open", { engine: "sqlite", revision: view.revision, compactedRevision: view.compactedRevision, tookMs: Math.round(world.clock.monotonicMs() - startedMs) });
    return new GroupedStore({ view, writer: new SqliteWriter(thread, restored), fences: new Map(opened.fences) });
  } catch (error) {
    await thread.ask({ kind: "close" });
    throw error;
  }
}

type Page = Extract<ThreadAnswer, { kind: "page" }>;
type Opened = Extract<ThreadAnswer, { kind: "opened" }>;

/** Takes the file's pages in as they come. What is wrong with them is told at the end, when the file can be closed. */
class PageReader {
  readonly #path: string;
  #restoration: Restoration | undefined;
  #fault: RangeError | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  take({ compactedRevision, records }: Page): void {
    this.#attempt(() => {
      this.#restoration ??= new Restoration(compactedRevision);
      this.#restoration.take(unpackRecords(records));
    });
  }

  /** Throws StoreError "damaged" when the file holds no whole history, or ends before a revision that was acknowledged. */
  finish({ acknowledgedRevision }: Opened): RestoredStore {
    const restored = this.#attempt(() => this.#restoration?.finish());
    if (restored === undefined) throw damagedError(this.#path, this.#fault?.message ?? "nothing was read of it", this.#fault);
    const { revision } = restored.view;
    if (revision >= acknowledgedRevision) return restored;
    const file = join(dirname(this.#path), "cluster.acknowledged");
    throw damagedError(this.#path, `it ends at revision ${revision}, but revision ${acknowledgedRevision} was acknowledged (the file, or cluster.db-wal beside it, lost its end; if an older copy was put back on purpose, remove ${file})`);
  }

  #attempt<T>(step: () => T): T | undefined {
    if (this.#fault !== undefined) return undefined;
    try {
      return step();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fault = error;
      return undefined;
    }
  }
}

/** Turns batches into records of the database file. */
class SqliteWriter implements Writer {
  readonly #thread: DiskThread;
  readonly #index: RecordIndex;
  /** Free whenever a batch is written: the one before is answered. */
  readonly #room = new Uint8Array(new SharedArrayBuffer(sharedBytes));
  #lastId: number;
  #revision: number;

  constructor(thread: DiskThread, restored: RestoredStore) {
    this.#thread = thread;
    this.#index = restored.index;
    this.#lastId = restored.lastId;
    this.#revision = restored.view.revision;
  }

  get hasDeadRecords(): boolean {
    return this.#index.hasDead;
  }

  turnEnd(): Promise<void> {
    return new Promise((resolve) => { setImmediate(resolve); });
  }

  look(): void {
    this.#thread.look();
  }

  write(batch: Batch): Promise<void> {
    const records: StoredRecord[] = [];
    for (const { revision, operations } of batch.changes) {
      this.#revision = revision;
      for (const operation of operations) {
        const { key } = operation;
        const id = ++this.#lastId;
        const isRemoval = operation.kind === "remove";
        const createdRevision = this.#index.note({ id, key, revision, isRemoval });
        records.push({ id, revision, createdRevision, key, value: isRemoval ? null : operation.value });
      }
    }
    if (batch.compactedRevision !== undefined) this.#index.compact(batch.compactedRevision);
    const packed = packRecords(records, this.#room);
    const stored: StoredBatch = {
      records: packed,
      revision: this.#revision,
      fences: [...batch.fences],
      compactedRevision: batch.compactedRevision,
      dead: this.#index.takeDead(deadPerBatchMax),
    };
    return this.#thread.ask({ kind: "write", batch: stored }, packedBuffers(packed));
  }

  close(): Promise<void> {
    return this.#thread.ask({ kind: "close" });
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The serving thread's end of the disk thread. */
class DiskThread {
  readonly opened: Promise<Opened>;
  readonly #bell = new Int32Array(new SharedArrayBuffer(bells * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  #waiter: Waiter | undefined;
  /** The count of requests done when the one under way is. */
  #awaited = 1;
  #ended: Error | undefined;

  /** `onPage` is given what is in the file, page by page, before `opened` resolves. */
  constructor(options: DatabaseOptions, onPage: (page: Page) => void) {
    const start: ThreadStart = { options, bell: this.#bell };
    this.#worker = new Worker(new URL("../sqlite/thread.ts", import.meta.url), { workerData: start, name: "store" });
    this.opened = new Promise((resolve, reject) => {
      this.#waiter = { resolve: () => {}, reject };
      this.#worker.on("message", (answer: ThreadAnswer) => {
        if (answer.kind === "page") {
          onPage(answer);
          this.#ring();
          return;
        }
        // The next request may be under way, where the answer was seen before it came.
        if (answer.kind === "done") { this.look(); return; }
        const waiter = this.#waiter;
        this.#waiter = undefined;
        if (answer.kind === "opened") resolve(answer);
        else waiter?.reject(new StoreError(answer.code, answer.message));
      });
    });
    this.#worker.on("error", (error) => { this.#end(error instanceof Error ? error : new Error(String(error))); });
    this.#worker.on("exit", () => { this.#end(new StoreError("stopped", "the store's disk thread ended")); });
  }

  /** One request at a time. */
  ask(request: ThreadRequest, transfer: ArrayBuffer[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) { reject(this.#ended); return; }
      this.#waiter = { resolve, reject };
      this.#awaited = Atomics.load(this.#bell, doneBell) + 1;
      this.#worker.postMessage(request, transfer);
      this.#ring();
    });
  }

  /** Answers the request under way, if it is done. */
  look(): void {
    if (Atomics.load(this.#bell, doneBell) !== this.#awaited) return;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve();
  }

  #ring(): void {
    Atomics.add(this.#bell, askedBell, 1);
    Atomics.notify(this.#bell, askedBell);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiter?.reject(this.#ended);
    this.#waiter = undefined;
  }
}
