import { acceptTransaction, decideCommit } from "./decide-commit.ts";
import type { CommitState } from "./decide-commit.ts";
import type { PackBounds } from "./history.ts";
import { batchBytesMax, transactionsPerBatchMax } from "./limits.ts";
import { StoreError } from "./store.ts";
import type { CommitResult, ListPage, ListRange, Store, StoreEntry, StoreWatch, Transaction } from "./store.ts";
import type { Change, View } from "./view.ts";
import { Watchers } from "./watchers.ts";
import type { Batch, Writer } from "./writer.ts";

/**
 * So many requests do not wait for the end of the turn. While a batch is flushed, for 2 to 5 ms, a thread under load takes in some twenty: both go on
 * at once then, where otherwise the thread would stand still during each flush.
 */
const promptBatch = 16;

/** A commit that waits for its batch. The queue is bounded by its callers: each waits for its answer. */
interface Request {
  readonly transaction: Transaction;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: Error) => void;
}

interface CompactRequest {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A batch on its way, and whom to answer when it is durable. */
interface Flight {
  readonly batch: Batch;
  readonly answers: readonly { readonly request: Request; readonly result: CommitResult }[];
  readonly compactions: readonly CompactRequest[];
}

/** The store over any writer: decides transactions in order, groups them into batches, shows them once they are durable. */
export class GroupedStore implements Store {
  readonly #view: View;
  readonly #writer: Writer;
  readonly #watchers: Watchers;
  readonly #fences: Map<string, number>;
  #requests: Request[] = [];
  #compactRequests: CompactRequest[] = [];
  #running: Promise<void> | undefined;
  #stopped: StoreError | undefined;
  #closing: Promise<void> | undefined;
  /** Ends the wait for more requests. */
  #gathered: (() => void) | undefined;

  constructor(options: { readonly view: View; readonly writer: Writer; readonly fences?: ReadonlyMap<string, number> }) {
    this.#view = options.view;
    this.#writer = options.writer;
    this.#watchers = new Watchers(options.view);
    this.#fences = new Map(options.fences);
    if (this.#writer.hasDeadRecords) this.#run();
  }

  get revision(): number {
    return this.#view.revision;
  }

  get compactedRevision(): number {
    return this.#view.compactedRevision;
  }

  get isWritable(): boolean {
    return this.#stopped === undefined;
  }

  get historyBytes(): number {
    return this.#view.historyBytes;
  }

  packHistory(bounds: PackBounds): boolean {
    return this.#closing === undefined && this.#view.packHistory(bounds);
  }

  gatherValues(): boolean {
    return this.#closing === undefined && this.#view.gatherValues();
  }

  get(key: string): StoreEntry | undefined {
    this.#demandOpen();
    return this.#view.get(key);
  }

  list(prefix: string, options?: ListRange): ListPage {
    this.#demandOpen();
    return this.#view.list(prefix, options);
  }

  commit(transaction: Transaction): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.#demandWritable();
      const accepted = acceptTransaction(transaction);
      this.#requests.push({ transaction: accepted, resolve, reject });
      this.#run();
      if (this.#requests.length % promptBatch === 0) this.#beginEarly();
    });
  }

  watch(prefix: string, afterRevision: number, signal: AbortSignal): StoreWatch {
    this.#demandOpen();
    return this.#watchers.watch(prefix, afterRevision, signal);
  }

  async compact(revision: number): Promise<void> {
    this.#demandWritable();
    if (revision > this.revision) throw new StoreError("future", `cannot compact to revision ${revision}: the newest one is ${this.revision}`);
    if (revision <= this.compactedRevision) return;
    return new Promise((resolve, reject) => {
      this.#compactRequests.push({ revision, resolve, reject });
      this.#run();
    });
  }

  /** Lets every commit that was begun finish, then ends the watches and closes the engine. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#running;
    this.#watchers.end(closedError());
    await this.#writer.close();
  }

  #run(): void {
    this.#running ??= this.#writeBatches();
  }

  /** Never rejects: a failure is told to each caller. Says itself when it ends, so that no request slips in between. */
  async #writeBatches(): Promise<void> {
    for (;;) {
      await this.#gather();
      const isIdle = this.#requests.length === 0 && this.#compactRequests.length === 0;
      if (isIdle && (!this.#writer.hasDeadRecords || this.#closing !== undefined)) break;
      const flight = this.#formFlight();
      try {
        if (flight.batch.changes.length > 0 || flight.batch.fences.size > 0 || flight.batch.compactedRevision !== undefined || isIdle) await this.#writer.write(flight.batch);
      } catch (error) {
        this.#stop(flight, error);
        break;
      }
      this.#land(flight);
    }
    this.#running = undefined;
  }

  /** Callers that were answered together ask again together: lets all of them in before the batch is formed. */
  async #gather(): Promise<void> {
    await Promise.resolve();
    if (this.#writer.turnEnd === undefined || this.#requests.length >= promptBatch) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gathered = resolve;
    await Promise.race([promise, this.#writer.turnEnd()]);
    this.#gathered = undefined;
  }

  /** Enough have come for a batch: it need not wait for the end of a turn that may be long. */
  #beginEarly(): void {
    this.#gathered?.();
    this.#writer.look?.();
  }

  /** Decides waiting transactions in order, each on the state the ones before it leave behind. */
  #formFlight(): Flight {
    const staged = new StagedState(this.#view, this.#fences);
    const answers: { readonly request: Request; readonly result: CommitResult }[] = [];
    let sizeBytes = 0;
    for (const request of this.#requests) {
      if (answers.length >= transactionsPerBatchMax || sizeBytes >= batchBytesMax) break;
      const decision = decideCommit(request.transaction, staged);
      if (decision.kind === "refuse") {
        answers.push({ request, result: decision.result });
        continue;
      }
      if (decision.raisesFence && request.transaction.fence !== undefined) staged.raiseFence(request.transaction.fence);
      if (decision.operations.length > 0) sizeBytes += staged.add(decision.operations);
      answers.push({ request, result: { kind: "committed", revision: staged.revision } });
    }
    this.#requests = this.#requests.slice(answers.length);
    const compactions = this.#compactRequests;
    this.#compactRequests = [];
    const target = compactions.reduce((newest, request) => Math.max(newest, request.revision), 0);
    const batch = { changes: staged.changes, fences: staged.fences, ...(target > 0 ? { compactedRevision: target } : {}) };
    return { batch, answers, compactions };
  }

  #land({ batch, answers, compactions }: Flight): void {
    for (const change of batch.changes) this.#watchers.offer(this.#view.apply(change));
    for (const [name, generation] of batch.fences) this.#fences.set(name, generation);
    if (batch.compactedRevision !== undefined) this.#view.compact(batch.compactedRevision);
    this.#watchers.wake();
    for (const { request, result } of answers) request.resolve(result);
    for (const { resolve } of compactions) resolve();
  }

  #stop(flight: Flight, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#stopped = new StoreError("stopped", `the store stopped writing after a failed write (${reason}); what was acknowledged is safe. Free the disk or mend it, then restart`, { cause });
    const waiting = [...flight.answers.map(({ request }) => request), ...flight.compactions, ...this.#requests, ...this.#compactRequests];
    this.#requests = [];
    this.#compactRequests = [];
    for (const { reject } of waiting) reject(this.#stopped);
  }

  #demandOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  #demandWritable(): void {
    this.#demandOpen();
    if (this.#stopped !== undefined) throw this.#stopped;
  }
}

/** The view with the transactions of a batch laid over it, before they are durable. */
class StagedState implements CommitState {
  readonly changes: Change[] = [];
  readonly fences = new Map<string, number>();
  readonly #view: View;
  readonly #oldFences: ReadonlyMap<string, number>;
  readonly #entries = new Map<string, StoreEntry | undefined>();
  #revision: number;

  constructor(view: View, fences: ReadonlyMap<string, number>) {
    this.#view = view;
    this.#oldFences = fences;
    this.#revision = view.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get(key: string): StoreEntry | undefined {
    return this.#entries.has(key) ? this.#entries.get(key) : this.#view.get(key);
  }

  fenceGeneration(name: string): number | undefined {
    return this.fences.get(name) ?? this.#oldFences.get(name);
  }

  raiseFence(fence: { readonly name: string; readonly generation: number }): void {
    this.fences.set(fence.name, fence.generation);
  }

  /** Takes the operations as the next revision; answers their size in bytes. */
  add(operations: Change["operations"]): number {
    const revision = ++this.#revision;
    let sizeBytes = 0;
    for (const operation of operations) {
      const { key } = operation;
      if (operation.kind === "remove") { this.#entries.set(key, undefined); continue; }
      sizeBytes += operation.value.length;
      this.#entries.set(key, { key, value: operation.value, revision, createdRevision: this.get(key)?.createdRevision ?? revision });
    }
    this.changes.push({ revision, operations });
    return sizeBytes;
  }
}

function closedError(): StoreError {
  return new StoreError("closed", "the store is closed");
}
