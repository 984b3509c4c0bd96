import { isApiError } from "../model/api-error.ts";
import type { ControllerContext, Outcome } from "../control/controller.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Sync } from "../model/kinds/sync.ts";
import type { HealthStatus } from "../model/health.ts";
import { refOf } from "../model/object.ts";
import { asJson, isJsonObject } from "../value/json.ts";
import { generateMergePatch } from "../value/merge-patch.ts";
import { printTime } from "../world/clock.ts";
import { isDenied } from "./account.ts";
import { askGit, effectiveWanted, isTimeToAsk, loadMemory, loadRender } from "./ask-git.ts";
import { conditionsWith, hookStates, idsToAssess, inventoryIds, inventoryOf, kindOfId, resourceStates, syncState } from "./application-status.ts";
import { packArtifact } from "./artifacts.ts";
import { decideSync } from "./decide-sync.ts";
import type { Trigger } from "./decide-sync.ts";
import { evaluate, liveReader, releaseEventOf } from "./evaluate.ts";
import type { Memory, Wanted } from "./memory.ts";
import { isWantedBy, storedRenderOf, withApplied } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { isEmptyPlan } from "./plan.ts";
import { printProblems } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { atFieldPlaces } from "./field-places.ts";
import { readSource } from "./prepare.ts";
import { validatePlan } from "./validate-plan.ts";
import { closeSuperseded, finishNewest, handOver, handOverRollback } from "./hand-over.ts";
import type { Loop } from "./loop.ts";
import { finalizeApplication } from "./finalize.ts";
import { lastSyncOf, newSync, syncsOf } from "./sync-records.ts";
import type { NewSync } from "./sync-records.ts";
import { applicationKey, pruneFinalizer, refreshAnnotation, requestedByAnnotation, resourceKey, rollbackRequestAnnotation, syncRequestAnnotation, trackedBy } from "./tracking.ts";
import { withoutSecrets } from "./notes.ts";
import { stepTests } from "./release-events.ts";
import { recordReady } from "./record-ready.ts";
import { assess, verdict } from "./verdict.ts";

/** Removals wait this long for other applications of the repository, so that a moved object is taken over and not recreated. */
const siblingWaitMaxMs = 10_000;
const siblingPollMs = 100;

/** An account that lacks rights is asked again after this: people give them, and expect to see it soon. */
const deniedLookMs = 5_000;

/** One look at one application: ask Git when it is time, render, plan, decide, record. Level-triggered; everything it needs is found again after a crash. */
export async function reconcileApplication(loop: Loop, application: Application, context: ControllerContext): Promise<Outcome> {
  if (application.metadata.deletionTimestamp !== undefined) {
    return application.metadata.finalizers?.includes(pruneFinalizer) === true ? finalizeApplication(loop, application, context) : { kind: "done" };
  }
  const memory = loop.memoryOf(applicationKey(application));
  const requests = requestsOf(application);
  if (memory.priors === undefined) await loadMemory(loop, memory, application, context);
  if (isTimeToAsk(memory, application, requests.refresh, context.world.clock.monotonicMs())) await askGit(loop, memory, application, requests.refresh, context);
  if (requests.refresh !== undefined) await removeAnnotations(application, [refreshAnnotation], context);
  const rollback = requests.rollbackTo === undefined ? undefined : await loadRender(loop, application, requests.rollbackTo, context);
  const wanted = rollback?.wanted ?? effectiveWanted(memory, application);
  const planStartedMs = context.world.clock.monotonicMs();
  const view = wanted === undefined ? undefined : await planFor(loop, memory, application, { wanted, isRollback: rollback?.wanted !== undefined }, context);
  const problems = rollback?.problem === undefined ? (view?.problems ?? memory.problems) : [rollback.problem];
  memory.planMs = context.world.clock.monotonicMs() - planStartedMs;
  const health = await writeStatus(loop, memory, application, { wanted, plan: view?.plan, problems: [...memory.sourceProblems, ...(view === undefined ? [] : memory.problems), ...problems] }, context);
  if (health === "Healthy") await recordReady(syncsOf(application, context.reader)[0], loop.kinds, context);
  if (application.spec.suspend === true) return { kind: "done" };
  const testing = await stepTests(loop, memory, application, context);
  const outcome = await act(loop, memory, application, { requests, wanted, plan: view?.plan, problems, isRollback: rollback?.wanted !== undefined }, context);
  return testing?.kind === "wait" && (outcome.kind !== "wait" || outcome.afterMs > testing.afterMs) ? testing : outcome;
}

interface Requests {
  readonly refresh: string | undefined;
  readonly isSyncRequested: boolean;
  readonly rollbackTo: string | undefined;
  readonly requestedBy: string | undefined;
}

function requestsOf(application: Application): Requests {
  const annotations = application.metadata.annotations ?? {};
  return {
    refresh: annotations[refreshAnnotation], isSyncRequested: annotations[syncRequestAnnotation] !== undefined,
    rollbackTo: annotations[rollbackRequestAnnotation], requestedBy: annotations[requestedByAnnotation],
  };
}

async function planFor(loop: Loop, memory: Memory, application: Application, { wanted, isRollback }: { readonly wanted: Wanted; readonly isRollback: boolean }, context: ControllerContext): Promise<{ readonly plan: Plan | undefined; readonly problems: readonly Problem[] }> {
  const { plan, problems } = evaluate({
    application, wanted, priors: memory.priors ?? new Map(), reader: context.reader, memories: loop.memories,
    generation: nextGeneration(application, context), mayPrune: mayPrune(application), kinds: loop.kinds,
    event: releaseEventOf(application, wanted, isRollback, context.reader),
  });
  if (problems.length > 0 || isEmptyPlan(plan)) return { plan, problems };
  const refused = await validatePlan(plan, loop, { application, desired: wanted.desired });
  return { plan: isDenied(refused) ? undefined : plan, problems: isRollback ? refused : await placedProblems(loop, memory, application, { wanted, refused }, context) };
}

/** Refused fields at the lines that wrote them, looked for once as long as the same is refused of the same render. */
async function placedProblems(loop: Loop, memory: Memory, application: Application, { wanted, refused }: { readonly wanted: Wanted; readonly refused: readonly Problem[] }, context: ControllerContext): Promise<readonly Problem[]> {
  if (!refused.some(({ field }) => field !== undefined) || memory.prepared?.revision.commit !== wanted.revision) return refused;
  const key = `${wanted.digest} ${refused.map(({ message }) => message).join("\n")}`;
  if (memory.placed?.key === key) return memory.placed.problems;
  const tree = await readSource(application, wanted.revision, loop.tools, context.signal);
  if (tree.kind === "problem") return refused;
  const problems = await atFieldPlaces(refused, { application, tree, tools: loop.tools }, context.signal);
  memory.placed = { key, problems };
  return problems;
}

/** Above every plan there is, also one whose record was written just before a crash. */
function nextGeneration(application: Application, { reader }: ControllerContext): number {
  return Math.max(application.status.planGeneration ?? 0, syncsOf(application, reader)[0]?.spec.planGeneration ?? 0) + 1;
}

/** Automated syncs remove only what `prune` allows; a sync by hand and a rollback do what their plan showed. */
function mayPrune(application: Application): boolean {
  const requests = requestsOf(application);
  return application.spec.syncPolicy?.automated?.prune === true || requests.isSyncRequested || requests.rollbackTo !== undefined;
}

interface Situation {
  readonly requests: Requests;
  readonly wanted: Wanted | undefined;
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly isRollback: boolean;
}

async function act(loop: Loop, memory: Memory, application: Application, situation: Situation, context: ControllerContext): Promise<Outcome> {
  const { requests, wanted, problems } = situation;
  const nowMs = context.world.clock.nowMs();
  const syncs = syncsOf(application, context.reader);
  await closeSuperseded(syncs, context);
  const askAgain: Outcome = { kind: "wait", afterMs: untilAskMs(memory, context), reason: "next look at Git" };
  const nextLook = requests.rollbackTo === undefined ? await handOverRollback(loop, application, syncs, askAgain, context) : askAgain;
  if (wanted === undefined || situation.plan === undefined || problems.length > 0) {
    await refuseRequests(application, requests, problems, context);
    // What a good commit began is finished, whatever the newest one is like.
    const look = await finishNewest(loop, application, syncs, nextLook, context);
    return isDenied(problems) && look.kind === "wait" ? { ...look, afterMs: Math.min(look.afterMs, deniedLookMs) } : look;
  }
  const { plan } = situation;
  const decision = decideSync({
    policy: application.spec.syncPolicy, hasChanges: !isEmptyPlan(plan), desiredDigest: wanted.digest, last: lastSyncOf(syncs, nowMs),
    isRequested: requests.isSyncRequested, isRollback: situation.isRollback, seenBy: memory.seenBy, nowMs,
  });
  switch (decision.kind) {
    case "wait": return { kind: "wait", afterMs: nextLook.kind === "wait" ? Math.min(decision.afterMs, nextLook.afterMs) : decision.afterMs, reason: decision.reason };
    case "resume": return finishNewest(loop, application, syncs, nextLook, context);
    case "none":
      if (requests.isSyncRequested || situation.isRollback) await removeAnnotations(application, [syncRequestAnnotation, rollbackRequestAnnotation, requestedByAnnotation], context);
      return finishNewest(loop, application, syncs, nextLook, context);
    case "sync": {
      const waiting = waitForSiblings(loop, memory, application, plan, context);
      return waiting ?? startSync(loop, memory, application, { ...situation, plan, wanted, trigger: decision.trigger, syncs }, context);
    }
  }
}

/** A wish that cannot be carried out is answered and over; it must not come true hours later, when nobody expects it. */
async function refuseRequests(application: Application, requests: Requests, problems: readonly Problem[], context: ControllerContext): Promise<void> {
  if (!requests.isSyncRequested && requests.rollbackTo === undefined) return;
  const reason = requests.rollbackTo === undefined ? "SyncRefused" : "RollbackRefused";
  context.writer.event(application, { type: "Warning", reason, message: printProblems(problems).join("\n") || "the application could not be compared" });
  await removeAnnotations(application, [syncRequestAnnotation, rollbackRequestAnnotation, requestedByAnnotation], context);
}

/** How long until Git is to be asked again. */
function untilAskMs(memory: Memory, { world }: ControllerContext): number {
  return Math.max(0, Math.ceil((memory.nextAskMs ?? 0) - world.clock.monotonicMs()));
}

function waitForSiblings(loop: Loop, memory: Memory, application: Application, plan: Plan, context: ControllerContext): Outcome | undefined {
  if (plan.prune.length === 0) return undefined;
  // While this plan was checked another application was rendered, and wants what this one would remove: plan again, knowing that.
  const others = [...loop.memories].filter(([key]) => key !== applicationKey(application)).map(([, known]) => known);
  if (plan.prune.some((step) => others.some((known) => isWantedBy(known, step)))) return { kind: "wait", afterMs: siblingPollMs, reason: "another application takes an object over" };
  const nowMs = context.world.clock.monotonicMs();
  memory.waitingForSiblingsSinceMs ??= nowMs;
  const { source } = application.spec;
  const isBehind = context.reader.list(ApplicationKind).some((other) => {
    if (refOf(other).name === application.metadata.name && refOf(other).namespace === application.metadata.namespace) return false;
    if (other.spec.source.repoURL !== source.repoURL || other.spec.source.targetRevision !== source.targetRevision || other.spec.suspend === true) return false;
    const known = loop.memories.get(applicationKey(other));
    return known?.problemCommit !== plan.revision && known?.prepared?.revision.commit !== plan.revision;
  });
  if (isBehind && nowMs - memory.waitingForSiblingsSinceMs < siblingWaitMaxMs) return { kind: "wait", afterMs: siblingPollMs, reason: "applications of the same repository are not rendered yet" };
  delete memory.waitingForSiblingsSinceMs;
  return undefined;
}

/** Records the plan and what it renders, then hands its digest to the queue. */
async function startSync(
  loop: Loop, memory: Memory, application: Application,
  start: Situation & { readonly plan: Plan; readonly wanted: Wanted; readonly trigger: Trigger; readonly syncs: readonly Sync[] }, context: ControllerContext,
): Promise<Outcome> {
  const { plan, wanted, trigger } = start;
  const sync = newSync({
    application, plan, trigger, desiredDigest: wanted.digest, requestedBy: start.requests.requestedBy, revision: revisionOf(wanted, memory, start.syncs),
    stretches: [...memory.prepared?.stretches ?? [], { stretch: "plan", durationMs: memory.planMs ?? 0 }],
  }, context.world);
  const artifact = await packArtifact(sync.metadata.name, application, storedRenderOf(plan, wanted));
  if (artifact === undefined) {
    await writeStatus(loop, memory, application, { wanted, plan, problems: [{ reason: "TooLarge", message: "the rendered objects do not fit one megabyte compressed; split the application" }] }, context);
    return { kind: "stalled", reason: "TooLarge", message: "the render is too large to be kept" };
  }
  await rememberObjects(loop, application, wanted, context);
  await context.writer.create(ArtifactKind, artifact);
  const { status, ...record } = sync;
  const created = await context.writer.create(SyncKind, { ...record, status: {} });
  await context.writer.patch(SyncKind, refOf(created), { type: "merge", body: { status: asJson(status) } }, { subresource: "status" });
  await context.writer.patch(ApplicationKind, refOf(application), {
    type: "merge", body: {
      status: {
        planGeneration: plan.generation, ...(start.isRollback && memory.prepared !== undefined && memory.prepared.revision.commit !== wanted.revision ? { pinnedRevision: memory.prepared.revision.commit } : {}),
        operationState: { phase: "Pending", sync: sync.metadata.name, message: "waiting for the queue", startedAt: printTime(context.world.clock.nowMs()), finishedAt: null, retryAt: null },
      },
    },
  }, { subresource: "status" });
  if (start.isRollback) memory.pinned = wanted;
  memory.priors = withApplied(memory.priors ?? new Map(), wanted.desired);
  await removeAnnotations(application, [syncRequestAnnotation, rollbackRequestAnnotation, requestedByAnnotation], context);
  context.world.log.info("a sync was planned", { application: applicationKey(application), revision: plan.revision, plan: plan.digest, trigger });
  const nextLook: Outcome = { kind: "wait", afterMs: untilAskMs(memory, context), reason: "next look at Git" };
  if (start.isRollback) await handOver(loop, application, { queue: "rollback", id: sync.metadata.name }, nextLook, context);
  return handOver(loop, application, { queue: "sync", id: plan.digest }, nextLook, context);
}

/** Before there is a record that a worker may carry out: what was never listed could never be pruned. */
async function rememberObjects(loop: Loop, application: Application, wanted: Wanted, context: ControllerContext): Promise<void> {
  const known = inventoryIds(application.status.inventory ?? []);
  const inventory = inventoryOf([...known, ...wanted.desired.map((one) => one.id)], loop.kinds);
  if (inventory.length === inventoryOf(known, loop.kinds).length) return;
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { status: { inventory: inventory.map(asJson) } } }, { subresource: "status" });
}

/** The commit of what is wanted: as Git showed it, else as an earlier sync recorded it. */
function revisionOf(wanted: Wanted, memory: Memory, syncs: readonly Sync[]): NewSync["revision"] {
  const prepared = memory.prepared?.revision;
  if (prepared?.commit === wanted.revision) return prepared;
  const recorded = syncs.find((sync) => sync.spec.revision === wanted.revision)?.spec;
  return { commit: wanted.revision, author: recorded?.author ?? "", message: recorded?.message ?? "", committedAtMs: Date.parse(recorded?.committedAt ?? "") || 0 };
}

async function writeStatus(loop: Loop, memory: Memory, application: Application, seen: { readonly wanted: Wanted | undefined; readonly plan: Plan | undefined; readonly problems: readonly Problem[] }, context: ControllerContext): Promise<HealthStatus> {
  const { reader, world } = context;
  const nowMs = world.clock.nowMs();
  const wanted = seen.wanted ?? memory.wanted;
  const assessed = assess(idsToAssess(wanted, inventoryIds(application.status.inventory ?? []), loop.kinds), liveReader(reader, loop.kinds), nowMs);
  const present = assessed.filter((one) => one.live !== undefined || wanted?.keys.has(resourceKey(one.id)) === true);
  const revision = wanted?.revision === memory.prepared?.revision.commit ? memory.prepared?.revision : undefined;
  const isSettled = seen.plan !== undefined && isEmptyPlan(seen.plan) && seen.problems.length === 0 && wanted !== undefined;
  const next = {
    observedGeneration: application.metadata.generation ?? 0,
    sync: syncState(revision, seen.plan, wanted, seen.problems),
    // Nothing is known of an application that was never compared.
    health: wanted === undefined && present.length === 0 ? { status: "Unknown" as const } : verdict(present, reader, nowMs),
    resources: [...resourceStates(present, wanted, seen.plan), ...hookStates(wanted, liveReader(reader, loop.kinds), nowMs)],
    conditions: conditionsWith(application.status.conditions ?? [], seen.problems, nowMs),
    ...(memory.prepared === undefined ? {} : { sourceType: memory.prepared.sourceType, notes: withoutSecrets(memory.prepared.notes, memory.prepared.manifests) }),
    ...(isSettled ? { inventory: inventoryOf([...wanted.desired.map((one) => one.id), ...keptInventory(application, present, wanted), ...await unseenInventory(loop, application, present)], loop.kinds) } : {}),
  };
  const before = asJson(application.status);
  const change = generateMergePatch(Object.fromEntries(Object.keys(next).map((key) => [key, before[key]])), asJson(next));
  if (change === undefined || !isJsonObject(change)) return next.health.status;
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { status: { ...change, reconciledAt: printTime(nowMs) } } }, { subresource: "status" });
  return next.health.status;
}

/** Objects that are no longer wanted but still there and ours, waiting for a prune. */
function keptInventory(application: Application, present: ReturnType<typeof assess>, wanted: Wanted): ReturnType<typeof inventoryIds> {
  const mark = applicationKey(application);
  return present.filter((one) => !wanted.keys.has(resourceKey(one.id)) && one.live !== undefined && trackedBy(one.live) === mark).map((one) => one.id);
}

/** What the caches do not show may have been created a moment ago: it stays listed until the API itself says it is gone. */
async function unseenInventory(loop: Loop, application: Application, present: ReturnType<typeof assess>): Promise<ReturnType<typeof inventoryIds>> {
  const shown = new Set(present.map((one) => resourceKey(one.id)));
  const unseen: ReturnType<typeof inventoryIds>[number][] = [];
  for (const id of inventoryIds(application.status.inventory ?? [])) {
    const kind = kindOfId(id, loop.kinds);
    if (shown.has(resourceKey(id)) || kind === undefined) continue;
    const live = await loop.client.get(kind, id);
    if (live !== undefined && trackedBy(live) === applicationKey(application)) unseen.push(id);
  }
  return unseen;
}

async function removeAnnotations(application: Application, names: readonly string[], context: ControllerContext): Promise<void> {
  const present = names.filter((name) => application.metadata.annotations?.[name] !== undefined);
  if (present.length === 0) return;
  try {
    await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { annotations: Object.fromEntries(present.map((name) => [name, null])) } } });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

