import { GroupedStore } from "../../src/store/grouped-store.ts";
import { StoreError } from "../../src/store/store.ts";
import type { CommitResult, ListPage, ListRange, Operation, Store, StoreEntry, StoreEvent, StoreWatch, StoreWatchReader, Transaction } from "../../src/store/store.ts";
import { View } from "../../src/store/view.ts";
import type { Change } from "../../src/store/view.ts";
import type { Batch } from "../../src/store/writer.ts";
import type { Life, SeededChance } from "./world.ts";
import { never } from "./world.ts";

/** How unwell the store and its watches are; all zero is well. */
export interface StoreFaults {
  /** Flushes that are slow, by this much at most. */
  slowFlush: number;
  slowFlushMs: number;
  /** Flushes that fail and stop the store; half of them did write. */
  failFlush: number;
  /** Commits refused before they are made, and commits whose answer is lost after they were made. */
  refuseCommit: number;
  loseAnswer: number;
  /** Commits held up before they reach the store. */
  holdCommit: number;
  holdCommitMs: number;
  /** Watch batches that come late, and streams that end. */
  delayWatch: number;
  delayWatchMs: number;
  cutWatch: number;
}

/** A store that is well. */
export function noStoreFaults(): StoreFaults {
  return { slowFlush: 0, slowFlushMs: 0, failFlush: 0, refuseCommit: 0, loseAnswer: 0, holdCommit: 0, holdCommitMs: 0, delayWatch: 0, delayWatchMs: 0, cutWatch: 0 };
}

/** Under which name and generation a plan writes. */
export type Fence = NonNullable<Transaction["fence"]>;

/** Told of what becomes durable, in order. */
export interface DiskObserver {
  changed(events: readonly StoreEvent[], revision: number): void;
  /** A transaction with a fence was committed. */
  fenced(fence: Fence, operations: readonly Operation[]): void;
  violated(rule: string, detail: string): void;
}

interface PendingWrite {
  readonly batch: Batch;
  readonly settle: (isWritten: boolean) => void;
}

/** What outlives every process: the durable content of the store. */
export class SimulatedDisk {
  readonly faults: StoreFaults = noStoreFaults();
  readonly #truth = new View();
  readonly #changes: Change[] = [];
  readonly #fences = new Map<string, number>();
  readonly #base = new Map<string, StoreEntry>();
  readonly #chance: SeededChance;
  readonly #observer: DiskObserver;
  #compactedRevision = 0;
  #acknowledgedRevision = 0;
  #pending: PendingWrite | undefined;
  /** Told when the store has stopped after a failed flush. */
  onStopped: () => void = () => {};

  constructor(chance: SeededChance, observer: DiskObserver) {
    this.#chance = chance;
    this.#observer = observer;
  }

  /** What is durable, for checks; never given to the daemon. */
  get truth(): View {
    return this.#truth;
  }

  /** The last process died: a write under way is done or not, as chance has it. */
  crash(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined && this.#chance.isLucky(0.5)) this.#persist(pending.batch);
  }

  /** Opens the store as a new process does. */
  open(life: Life): Store {
    const view = new View(this.#compactedRevision);
    for (const entry of this.#base.values()) view.restore(entry);
    for (const change of this.#changes) if (change.revision > this.#compactedRevision) view.apply(change);
    if (view.revision < this.#acknowledgedRevision) this.#observer.violated("an acknowledged write stays", `revision ${view.revision} after a restart, ${this.#acknowledgedRevision} was acknowledged`);
    const store = new GroupedStore({ view, fences: this.#fences, writer: { write: (batch) => this.#write(batch, life), hasDeadRecords: false, close: () => Promise.resolve() } });
    return new FaultyStore({ store, life, disk: this, chance: this.#chance, observer: this.#observer });
  }

  acknowledge(revision: number): void {
    if (revision > this.#truth.revision) this.#observer.violated("an acknowledged write is durable", `revision ${revision} was acknowledged, ${this.#truth.revision} is durable`);
    this.#acknowledgedRevision = Math.max(this.#acknowledgedRevision, revision);
  }

  #write(batch: Batch, life: Life): Promise<void> {
    if (life.isDead) return never();
    const { faults } = this;
    const isSlow = this.#chance.isLucky(faults.slowFlush);
    const delayMs = isSlow ? this.#chance.fraction() * faults.slowFlushMs : this.#chance.between(0, 2);
    const isFailing = this.#chance.isLucky(faults.failFlush);
    return new Promise((resolve, reject) => {
      const settle = (isWritten: boolean) => {
        this.#pending = undefined;
        if (isWritten) this.#persist(batch);
        if (!isFailing) { resolve(); return; }
        this.onStopped();
        reject(new Error("simulated: the disk failed"));
      };
      this.#pending = { batch, settle };
      life.after(delayMs, () => { settle(!isFailing || this.#chance.isLucky(0.5)); });
    });
  }

  #persist(batch: Batch): void {
    for (const change of batch.changes) {
      if (change.revision !== this.#truth.revision + 1) {
        this.#observer.violated("revisions are gap-free", `revision ${change.revision} follows ${this.#truth.revision}`);
        return;
      }
      this.#changes.push(change);
      const events = this.#truth.apply(change);
      this.#observer.changed(events, change.revision);
    }
    for (const [name, generation] of batch.fences) this.#fences.set(name, generation);
    if (batch.compactedRevision !== undefined && batch.compactedRevision > this.#compactedRevision) this.#compact(batch.compactedRevision);
  }

  #compact(revision: number): void {
    let dropped = 0;
    for (const change of this.#changes) {
      if (change.revision > revision) break;
      dropped++;
      for (const operation of change.operations) {
        const { key } = operation;
        if (operation.kind === "remove") this.#base.delete(key);
        else this.#base.set(key, { key, value: operation.value, revision: change.revision, createdRevision: this.#base.get(key)?.createdRevision ?? change.revision });
      }
    }
    this.#changes.splice(0, dropped);
    this.#compactedRevision = revision;
  }
}

interface FaultyStoreParts {
  readonly store: Store;
  readonly life: Life;
  readonly disk: SimulatedDisk;
  readonly chance: SeededChance;
  readonly observer: DiskObserver;
}

/** The store as one process has it: with lost answers, late events and cut streams, and silent after the process's death. */
class FaultyStore implements Store {
  readonly #store: Store;
  readonly #life: Life;
  readonly #disk: SimulatedDisk;
  readonly #chance: SeededChance;
  readonly #observer: DiskObserver;

  constructor({ store, life, disk, chance, observer }: FaultyStoreParts) {
    this.#store = store;
    this.#life = life;
    this.#disk = disk;
    this.#chance = chance;
    this.#observer = observer;
  }

  get revision(): number {
    return this.#store.revision;
  }

  get compactedRevision(): number {
    return this.#store.compactedRevision;
  }

  get historyBytes(): number {
    return this.#store.historyBytes ?? 0;
  }

  get(key: string): StoreEntry | undefined {
    return this.#store.get(key);
  }

  list(prefix: string, options?: ListRange): ListPage {
    return this.#store.list(prefix, options);
  }

  async commit(transaction: Transaction): Promise<CommitResult> {
    const { faults } = this.#disk;
    const life = this.#life;
    if (life.isDead) return never();
    if (faults.holdCommit > 0 && this.#chance.isLucky(faults.holdCommit)) await life.sleep(this.#chance.fraction() * faults.holdCommitMs);
    if (faults.refuseCommit > 0 && this.#chance.isLucky(faults.refuseCommit)) throw new StoreError("stopped", "simulated: the store does not answer");
    const result = await life.alive(this.#store.commit(transaction));
    if (result.kind !== "committed") return result;
    this.#disk.acknowledge(result.revision);
    if (transaction.fence !== undefined) this.#observer.fenced(transaction.fence, transaction.operations);
    if (faults.loseAnswer > 0 && this.#chance.isLucky(faults.loseAnswer)) throw new StoreError("stopped", "simulated: the answer was lost");
    return result;
  }

  watch(prefix: string, afterRevision: number, signal: AbortSignal): StoreWatch {
    return { [Symbol.asyncIterator]: () => this.#read(this.#store.watch(prefix, afterRevision, signal)[Symbol.asyncIterator](), { afterRevision, signal }) };
  }

  /** Hands changes over as late as the faults want it. What is held back was not seen. */
  #read(reader: StoreWatchReader, { afterRevision, signal }: { readonly afterRevision: number; readonly signal: AbortSignal }): StoreWatchReader {
    const life = this.#life;
    const { faults } = this.#disk;
    let isHeld = false;
    let handed = afterRevision;
    return {
      get seen() { return isHeld ? handed : reader.seen; },
      next: async () => {
        const next = await life.alive(reader.next());
        if (next.done === true) return next;
        isHeld = true;
        if (faults.delayWatch > 0 && this.#chance.isLucky(faults.delayWatch)) await life.sleep(this.#chance.fraction() * faults.delayWatchMs);
        if (signal.aborted) return { done: true, value: undefined };
        if (faults.cutWatch > 0 && this.#chance.isLucky(faults.cutWatch)) {
          await reader.return();
          throw new StoreError("slow", "simulated: the watch was cut");
        }
        handed = next.value.at(-1)?.revision ?? handed;
        isHeld = false;
        return next;
      },
      return: () => reader.return(),
    };
  }

  compact(revision: number): Promise<void> {
    return this.#life.alive(this.#store.compact(revision));
  }

  close(): Promise<void> {
    return this.#life.alive(this.#store.close());
  }
}
