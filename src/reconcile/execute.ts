import type { ApiTransactionResult, Client, TransactionWrite } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import type { FindKind } from "../model/kind-table.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import type { Clock } from "../world/clock.ts";
import { HookRun } from "./run-hooks.ts";
import type { PlannedHook } from "./hooks.ts";
import { isGround } from "./plan.ts";
import { basisDigest } from "./diff.ts";
import type { Plan, Step, Wave } from "./plan.ts";
import { resourceText, trackedBy } from "./tracking.ts";

/** How an execution ended. `stale`: what it was planned against has changed; plan again. */
export type ExecuteResult =
  | { readonly kind: "done"; readonly storeRevision: string }
  | { readonly kind: "superseded"; readonly message: string }
  | { readonly kind: "stale"; readonly message: string }
  | { readonly kind: "refused"; readonly step: Step | undefined; readonly message: string; /** The writer may not. */ readonly isDenied: boolean };

export interface ExecuteOptions {
  /** Reads. */
  readonly client: Client;
  /** Writes: the rights of the application's account, where it has one. */
  readonly writer: Client;
  readonly find: FindKind;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** True when a newer plan of the application exists. Asked before every wave. */
  readonly isSuperseded: () => boolean;
  /** Called when a wave is committed, and for each removal. */
  readonly onDone: (steps: readonly Step[]) => Promise<void>;
  /** Keys of hooks that ended well in an earlier try of the same plan. */
  readonly hooksDone?: ReadonlySet<string>;
  /** Called when a hook has ended well. */
  readonly onHookDone?: (hook: PlannedHook) => Promise<void>;
  /** Told what is waited for, as a sentence's end, whenever that is something else. */
  readonly onWait?: (text: string) => Promise<void>;
  /** Answers the health of a wave's objects, asked between waves. */
  readonly isHealthy: (wave: Wave) => boolean;
  /** What of a wave will never be healthy by itself, as a sentence: a Job that failed. */
  readonly failureOf?: (wave: Wave) => string | undefined;
}

/** Writers of status change an object's revision at any time; a wave is tried again this often before it gives way. */
const conflictRetriesMax = 10;

/** Between waves, health is asked this often. */
const waveHealthIntervalMs = 200;

/** A wave that is not healthy after this long fails its sync, as Deployments give up progress after ten minutes by default. */
const waveHealthTimeoutMs = 600_000;

/** Between looks at a running hook. */
const hookIntervalMs = 500;

/** Carries out a frozen plan: hooks, then wave by wave, each one transaction, removals, and the other hooks. Never decides anything (DESIGN 4.3). */
export async function executePlan(plan: Plan, options: ExecuteOptions): Promise<ExecuteResult> {
  let storeRevision = "";
  const groundCount = plan.waves.findIndex((wave) => !isGround(wave));
  const hooksAt = plan.hooks === undefined ? -1 : groundCount < 0 ? plan.waves.length : groundCount;
  for (const [index, wave] of plan.waves.entries()) {
    const stopped = index === hooksAt ? await runHooks(plan, plan.hooks?.before ?? [], options) : undefined;
    if (stopped !== undefined) return stopped;
    if (options.isSuperseded()) return superseded(plan);
    const result = await commitWave(plan, wave, options);
    if (result.kind !== "done") return result;
    storeRevision = result.storeRevision;
    await options.onDone(wave.steps);
    const isLast = index === plan.waves.length - 1;
    const problem = isLast ? undefined : await waitUntilHealthy(wave, options);
    if (problem !== undefined) return options.isSuperseded() ? superseded(plan) : { kind: "refused", step: undefined, message: `wave ${wave.wave} ${problem}`, isDenied: false };
  }
  const stopped = hooksAt === plan.waves.length ? await runHooks(plan, plan.hooks?.before ?? [], options) : undefined;
  if (stopped !== undefined) return stopped;
  for (const step of plan.prune) {
    if (options.isSuperseded()) return superseded(plan);
    const result = await commitWave(plan, { wave: step.wave, steps: [step] }, options);
    if (result.kind !== "done") return result;
    storeRevision = result.storeRevision;
    await options.onDone([step]);
  }
  return await runHooks(plan, plan.hooks?.after ?? [], options) ?? { kind: "done", storeRevision };
}

/** Runs the hooks of one event to their end; undefined when all went well. */
async function runHooks(plan: Plan, hooks: readonly PlannedHook[], options: ExecuteOptions): Promise<ExecuteResult | undefined> {
  if (hooks.length === 0) return undefined;
  const run = new HookRun(hooks, {
    client: options.client, writer: options.writer, find: options.find, clock: options.clock, mark: plan.digest, fence: { name: `application/${plan.applicationUid}`, generation: plan.generation },
    ...(options.hooksDone === undefined ? {} : { alreadyDone: options.hooksDone }), ...(options.onHookDone === undefined ? {} : { onDone: options.onHookDone }),
    onWait: async (hook) => { await options.onWait?.(`the ${hook.event} hook ${resourceText(hook)}`); },
  });
  for (;;) {
    options.signal.throwIfAborted();
    if (options.isSuperseded()) return superseded(plan);
    try {
      const state = await run.step();
      if (state.kind === "done") return undefined;
      if (state.kind === "failed") return { kind: "refused", step: undefined, message: state.message, isDenied: false };
    } catch (error) {
      // The fence is closed: a newer plan has been made.
      if (!isApiError(error, "Conflict")) throw error;
      return options.isSuperseded() ? superseded(plan) : { kind: "stale", message: error.message };
    }
    await options.clock.sleep(hookIntervalMs, options.signal);
  }
}

async function commitWave(plan: Plan, wave: Wave, options: ExecuteOptions): Promise<ExecuteResult> {
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    const prepared = await prepareWrites(wave, { application: plan.application, client: options.client, find: options.find });
    if ("stale" in prepared) return { kind: "stale", message: prepared.stale };
    if (prepared.writes.length === 0) return { kind: "done", storeRevision: "" };
    try {
      const result: ApiTransactionResult = await options.writer.transact({
        writes: prepared.writes, fence: { name: `application/${plan.applicationUid}`, generation: plan.generation },
      });
      return { kind: "done", storeRevision: result.resourceVersion };
    } catch (error) {
      if (isApiError(error, "Conflict") && options.isSuperseded()) return superseded(plan);
      if (isApiError(error, "Conflict") && attempt <= conflictRetriesMax) continue;
      if (isApiError(error, "Conflict", "AlreadyExists", "NotFound")) return { kind: "stale", message: error.message };
      if (isApiError(error, "Invalid", "Forbidden", "BadRequest", "RequestEntityTooLarge")) return { kind: "refused", step: prepared.steps.length === 1 ? prepared.steps[0] : undefined, message: error.message, isDenied: isApiError(error, "Forbidden") };
      throw error;
    }
  }
}

/** Holds each step against what is live now: already done is left out, another basis is stale. */
async function prepareWrites(wave: Wave, { application, client, find }: { readonly application: string; readonly client: Client; readonly find: FindKind }): Promise<{ readonly writes: readonly TransactionWrite[]; readonly steps: readonly Step[] } | { readonly stale: string }> {
  const writes: TransactionWrite[] = [];
  const steps: Step[] = [];
  for (const step of wave.steps) {
    const kind = find(step.apiVersion, step.kind);
    if (kind === undefined) return { stale: `kind ${step.kind} is no longer served` };
    const write = await writeFor(step, kind, { application, client });
    if (write === "done") continue;
    if (write === "stale") return { stale: `${resourceText(step)} was changed since the plan was made` };
    writes.push(write);
    steps.push(step);
  }
  return { writes, steps };
}

async function writeFor(step: Step, kind: Kind, { application, client }: { readonly application: string; readonly client: Client }): Promise<TransactionWrite | "done" | "stale"> {
  const live = await client.get(kind, step);
  switch (step.action) {
    case "Create":
      if (step.object === undefined) return "stale";
      if (live === undefined) return { verb: "create", object: step.object };
      return isDone(live, step.object) ? "done" : "stale";
    case "Update":
    case "Move":
      if (live === undefined || step.object === undefined || step.basis === undefined) return "stale";
      if (basisDigest(live) === basisDigest(step.object)) return "done";
      if (live.metadata.uid !== step.basis.uid || basisDigest(live) !== step.basis.digest) return "stale";
      return { verb: "update", object: { ...step.object, metadata: { ...step.object.metadata, ...versionOf(live) } } };
    case "Delete":
      if (live === undefined || live.metadata.deletionTimestamp !== undefined) return "done";
      if (step.basis === undefined || live.metadata.uid !== step.basis.uid) return "stale";
      // Another application has taken it over since the plan was made; the revision keeps that true until the removal.
      if (trackedBy(live) !== application) return "stale";
      return { verb: "remove", kind, ref: step, options: { propagation: "Background", preconditions: { uid: step.basis.uid, ...versionOf(live) } } };
  }
}

/** An earlier try created it: the object carries the application's mark, which the plan wrote. */
function isDone(live: ApiObject, wanted: ApiObject): boolean {
  const mark = trackedBy(live);
  return mark !== undefined && mark === trackedBy(wanted);
}

function versionOf(live: ApiObject): { readonly resourceVersion?: string } {
  return live.metadata.resourceVersion === undefined ? {} : { resourceVersion: live.metadata.resourceVersion };
}

/** Undefined when the wave is healthy, else what it is instead. */
async function waitUntilHealthy(wave: Wave, options: ExecuteOptions): Promise<string | undefined> {
  const deadlineMs = options.clock.monotonicMs() + waveHealthTimeoutMs;
  let isTold = false;
  while (!options.isHealthy(wave)) {
    if (!isTold) await options.onWait?.(`wave ${wave.wave} to be healthy`);
    isTold = true;
    const failure = options.failureOf?.(wave);
    if (failure !== undefined) return `will not be healthy: ${failure}`;
    if (options.isSuperseded() || options.clock.monotonicMs() > deadlineMs) return `is not healthy after ${waveHealthTimeoutMs / 60_000} minutes`;
    await options.clock.sleep(waveHealthIntervalMs, options.signal);
  }
  return undefined;
}

function superseded(plan: Plan): ExecuteResult {
  return { kind: "superseded", message: `a newer plan than generation ${plan.generation} exists` };
}
