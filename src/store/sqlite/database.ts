import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StoreError } from "../store.ts";
import { numberChecksum, recordChecksum } from "./checksum.ts";
import { AcknowledgedFile, describeLockHolder, LogPreparation, makeStoreDirectory, readAcknowledgedRevision, removeLockHolder, writeLockHolder } from "./companion-files.ts";
import { damagedError } from "./damaged-error.ts";
import { decideCopy, LogCopier, logPagesMin } from "./log-copier.ts";
import type { DatabaseOptions, StoredBatch } from "./protocol.ts";
import { unpackRecords } from "./record.ts";
import type { StoredRecord } from "./record.ts";
import { SealError, ValueSeal } from "./seal.ts";

/** Version of the tables below. A file of a newer version is refused, an older one would be converted here. */
const schemaVersion = 1;

/** How long an opening store waits for a process that is just ending to let go of the file. */
const lockWaitMs = 500;

/** Pages a transaction changes beside those of its records: the tree above them, and the file's first. */
const pagesBesideRecords = 4;

const pageBytes = 4_096;

/** Length the log has now and then: a header, and a page with its head in each frame, half as many again as when its copy begins. @see sqlite.org/fileformat2.html#walformat */
const logBytes = 32 + 1.5 * logPagesMin * (24 + pageBytes);

const schema = `
  CREATE TABLE record (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, created INTEGER NOT NULL, key TEXT NOT NULL, value BLOB, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${schemaVersion};`;

/** Names in table `number`: the compacted revision, and a generation for each fence. */
const compactedName = "compacted";
const fencePrefix = "fence/";

/** What is in the file besides records. */
export interface StoredNumbers {
  readonly compactedRevision: number;
  readonly fences: readonly (readonly [name: string, generation: number])[];
}

/** The database file of a store. Blocks its thread; throws StoreError for what a person has to know. */
export class StoreDatabase {
  readonly acknowledgedRevision: number;
  readonly #directory: string;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #acknowledged: AcknowledgedFile;
  readonly #seal: ValueSeal;
  #logPreparation: LogPreparation | undefined;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #setNumber: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #countLog: StatementSync;
  readonly #copyLog: StatementSync;
  readonly #logCopier: LogCopier;
  /** At least as many pages as are in the log. */
  #logPagesAtMost = 0;

  constructor(options: DatabaseOptions) {
    this.#directory = options.directory;
    this.#path = join(options.directory, "cluster.db");
    this.#seal = new ValueSeal(options.seal ?? { keys: [], prefixes: [], keyFile: "" });
    makeStoreDirectory(options.directory);
    const location = exclusiveLocation(this.#path);
    this.#logCopier = new LogCopier(location);
    this.#database = this.#asOpening(() => new DatabaseSync(location, { timeout: lockWaitMs, enableForeignKeyConstraints: false }));
    try {
      this.#asOpening(() => { this.#prepare(options); });
      this.acknowledgedRevision = readAcknowledgedRevision(options.directory);
      writeLockHolder(options.directory);
      [this.#insert, this.#remove, this.#setNumber, this.#begin, this.#commit, this.#countLog, this.#copyLog] = this.#asOpening(() => [
        this.#database.prepare("INSERT INTO record (id, revision, created, key, value, checksum) VALUES (?, ?, ?, ?, ?, ?)"),
        this.#database.prepare("DELETE FROM record WHERE id = ?"),
        this.#database.prepare("INSERT OR REPLACE INTO number (name, value, checksum) VALUES (?, ?, ?)"),
        this.#database.prepare("BEGIN IMMEDIATE"),
        this.#database.prepare("COMMIT"),
        this.#database.prepare("PRAGMA wal_checkpoint(NOOP)"),
        this.#database.prepare("PRAGMA wal_checkpoint(PASSIVE)"),
      ]);
      this.#acknowledged = new AcknowledgedFile(options.directory);
      this.#logPreparation = new LogPreparation(options.directory, logBytes);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  readNumbers(): StoredNumbers {
    return this.#asOpening(() => {
      const numbers = new Map<string, number>();
      for (const row of this.#database.prepare("SELECT name, value, checksum FROM number").iterate()) {
        const name = textOf(row["name"]);
        const value = numberOf(row["value"]);
        if (numberChecksum(name, value) !== row["checksum"]) throw this.#damaged(`the number ${JSON.stringify(name)} does not match its checksum`);
        numbers.set(name, value);
      }
      const fences = [...numbers].flatMap(([name, value]) => (name.startsWith(fencePrefix) ? [[name.slice(fencePrefix.length), value] as const] : []));
      return { compactedRevision: numbers.get(compactedName) ?? 0, fences };
    });
  }

  /** All records in the order in which they were written, each checked and opened. */
  *readRecords(): Generator<StoredRecord, void, undefined> {
    for (const record of this.#readSealed()) {
      yield this.#asOpening(() => (record.value === null ? record : { ...record, value: this.#seal.open(record.key, record.value) }));
    }
  }

  /**
   * Seals what lies there plain or sealed with an older key, history included, and leaves no trace of it in the file or its log. Answers how many
   * records that were.
   */
  sealAgain(): number {
    return this.#asOpening(() => {
      const old = this.#seal.prefixes.flatMap((prefix) => [...this.#readSealed(prefix)]).filter(({ value }) => value !== null && !this.#seal.isCurrent(value));
      if (old.length === 0) return 0;
      const update = this.#database.prepare("UPDATE record SET value = ?, checksum = ? WHERE id = ?");
      this.#begin.run();
      for (const record of old) {
        const sealed = this.#sealed({ ...record, value: record.value === null ? null : this.#seal.open(record.key, record.value) });
        update.run(sealed.value, recordChecksum(sealed), sealed.id);
      }
      this.#commit.run();
      this.#database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
      return old.length;
    });
  }

  *#readSealed(prefix = ""): Generator<StoredRecord, void, undefined> {
    const rows = this.#asOpening(() => this.#database.prepare("SELECT id, revision, created, key, value, checksum FROM record WHERE substr(key, 1, ?) = ? ORDER BY id").iterate(prefix.length, prefix));
    for (;;) {
      const next = this.#asOpening(() => rows.next());
      if (next.done === true) return;
      yield this.#asOpening(() => this.#checkRecord(next.value));
    }
  }

  #sealed(record: StoredRecord): StoredRecord {
    return record.value === null ? record : { ...record, value: this.#seal.seal(record.key, record.value) };
  }

  /** Durable when it returns. */
  write(batch: StoredBatch): void {
    this.#begin.run();
    this.#logPagesAtMost += pagesBesideRecords + batch.dead.length + batch.fences.length;
    for (const plain of unpackRecords(batch.records)) {
      const record = this.#sealed(plain);
      this.#logPagesAtMost += 1 + Math.ceil((record.value?.length ?? 0) / pageBytes);
      this.#insert.run(record.id, record.revision, record.createdRevision, record.key, record.value, recordChecksum(record));
    }
    for (const id of batch.dead) this.#remove.run(id);
    for (const [name, generation] of batch.fences) this.#writeNumber(fencePrefix + name, generation);
    if (batch.compactedRevision !== undefined) this.#writeNumber(compactedName, batch.compactedRevision);
    this.#commit.run();
    this.#acknowledged.write(batch.revision);
  }

  /** Copies the log into the database once it is long: for after the answer to a write, so that its callers go on meanwhile. Throws when the disk refuses. */
  copyLongLog(): void {
    if (this.#logPagesAtMost < logPagesMin) return;
    // Counting takes some 50 us, and is done a few times for each log.
    const counted = this.#countLog.get();
    const pages = numberOf(counted?.["log"]);
    this.#logPagesAtMost = pages;
    const step = decideCopy({ pages, pagesCopied: numberOf(counted?.["checkpointed"]), isCopying: this.#logCopier.isCopying, hasFailed: this.#logCopier.hasFailed });
    if (step === "begin") this.#logCopier.begin();
    if (step !== "finish") return;
    if (this.#copyLog.get()?.["busy"] === 0) this.#logPagesAtMost = 0;
  }

  /** Does a slice of what makes later writes faster, for when there is nothing else to do; answers whether there is more of it. */
  prepareLog(): boolean {
    try {
      if (this.#logPreparation?.step() === true) return true;
    } catch {
      // A log that cannot be lengthened now still grows by itself, and a disk that is full will stop a write.
    }
    this.#logPreparation?.close();
    this.#logPreparation = undefined;
    return false;
  }

  close(): void {
    this.#logPreparation?.close();
    this.#acknowledged.close();
    this.#logCopier.end();
    removeLockHolder(this.#directory);
    this.#database.close();
  }

  /** Every open sets what is not kept in the file. */
  #prepare(options: DatabaseOptions): void {
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#demandAlone();
    this.#database.exec("PRAGMA synchronous = FULL");
    // Copied by `copyLongLog`.
    this.#database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#database.exec(`PRAGMA journal_size_limit = ${logBytes}`);
    const faults = this.#database.prepare("PRAGMA quick_check(1)").all().map((row) => textOf(row["quick_check"]));
    if (faults[0] !== "ok") throw this.#damaged(faults.join("; "));
    const version = numberOf(this.#database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const tables = numberOf(this.#database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"]);
    if (version > schemaVersion) {
      throw new StoreError("newer", `${this.#path} has schema version ${version}, this Capstan knows ${schemaVersion}: start the newer Capstan that wrote it`);
    }
    if (version === 0 && tables === 0) this.#database.exec(`BEGIN; ${schema} COMMIT`);
    else if (version !== schemaVersion) throw this.#damaged(`it has tables but schema version ${version}`);
    if (options.sizeMaxBytes !== undefined) this.#database.exec(`PRAGMA max_page_count = ${Math.ceil(options.sizeMaxBytes / pageBytes)}`);
  }

  /**
   * Other processes are kept out by the way the file is opened, from its first lock until the last connection is closed or the process ends. Another store of this
   * process has a connection of its own: none may be open while this one takes the whole file, for a moment.
   */
  #demandAlone(): void {
    for (const mode of ["EXCLUSIVE", "NORMAL"]) this.#database.exec(`PRAGMA locking_mode = ${mode}; BEGIN IMMEDIATE; COMMIT`);
  }

  #checkRecord(row: Readonly<Record<string, unknown>>): StoredRecord {
    const value = row["value"];
    if (value !== null && !(value instanceof Uint8Array)) throw this.#damaged(`record ${String(row["id"])} has a value of a wrong type`);
    const record = { id: numberOf(row["id"]), revision: numberOf(row["revision"]), createdRevision: numberOf(row["created"]), key: textOf(row["key"]), value };
    if (recordChecksum(record) !== row["checksum"]) {
      throw this.#damaged(`the record of key ${JSON.stringify(record.key)} (id ${record.id}, revision ${record.revision}) does not match its checksum`);
    }
    return record;
  }

  #writeNumber(name: string, value: number): void {
    this.#setNumber.run(name, value, numberChecksum(name, value));
  }

  /** Runs a step of opening; what SQLite says becomes an error that names the file. */
  #asOpening<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (error instanceof SealError) throw new StoreError("sealed", `${this.#path} cannot be read: ${error.message}`, { cause: error });
      const reason = error instanceof Error ? error.message : String(error);
      const sqliteCode = error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & primaryCodeMask : undefined;
      if (sqliteCode === sqliteBusy) {
        throw new StoreError("locked", `${this.#path} is in use by ${describeLockHolder(this.#directory)}: only one daemon may open a data directory`, { cause: error });
      }
      if (sqliteCode !== undefined && sqliteDiskCodes.has(sqliteCode)) throw new StoreError("stopped", `${this.#path} cannot be opened: ${reason}`, { cause: error });
      throw this.#damaged(reason, error);
    }
  }

  #damaged(reason: string, cause?: unknown): StoreError {
    return damagedError(this.#path, reason, cause);
  }
}

/** The file as SQLite is to open it: locked for one process, whose connections share what they know of the log in memory rather than in a file. @see sqlite.org/vfs.html#standard_unix_vfses */
function exclusiveLocation(path: string): string {
  return `${pathToFileURL(path).href}?vfs=unix-excl`;
}

/** The low byte of SQLite's extended result codes is the primary one. @see sqlite.org/rescode.html */
const primaryCodeMask = 0xff;
const sqliteBusy = 5;
/** PERM, READONLY, IOERR, FULL, CANTOPEN: the disk or its rights, not the content. */
const sqliteDiskCodes: ReadonlySet<number> = new Set([3, 8, 10, 13, 14]);

function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`expected a number, found ${typeof value}`);
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`expected a text, found ${typeof value}`);
  return value;
}
