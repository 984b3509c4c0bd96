import type { Client } from "../api/client.ts";
import { isOfKind } from "../api/shape.ts";
import { isApiError, isNamespaceEnding } from "../model/api-error.ts";
import type { Kind } from "../model/kind.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import { keyOf, parseKey, refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import type { World } from "../world/world.ts";
import { cachesFor, nameOfKind, readerOf } from "./caches.ts";
import type { KindCaches } from "./caches.ts";
import type { Controller, ControllerContext, Outcome, Wake, WorkRef } from "./controller.ts";
import { followCustomKinds } from "./custom-informers.ts";
import { EventRecorder } from "./event-recorder.ts";
import { liveReaderOf, writerOf } from "./held-writer.ts";
import { Informer } from "./informer.ts";
import { ProgrammingError } from "./programming-error.ts";
import { findDoubleWriter, informersUser, userOf } from "./rules-of-controller.ts";
import { TurnBudget } from "./turn-budget.ts";
import { WorkQueue } from "./work-queue.ts";
import type { WorkResult } from "./work-queue.ts";

export interface RunnerOptions {
  readonly controllers: readonly Controller[];
  /** A client that asks as this user: `userOf(controller)`, or `informersUser` for the caches. */
  readonly clientFor: (user: string) => Client;
  readonly world: World;
  /** Where the kinds of definitions come from; absent: there are none. */
  readonly served?: ServedKinds;
  /** Aborting stops everything gracefully. */
  readonly signal: AbortSignal;
}

/** Controllers at work. */
export interface ControllerRun {
  /** Resolves when all caches are filled and the controllers have begun, or when aborted before. */
  readonly ready: Promise<void>;
  /** Resolves after an abort, when every reconcile, watch and event has ended. */
  readonly stopped: Promise<void>;
  /** Every controller's queue in numbers, as they are now. */
  queues(): readonly QueueFigures[];
}

/** A work queue in numbers. */
export interface QueueFigures {
  readonly name: string;
  readonly depth: number;
  readonly adds: number;
  readonly retries: number;
  readonly done: number;
  readonly workSeconds: number;
}

/**
 * Runs controllers over shared caches until the signal aborts.
 * @throws ProgrammingError when two controllers declare writing one field, or share a name
 */
export function runControllers({ controllers, clientFor, world, served, signal }: RunnerOptions): ControllerRun {
  checkControllers(controllers);
  const caches = cachesFor(controllers);
  const informersClient = clientFor(informersUser);
  const informers = caches.entries.map(({ kind, cache }) => new Informer(kind, { cache, client: informersClient, world }));
  const budget = new TurnBudget(world.clock);
  const loops = controllers.map((controller) => controlLoop(controller, { caches, client: clientFor(userOf(controller)), world, budget, signal }));
  const watching = informers.map((informer) => informer.run(signal));
  const ready = begin(informers, loops, signal);
  if (served !== undefined) followCustomKinds({ served, controllers, loops, caches, client: informersClient, world, signal });
  const stopped = stop({ watching, loops, signal });
  const queues = (): readonly QueueFigures[] => loops.map(({ queue: { depth, counts } }, index) => ({ name: controllers[index]?.name ?? "", depth, adds: counts.adds, retries: counts.retries, done: counts.done, workSeconds: counts.workMs / 1_000 }));
  return { ready, stopped, queues };
}

function checkControllers(controllers: readonly Controller[]): void {
  const names = new Set<string>();
  for (const { name } of controllers) {
    if (names.has(name)) throw new ProgrammingError(`two controllers are named "${name}"`);
    names.add(name);
  }
  const problem = findDoubleWriter(controllers);
  if (problem !== undefined) throw new ProgrammingError(problem);
}

async function begin(informers: readonly Informer[], loops: readonly ControlLoop[], signal: AbortSignal): Promise<void> {
  await Promise.all(informers.map((informer) => informer.synced));
  if (signal.aborted) return;
  for (const loop of loops) loop.queue.start();
}

async function stop({ watching, loops, signal }: { readonly watching: readonly Promise<void>[]; readonly loops: readonly ControlLoop[]; readonly signal: AbortSignal }): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => { signal.addEventListener("abort", resolve, { once: true }); });
  await Promise.all(loops.map((loop) => loop.queue.stop()));
  await Promise.all(loops.map((loop) => loop.recorder.flush()));
  await Promise.all(watching);
}

interface ControlLoop {
  readonly queue: WorkQueue;
  /** Wakes the controller by changes of a kind. */
  listenTo(kind: Kind, wake: Wake): void;
  readonly recorder: EventRecorder;
}

interface LoopOptions {
  readonly caches: KindCaches;
  readonly client: Client;
  readonly world: World;
  readonly budget: TurnBudget;
  readonly signal: AbortSignal;
}

function controlLoop(controller: Controller, { caches, client, world, budget, signal }: LoopOptions): ControlLoop {
  const recorder = new EventRecorder({ client, world, component: controller.name });
  const reader = readerOf(controller, caches);
  const context: ControllerContext = { reader, writer: writerOf(controller, { client, caches, recorder }), live: liveReaderOf(controller, client), world, signal };
  const queue: WorkQueue = new WorkQueue({
    clock: world.clock, budget,
    concurrency: controller.concurrency ?? 1,
    work: (key) => reconcileKey(controller, key, { context, caches }),
  });
  const listenTo = (kind: Kind, listener: (object: ApiObject | undefined, previous: ApiObject | undefined) => void): void => {
    caches.get(kind)?.listen(listener);
  };
  for (const observation of controller.observes ?? []) listenTo(observation.kind, observation.changed);
  if (controller.isWokenByItself !== false) {
    listenTo(controller.kind, (object, previous) => {
      const changed = object ?? previous;
      if (changed !== undefined) queue.add(workKey(controller, refOf(changed)));
    });
  }
  const listenToWake = (kind: Kind, wake: Wake): void => {
    listenTo(kind, (object, previous) => {
      const changed = object ?? previous;
      if (changed === undefined) return;
      for (const ref of wake.keys(changed, previous, reader)) queue.add(workKey(controller, ref));
    });
  };
  for (const wake of controller.wakes ?? []) listenToWake(wake.kind, wake);
  return { queue, recorder, listenTo: listenToWake };
}

/** What stands between the name of a kind and a key. */
const kindSeparator = "|";

/** A key of the queue: with the kind's name where the controller works on several. */
function workKey({ kind, kinds }: Controller, ref: WorkRef): string {
  return kinds === undefined ? keyOf(ref) : `${nameOfKind(ref.kind ?? kind)}${kindSeparator}${keyOf(ref)}`;
}

function parseWorkKey({ kinds }: Controller, key: string, caches: KindCaches): WorkRef {
  if (kinds === undefined) return parseKey(key);
  const end = key.indexOf(kindSeparator);
  const kind = caches.kindOf(key.slice(0, end));
  return { ...parseKey(key.slice(end + 1)), ...(kind === undefined ? {} : { kind }) };
}

/** Reconciles one key. Refusals that a fresh look cures are retried silently; what the code itself did wrong is thrown to the log loudly. */
async function reconcileKey(controller: Controller, key: string, { context, caches }: { readonly context: ControllerContext; readonly caches: KindCaches }): Promise<WorkResult> {
  const ref = parseWorkKey(controller, key, caches);
  // Its kind is no longer served, and nothing of it is there.
  if (controller.kinds !== undefined && ref.kind === undefined) return { kind: "done" };
  const kind = ref.kind ?? controller.kind;
  const { log } = context.world;
  try {
    const object = context.reader.get(kind, ref);
    const outcome = await controller.reconcile(ref, object !== undefined && isOfKind(kind, object) ? object : undefined, context);
    return resultOf(outcome, () => { log.info("a controller is stalled", { controller: controller.name, object: key, ...stallOf(outcome) }); });
  } catch (error) {
    if (context.signal.aborted) return { kind: "done" };
    const fields = { controller: controller.name, object: key, error };
    // Nothing more can be made there; what is left goes with its namespace.
    if (isNamespaceEnding(error)) {
      log.debug("a controller leaves a namespace that ends", fields);
      return { kind: "done" };
    }
    if (error instanceof ProgrammingError) log.error("a controller broke its declaration", fields);
    else if (isApiError(error, "Conflict", "NotFound", "AlreadyExists")) log.debug("a controller looks again", fields);
    else log.warn("a controller failed and tries again", fields);
    return { kind: "failed" };
  }
}

function resultOf(outcome: Outcome, onStall: () => void): WorkResult {
  switch (outcome.kind) {
    case "done": return { kind: "done" };
    case "wait": return { kind: "again", afterMs: outcome.afterMs };
    case "stalled":
      onStall();
      return { kind: "done" };
  }
}

function stallOf(outcome: Outcome): { readonly reason?: string; readonly message?: string } {
  return outcome.kind === "stalled" ? { reason: outcome.reason, message: outcome.message } : {};
}
