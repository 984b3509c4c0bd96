import { isOfKind } from "../api/shape.ts";
import { isApiError } from "../model/api-error.ts";
import { JobKind } from "../model/kinds/batch.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Sync } from "../model/kinds/sync.ts";
import { parseKey, refOf } from "../model/object.ts";
import type { SyncStep, SyncTiming } from "../model/generated/capstan-v1.ts";
import type { Job } from "../jobs/jobs.ts";
import type { JsonObject } from "../value/json.ts";
import { asJson } from "../value/json.ts";
import { printMicroTime, printTime } from "../world/clock.ts";
import { withAccount, writerOf } from "./account.ts";
import { inventoryIds, inventoryOf, kindOfId } from "./application-status.ts";
import { unpackArtifact } from "./artifacts.ts";
import type { StoredRender } from "./artifacts.ts";
import { liveReader } from "./evaluate.ts";
import { executePlan } from "./execute.ts";
import type { ExecuteResult } from "./execute.ts";
import { wantedOfStored, withApplied } from "./memory.ts";
import { withoutUnused } from "./pins.ts";
import type { Step, Wave } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import { isFinished } from "./hand-over.ts";
import type { Loop } from "./loop.ts";
import { hookKey, judgeHook } from "./hooks.ts";
import { hooksDoneIn, planRecord } from "./sync-records.ts";
import { applicationKey, resourceKey, resourceText } from "./tracking.ts";
import { trimRecords } from "./trim.ts";

/** Carries out one queued sync. Safe to run twice, late, or after a newer one: the record's phase, the plan's generation and the store's fence say so. */
export async function runSync(loop: Loop, job: Job, signal: AbortSignal): Promise<void> {
  const { client, world } = loop;
  const application = await client.get(ApplicationKind, parseKey(job.application));
  const sync = (await client.list(SyncKind, { namespace: parseKey(job.application).namespace })).items.find((one) => one.spec.planDigest === job.planDigest);
  if (application === undefined || sync === undefined || isFinished(sync)) return;
  const artifact = await client.get(ArtifactKind, { namespace: refOf(sync).namespace, name: sync.spec.artifact ?? sync.metadata.name });
  if (artifact === undefined) {
    await finish(loop, application, sync, { kind: "stale", message: "its plan is not stored any more" }, undefined);
    return;
  }
  const render = await unpackArtifact(artifact);
  const startedMs = world.clock.nowMs();
  await patchSync(loop, sync, { phase: "Running", startedAt: sync.status.startedAt ?? printTime(startedMs), attempts: (sync.status.attempts ?? 0) + 1 });
  await patchOperation(loop, application, sync, { phase: "Running", message: "committing" });
  const hooksDone = hooksDoneIn(sync);
  const done = new Set<string>(hooksDone);
  let superseded = false;
  const isSuperseded = () => {
    const latest = loop.reader?.get(ApplicationKind, refOf(application));
    superseded ||= latest !== undefined && (latest.status.planGeneration ?? 0) > sync.spec.planGeneration;
    return superseded;
  };
  const result = await executePlan(render.plan, {
    client, writer: writerOf(loop, application), find: (apiVersion, kind) => loop.kinds.find(apiVersion, kind), clock: world.clock, signal, isSuperseded, hooksDone,
    isHealthy: (wave) => isWaveHealthy(loop, wave), failureOf: (wave) => failedJobOf(loop, wave),
    onWait: async (text) => { await patchOperation(loop, application, sync, { phase: "Running", message: `waiting for ${text}` }); },
    onHookDone: async (hook) => {
      done.add(hookKey(hook));
      await patchSync(loop, sync, { steps: recordSteps(render, done, undefined) });
    },
    onDone: async (steps) => {
      for (const step of steps) done.add(resourceKey(step));
      await patchSync(loop, sync, { steps: recordSteps(render, done, undefined) });
    },
  });
  const timings: readonly SyncTiming[] = [
    ...(sync.status.timings ?? []).map((timing) => timing.stretch === "queue" && timing.startedAt !== undefined ? { ...timing, durationMs: Math.max(0, Math.round(startedMs - Date.parse(timing.startedAt))) } : timing),
    { stretch: "commit", durationMs: Math.round(world.clock.nowMs() - startedMs), startedAt: printMicroTime(startedMs) },
  ];
  await finish(loop, application, sync, result, { render, done, timings });
}

interface Carried {
  readonly render: StoredRender;
  readonly done: ReadonlySet<string>;
  readonly timings: readonly SyncTiming[];
}

async function finish(loop: Loop, application: Application, sync: Sync, result: ExecuteResult, carried: Carried | undefined): Promise<void> {
  const finishedAt = printTime(loop.world.clock.nowMs());
  const phase = result.kind === "done" ? "Succeeded" : result.kind === "refused" ? "Failed" : "Superseded";
  const message = result.kind === "done" ? messageOf(carried) : result.kind === "refused" && result.isDenied ? withAccount(result.message, application) : result.message;
  const failed = result.kind === "refused" ? result.step : undefined;
  if (result.kind === "done" && carried !== undefined) await recordHistory(loop, application, sync, carried, finishedAt);
  await patchSync(loop, sync, {
    phase, message, finishedAt, ...(result.kind === "done" ? { storeRevision: result.storeRevision } : {}),
    ...(carried === undefined ? {} : { timings: carried.timings, steps: recordSteps(carried.render, carried.done, failed) }),
  });
  await patchOperation(loop, application, sync, { phase, message, finishedAt });
  loop.enqueued.delete(sync.spec.planDigest);
  loop.world.log.info("a sync ended", { application: applicationKey(application), plan: sync.spec.planDigest, revision: sync.spec.revision, phase, message });
}

function messageOf(carried: Carried | undefined): string {
  const count = carried === undefined ? 0 : stepsOf(carried.render.plan).length;
  return `${count} ${count === 1 ? "object" : "objects"} changed`;
}

/** The application's history, inventory and memory after a completed sync; the last entry is what runs. */
async function recordHistory(loop: Loop, application: Application, sync: Sync, carried: Carried, deployedAt: string): Promise<void> {
  const wanted = wantedOfStored(carried.render, loop.kinds);
  const current = await loop.client.get(ApplicationKind, refOf(application));
  if (current === undefined) return;
  const limit = current.spec.revisionHistoryLimit ?? 10;
  const entry = {
    id: sync.spec.planGeneration, revision: sync.spec.revision, sync: sync.metadata.name, deployedAt, author: sync.spec.author ?? "", message: sync.spec.message ?? "",
    planDigest: sync.spec.planDigest, artifact: sync.spec.artifact ?? "",
  };
  const history = [...(current.status.history ?? []).filter((one) => one.id !== entry.id), entry].slice(-Math.max(1, limit));
  // What a newer plan has listed meanwhile, or a step left alone, stays listed: a look at the settled application drops what is gone.
  const removed = new Set(carried.render.plan.prune.map(resourceKey));
  const kept = inventoryIds(current.status.inventory ?? []).filter((id) => !removed.has(resourceKey(id)));
  const inventory = inventoryOf([...kept, ...wanted.desired.map((one) => one.id)], loop.kinds);
  await patchStatus(loop, application, { history: history.map(asJson), inventory: inventory.map(asJson), ...releaseAfter(current, carried.render) });
  loop.memoryOf(applicationKey(application)).priors = withApplied(new Map(), wanted.desired);
  await dropUnusedPins(loop, current, sync.spec.revision);
  await trimRecords(loop, application, history.map((one) => one.sync));
}

/** Pins of call sites that the deployed commit no longer has. */
async function dropUnusedPins(loop: Loop, application: Application, revision: string): Promise<void> {
  const { prepared } = loop.memoryOf(applicationKey(application));
  if (prepared?.revision.commit !== revision) return;
  const pins = await loop.tools.pins.load(application);
  if (pins === undefined) return;
  const kept = withoutUnused(pins, prepared.pinned);
  if (kept !== pins) await loop.tools.pins.save(application, kept);
}

/** A release's revision grows when people put something else into it than before. */
function releaseAfter({ status }: Application, { input }: StoredRender): JsonObject {
  if (input === undefined || status.release?.input === input) return {};
  return { release: { revision: (status.release?.revision ?? 0) + 1, input } };
}

function recordSteps(render: StoredRender, done: ReadonlySet<string>, failed: Step | undefined): readonly SyncStep[] {
  const failedKey = failed === undefined ? undefined : resourceKey(failed);
  return planRecord(render.plan, (key) => (key === failedKey ? "Failed" : done.has(key) ? "Done" : "Pending"));
}

async function patchSync(loop: Loop, sync: Sync, status: Sync["status"]): Promise<void> {
  await loop.client.patch(SyncKind, refOf(sync), { type: "merge", body: { status: asJson(status) } }, { subresource: "status" });
}

async function patchOperation(loop: Loop, application: Application, sync: Sync, state: { readonly phase: string; readonly message: string; readonly finishedAt?: string }): Promise<void> {
  const current = await loop.client.get(ApplicationKind, refOf(application));
  if (current === undefined || (current.status.operationState?.sync ?? sync.metadata.name) !== sync.metadata.name) return;
  await patchStatus(loop, application, { operationState: { ...state, sync: sync.metadata.name } });
}

async function patchStatus(loop: Loop, application: Application, status: JsonObject): Promise<void> {
  try {
    await loop.client.patch(ApplicationKind, refOf(application), { type: "merge", body: { status } }, { subresource: "status" });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

function isWaveHealthy(loop: Loop, wave: Wave): boolean {
  const { reader, world } = loop;
  if (reader === undefined) return false;
  const live = liveReader(reader, loop.kinds);
  return wave.steps.every((step) => {
    const object = live(step);
    const health = object === undefined ? undefined : kindOfId(step, loop.kinds)?.health?.(object, world.clock.nowMs());
    return object !== undefined && (health === undefined || health.status === "Healthy" || health.status === "Suspended");
  });
}

/** A Job is done for when it failed; what else is degraded may still heal. */
function failedJobOf(loop: Loop, wave: Wave): string | undefined {
  if (loop.reader === undefined) return undefined;
  const live = liveReader(loop.reader, loop.kinds);
  for (const step of wave.steps) {
    const object = live(step);
    const state = object === undefined || !isOfKind(JobKind, object) ? undefined : judgeHook(object);
    if (state?.kind === "failed") return `${resourceText(step)} failed: ${state.message}`;
  }
  return undefined;
}
