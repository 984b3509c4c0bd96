import { Worker } from "node:worker_threads";
import { hasErrorCode } from "../../world/error-code.ts";
import type { Clock } from "../../world/clock.ts";
import { DamagedError } from "../git-driver.ts";
import type { GitDriver, GitStore } from "../git-driver.ts";
import { isomorphicGrowthBytesMax, transferTimeoutMs } from "../limits.ts";
import { problem, printBytes } from "../problem.ts";

/** The worker is ended after this long without work: its caches hold whole packs. */
const idleMs = 30_000;
/** How often the process' size is looked at while the worker works. */
const growthCheckMs = 250;
/** JavaScript objects of the worker; buffers are watched from outside. */
const workerHeapMiB = 512;

type Operation = Exclude<keyof GitDriver, "name">;

/** What is posted to the worker. */
export type WorkerQuestion =
  | { readonly kind: "call"; readonly id: number; readonly operation: Operation; readonly parameters: readonly unknown[] }
  | { readonly kind: "abort"; readonly id: number };

/** What comes back. */
export type WorkerAnswer =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly isDamage: boolean; readonly message: string };

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The worker was ended because the process grew too much. */
class GrowthError extends Error {}

/** isomorphic-git on a worker thread, so that reading a pack never blocks the serving thread. Started at first use, ended when idle. */
export class IsomorphicDriver implements GitDriver {
  readonly name = "isomorphic";
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 0;
  #sizeBefore = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  readonly init: GitDriver["init"] = (directory) => this.#call("init", [directory]);
  readonly resolve: GitDriver["resolve"] = (store, name, signal) => this.#call("resolve", [store, name], signal);
  readonly log: GitDriver["log"] = (store, options, signal) => this.#call("log", [store, options], signal);
  readonly findEntry: GitDriver["findEntry"] = (store, options, signal) => this.#call("findEntry", [store, options], signal);
  readonly listTree: GitDriver["listTree"] = (store, options, signal) => this.#call("listTree", [store, options], signal);
  readonly readFolder: GitDriver["readFolder"] = (store, tree, signal) => this.#call("readFolder", [store, tree], signal);
  readonly readBlobs: GitDriver["readBlobs"] = (store, options, signal) => this.#call("readBlobs", [store, options], signal);
  readonly writeBlob: GitDriver["writeBlob"] = (store, content, signal) => this.#call("writeBlob", [store, content], signal);
  readonly writeTree: GitDriver["writeTree"] = (store, entries, signal) => this.#call("writeTree", [store, entries], signal);
  readonly writeCommit: GitDriver["writeCommit"] = (store, draft, signal) => this.#call("writeCommit", [store, draft], signal);
  readonly updateRef: GitDriver["updateRef"] = (store, update, signal) => this.#call("updateRef", [store, update], signal);

  readonly fetch: GitDriver["fetch"] = async (store, options, signal) => {
    try {
      return await this.#transfer("fetch", store, options, signal);
    } catch (error) {
      if (error instanceof GrowthError) return problem("TooLarge", `${options.remote.url}: unpacking it takes more than ${printBytes(isomorphicGrowthBytesMax)} of memory; keep large files out of the repository`);
      if (error instanceof TransferTimeoutError) return problem("Unreachable", `${options.remote.url}: the fetch was given up after ${transferTimeoutMs / 1000} s`);
      throw error;
    }
  };

  readonly push: GitDriver["push"] = (store, options, signal) => this.#transfer("push", store, options, signal);

  /** Ends the worker; calls under way are rejected. */
  async stop(): Promise<void> {
    await this.#end(new Error("the daemon stops"));
  }

  async #transfer<T>(operation: Operation, store: GitStore, options: unknown, signal: AbortSignal): Promise<T> {
    const limit = new AbortController();
    const cancel = this.#clock.after(transferTimeoutMs, () => { limit.abort(new TransferTimeoutError("the transfer takes too long")); });
    try {
      return await this.#call<T>(operation, [store, options], AbortSignal.any([signal, limit.signal]));
    } finally {
      cancel();
    }
  }

  #call<T>(operation: Operation, parameters: readonly unknown[], signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const worker = this.#start();
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const finish = () => {
        signal?.removeEventListener("abort", onAbort);
        this.#pending.delete(id);
        if (this.#pending.size === 0) this.#rest();
      };
      const onAbort = () => { worker.postMessage({ kind: "abort", id } satisfies WorkerQuestion, []); finish(); reject(signal?.reason as Error); };
      signal?.addEventListener("abort", onAbort, { once: true });
      // The worker runs the same interface, so its value has the operation's type.
      this.#pending.set(id, { resolve: (value) => { finish(); resolve(value as T); }, reject: (error) => { finish(); reject(error); } });
      if (this.#pending.size === 1) this.#watch();
      worker.postMessage({ kind: "call", id, operation, parameters } satisfies WorkerQuestion, []);
    });
  }

  #start(): Worker {
    if (this.#worker !== undefined) { this.#worker.ref(); return this.#worker; }
    const worker = new Worker(new URL("isomorphic-worker.ts", import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB } });
    worker.on("message", (answer: WorkerAnswer) => {
      const pending = this.#pending.get(answer.id);
      if (answer.kind === "value") pending?.resolve(answer.value);
      else pending?.reject(answer.isDamage ? new DamagedError(answer.message) : new Error(answer.message));
    });
    worker.on("error", (error) => { if (this.#worker === worker) void this.#end(error instanceof Error && hasErrorCode(error, "ERR_WORKER_OUT_OF_MEMORY") ? new GrowthError(error.message) : error); });
    this.#worker = worker;
    return worker;
  }

  /** Watches the process' size while there is work. */
  #watch(): void {
    this.#cancelTimer();
    this.#sizeBefore = process.memoryUsage.rss();
    const look = () => {
      if (process.memoryUsage.rss() - this.#sizeBefore > isomorphicGrowthBytesMax) void this.#end(new GrowthError("the process grew too much"));
      else this.#cancelTimer = this.#clock.after(growthCheckMs, look);
    };
    this.#cancelTimer = this.#clock.after(growthCheckMs, look);
  }

  #rest(): void {
    this.#cancelTimer();
    this.#worker?.unref();
    this.#cancelTimer = this.#clock.after(idleMs, () => { void this.#end(new Error("idle")); });
  }

  async #end(reason: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    const waiting = [...this.#pending.values()];
    for (const pending of waiting) pending.reject(reason);
    this.#cancelTimer();
    await worker?.terminate();
  }
}

class TransferTimeoutError extends Error {}
