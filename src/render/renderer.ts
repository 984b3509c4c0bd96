import { Worker } from "node:worker_threads";
import type { World } from "../world/world.ts";
import { renderDeadlineMs, renderQueueMax, workerCountDefault, workerHeapMaxMib, workerIdleMs, workerWarmMs, workerYoungMib } from "./limits.ts";
import type { Renderer, RenderRequest, RenderResult } from "./render.ts";
import { warmUpRequest } from "./warm-up.ts";
import { packRequest } from "./wire.ts";
import type { WireResponse } from "./wire.ts";

/** How a renderer's workers are bounded. */
export interface RendererOptions {
  readonly world: World;
  /** Renders at once. */
  readonly workers?: number;
  readonly deadlineMs?: number;
  readonly heapMaxMib?: number;
}

/** A renderer with workers of its own. */
export interface PooledRenderer extends Renderer {
  /** Starts and warms a worker ahead of the first render; resolves when it is ready or the renderer closed, and never rejects: the next render tells what is wrong. */
  prewarm(): Promise<void>;
}

/** Renders in worker threads with bounds on time and memory. Workers start at need; idle ones end. */
export function createRenderer(options: RendererOptions): PooledRenderer {
  return new WorkerPool(options);
}

interface Task {
  readonly id: number;
  readonly request: RenderRequest;
  readonly finish: (result: RenderResult) => void;
  readonly fail: (error: Error) => void;
}

/** One worker thread and what it is doing. */
interface Slot {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  task: Task | undefined;
  stopDeadline: (() => void) | undefined;
  stopIdle: (() => void) | undefined;
}

class WorkerPool implements PooledRenderer {
  readonly #world: World;
  readonly #workerCount: number;
  readonly #deadlineMs: number;
  readonly #heapMaxMib: number;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Task[] = [];
  #nextId = 1;
  #isClosed = false;

  constructor(options: RendererOptions) {
    this.#world = options.world;
    this.#workerCount = options.workers ?? workerCountDefault;
    this.#deadlineMs = options.deadlineMs ?? renderDeadlineMs;
    this.#heapMaxMib = options.heapMaxMib ?? workerHeapMaxMib;
  }

  async prewarm(): Promise<void> {
    if (this.#isClosed) return;
    // A render of a tiny chart loads and warms all that a real one needs.
    try {
      await this.render(warmUpRequest(), new AbortController().signal);
    } catch (error) {
      if (!this.#isClosed) this.#world.log.warn("no render worker could be warmed", { error });
    }
  }

  async render(request: RenderRequest, signal: AbortSignal): Promise<RenderResult> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new Error("render: the renderer is closed");
    if (this.#waiting.length >= renderQueueMax) throw new Error(`render: more than ${renderQueueMax} renders wait`);
    const { promise, resolve, reject } = Promise.withResolvers<RenderResult>();
    const task: Task = { id: this.#nextId++, request, finish: resolve, fail: reject };
    const onAbort = () => { this.#abort(task, signal.reason instanceof Error ? signal.reason : new Error("render: aborted")); };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.push(task);
    this.#assign();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Error("render: the renderer was closed");
    for (const task of this.#waiting.splice(0)) task.fail(closed);
    await Promise.all([...this.#slots].map((slot) => {
      slot.task?.fail(closed);
      return this.#end(slot);
    }));
  }

  #assign(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      let slot = [...this.#slots].find((candidate) => candidate.task === undefined);
      if (slot === undefined) {
        if (this.#slots.size >= this.#workerCount) return;
        slot = this.#start();
      }
      const task = this.#waiting.shift();
      if (task !== undefined) this.#give(slot, task);
    }
  }

  #give(slot: Slot, task: Task): void {
    slot.stopIdle?.();
    slot.stopIdle = undefined;
    slot.task = task;
    slot.worker.ref();
    const message = packRequest(task.id, task.request);
    slot.worker.postMessage(message, [message.bytes.buffer]);
    // The clock of the deadline starts when the worker can work, so a slow start is no fault of the chart.
    void slot.ready.then(() => {
      if (slot.task === task) slot.stopDeadline = this.#world.clock.after(this.#deadlineMs, () => { this.#stop(slot, `took longer than ${this.#deadlineMs / 1000} s to render`); });
    });
  }

  #start(): Slot {
    const worker = new Worker(new URL("./render-worker.ts", import.meta.url), {
      env: {}, resourceLimits: { maxOldGenerationSizeMb: this.#heapMaxMib, maxYoungGenerationSizeMb: workerYoungMib },
    });
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const slot: Slot = { worker, ready, task: undefined, stopDeadline: undefined, stopIdle: undefined };
    this.#slots.add(slot);
    worker.on("message", (response: WireResponse) => {
      if (response.kind === "ready") {
        if (slot.task === undefined) worker.unref();
        resolve();
      } else {
        this.#answered(slot, response);
      }
    });
    worker.on("error", (error: Error & { readonly code?: string }) => {
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") this.#stop(slot, `needed more than ${this.#heapMaxMib} MiB of memory to render`);
      else this.#broken(slot, error);
    });
    worker.on("exit", () => {
      resolve();
      this.#broken(slot, new Error("render: a worker ended by itself"));
    });
    return slot;
  }

  #answered(slot: Slot, response: Exclude<WireResponse, { readonly kind: "ready" }>): void {
    const { task } = slot;
    if (task?.id !== response.id) return;
    this.#rest(slot);
    if (response.kind === "result") task.finish(response.result);
    else task.fail(new Error(`render ${task.request.release.name}: ${response.message}`));
    this.#assign();
  }

  /** The slot has no work; it ends after a while, the last one after a longer while. */
  #rest(slot: Slot): void {
    slot.task = undefined;
    slot.stopDeadline?.();
    slot.stopDeadline = undefined;
    slot.stopIdle?.();
    slot.worker.unref();
    slot.stopIdle = this.#world.clock.after(this.#slots.size > 1 ? workerIdleMs : workerWarmMs, () => { void this.#end(slot); });
  }

  /** Ends the worker because of what its chart did; the next render gets a new one. */
  #stop(slot: Slot, what: string): void {
    const { task } = slot;
    slot.task = undefined;
    void this.#end(slot);
    if (task !== undefined) {
      this.#world.log.warn("a render was stopped", { application: task.request.release.name, reason: what });
      const message = `the source of ${task.request.release.name} ${what} and was stopped; look for loops, templates that include each other, or very large output`;
      task.finish({ kind: "failed", problems: [{ message, ...(task.request.tree.files.has("Chart.yaml") ? { place: { file: "Chart.yaml" } } : {}) }] });
    }
    this.#assign();
  }

  #broken(slot: Slot, error: Error): void {
    if (!this.#slots.has(slot)) return;
    const { task } = slot;
    slot.task = undefined;
    void this.#end(slot);
    task?.fail(error);
    this.#assign();
  }

  #abort(task: Task, reason: Error): void {
    const index = this.#waiting.indexOf(task);
    if (index >= 0) this.#waiting.splice(index, 1);
    const slot = [...this.#slots].find((candidate) => candidate.task === task);
    if (slot !== undefined) {
      slot.task = undefined;
      void this.#end(slot);
    }
    task.fail(reason);
    this.#assign();
  }

  async #end(slot: Slot): Promise<void> {
    this.#slots.delete(slot);
    slot.stopDeadline?.();
    slot.stopIdle?.();
    await slot.worker.terminate();
  }
}
