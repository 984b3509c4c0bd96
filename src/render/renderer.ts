import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { renderDeadlineMs, renderLookMs, renderMemoryMib, renderQueueMax, renderWallMs, templateLimits, workerCountDefault, workerIdleMs, workerLifeMs, workerProgramMib, workerSemiMib, workerWarmMs } from "./limits.ts";
import type { RenderBounds } from "./limits.ts";
import type { Renderer, RenderRequest, RenderResult } from "./render.ts";
import { warmUpRequest } from "./warm-up.ts";
import { packRequest } from "./wire.ts";
import type { WireResponse } from "./wire.ts";
import { WorkerProcess } from "./worker-process.ts";

/** How a renderer's workers are bounded. */
export interface RendererOptions {
  readonly world: World;
  readonly processes: Processes;
  /** Renders at once. */
  readonly workers?: number;
  /** Other bounds than the constants. */
  readonly bounds?: Partial<RenderBounds>;
}

/** A renderer with workers of its own. */
export interface PooledRenderer extends Renderer {
  /** Starts and warms a worker ahead of the first render; resolves when it is ready or the renderer closed, and never rejects: the next render tells what is wrong. */
  prewarm(): Promise<void>;
}

/** Renders in worker processes with bounds on time and memory. Workers start at need; idle ones end. */
export function createRenderer(options: RendererOptions): PooledRenderer {
  return new WorkerPool(options);
}

const bytesPerMib = 1024 * 1024;
/** Spaces of V8's young heap, in sizes of one of the two it copies between. */
const youngSpaces = 3;

interface Task {
  readonly id: number;
  readonly request: RenderRequest;
  readonly finish: (result: RenderResult) => void;
  readonly fail: (error: Error) => void;
}

/** One worker and what it is doing. */
interface Slot {
  readonly worker: WorkerProcess;
  readonly ready: Promise<void>;
  task: Task | undefined;
  /** The file it has begun with. */
  at: string | undefined;
  stopWatch: (() => void) | undefined;
  stopIdle: (() => void) | undefined;
}

class WorkerPool implements PooledRenderer {
  readonly #world: World;
  readonly #processes: Processes;
  readonly #workerCount: number;
  readonly #bounds: RenderBounds;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Task[] = [];
  #nextId = 1;
  #isClosed = false;

  constructor(options: RendererOptions) {
    this.#world = options.world;
    this.#processes = options.processes;
    this.#workerCount = options.workers ?? workerCountDefault;
    this.#bounds = { deadlineMs: renderDeadlineMs, wallMs: renderWallMs, memoryMib: renderMemoryMib, ...templateLimits, ...options.bounds };
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
    slot.at = undefined;
    const { outputMaxLength, includeDepthMax } = this.#bounds;
    slot.worker.send(packRequest(task.id, { ...task.request, limits: { outputMaxLength, includeDepthMax } }));
    // Time counts from when the worker can work, so a slow start is no fault of the chart.
    void slot.ready.then(() => { if (slot.task === task) this.#watch(slot, task); });
  }

  /** Looks at a running render again and again, and stops it when it has used what it may. */
  #watch(slot: Slot, task: Task): void {
    const { clock } = this.#world;
    const { deadlineMs, wallMs, memoryMib } = this.#bounds;
    const beganMs = clock.monotonicMs();
    const before = slot.worker.usage();
    const look = (): void => {
      if (slot.task !== task) return;
      const usage = slot.worker.usage();
      const passedMs = clock.monotonicMs() - beganMs;
      const usedMs = usage === undefined || before === undefined ? passedMs : usage.processorMs - before.processorMs;
      if (usedMs > deadlineMs) this.#stop(slot, `took longer than ${deadlineMs / 1_000} s`);
      else if (passedMs > wallMs) this.#stop(slot, `was not done after ${wallMs / 1_000} s of a busy machine`);
      else if (usage !== undefined && usage.memoryBytes > (memoryMib + workerProgramMib) * bytesPerMib) this.#stop(slot, tooMuchMemory(memoryMib));
      else slot.stopWatch = clock.after(renderLookMs, look);
    };
    slot.stopWatch = clock.after(renderLookMs, look);
  }

  #start(): Slot {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const { memoryMib } = this.#bounds;
    const worker = new WorkerProcess(this.#processes, { heapMaxMib: memoryMib - youngSpaces * workerSemiMib, listener: {
      answered: (response) => {
        if (response.kind === "ready") resolve();
        else this.#answered(slot, response);
      },
      ended: ({ isOutOfMemory, message }) => {
        resolve();
        if (isOutOfMemory) this.#stop(slot, tooMuchMemory(memoryMib));
        else this.#broken(slot, new Error(`render: ${message}`));
      },
    } });
    const slot: Slot = { worker, ready, task: undefined, at: undefined, stopWatch: undefined, stopIdle: undefined };
    this.#slots.add(slot);
    return slot;
  }

  #answered(slot: Slot, response: Exclude<WireResponse, { readonly kind: "ready" }>): void {
    const { task } = slot;
    if (task?.id !== response.id) return;
    if (response.kind === "at") {
      slot.at = response.file;
      return;
    }
    this.#rest(slot);
    if (response.kind === "result") task.finish(response.result);
    else task.fail(new Error(`render ${task.request.release.name}: ${response.message}`));
    this.#assign();
  }

  /** The slot has no work; it ends after a while, the last one after a longer while. */
  #rest(slot: Slot): void {
    slot.task = undefined;
    slot.stopWatch?.();
    slot.stopWatch = undefined;
    slot.stopIdle?.();
    if ((slot.worker.usage()?.processorMs ?? 0) > workerLifeMs / 2) void this.#end(slot);
    else slot.stopIdle = this.#world.clock.after(this.#slots.size > 1 ? workerIdleMs : workerWarmMs, () => { void this.#end(slot); });
  }

  /** Ends the worker because of what its chart did; the next render gets a new one. */
  #stop(slot: Slot, what: string): void {
    const { task, at } = slot;
    slot.task = undefined;
    void this.#end(slot);
    if (task !== undefined) {
      this.#world.log.warn("a render was stopped", { application: task.request.release.name, file: at, reason: what });
      const file = at ?? (task.request.tree.files.has("Chart.yaml") ? "Chart.yaml" : undefined);
      const message = `the render of ${task.request.release.name} ${what} and was stopped${at === undefined ? "" : " here"}; look for loops, templates that include each other, or very large output`;
      task.finish({ kind: "failed", isStopped: true, problems: [{ message, ...(file === undefined ? {} : { place: { file } }) }] });
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
    slot.stopWatch?.();
    slot.stopIdle?.();
    await slot.worker.end();
  }
}

function tooMuchMemory(memoryMib: number): string {
  return `needed more than ${memoryMib} MiB of memory`;
}
