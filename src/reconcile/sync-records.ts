import type { Reader } from "../control/controller.ts";
import type { Application } from "../model/kinds/application.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Sync } from "../model/kinds/sync.ts";
import type { SyncSpec, SyncStep } from "../model/generated/capstan-v1.ts";
import { randomSuffix } from "../world/chance.ts";
import type { World } from "../world/world.ts";
import { printMicroTime, printTime } from "../world/clock.ts";
import type { Revision } from "../world/repositories.ts";
import type { LastSync } from "./decide-sync.ts";
import { printChange } from "./diff.ts";
import { hookKey } from "./hooks.ts";
import type { PlannedHook } from "./hooks.ts";
import type { Plan, Step } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import type { Stretch } from "./prepare.ts";
import { metadataOfRecord, resourceKey } from "./tracking.ts";

/** On a Sync: digest of everything that was wanted. */
export const desiredDigestAnnotation = "capstan.dev/desired-digest";

/** Self-heals further apart than this are not a fight. */
const healWindowMs = 600_000;

/** The syncs of an application, newest plan first. */
export function syncsOf(application: Application, reader: Reader): readonly Sync[] {
  return reader.list(SyncKind, application.metadata.namespace ?? "")
    .filter((sync) => sync.spec.application === application.metadata.name && isOwned(sync, application))
    .toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration);
}

function isOwned(sync: Sync, application: Application): boolean {
  return sync.metadata.ownerReferences?.some((owner) => owner.uid === application.metadata.uid) === true;
}

/** The newest sync, with how often in a row its wish failed or was healed. */
export function lastSyncOf(syncs: readonly Sync[], nowMs: number): LastSync | undefined {
  const newest = syncs[0];
  if (newest === undefined) return undefined;
  const desiredDigest = digestOf(newest);
  const finishedAtMs = finishedAt(newest);
  return {
    name: newest.metadata.name, phase: newest.status.phase ?? "Pending", desiredDigest, trigger: newest.spec.trigger, finishedAtMs,
    failures: countWhile(syncs, (sync) => sync.status.phase === "Failed" && digestOf(sync) === desiredDigest),
    heals: countWhile(syncs, (sync) => sync.spec.trigger === "SelfHeal" && digestOf(sync) === desiredDigest && nowMs - (finishedAt(sync) ?? nowMs) < healWindowMs),
  };
}

function digestOf(sync: Sync): string {
  return sync.metadata.annotations?.[desiredDigestAnnotation] ?? "";
}

function finishedAt(sync: Sync): number | undefined {
  return sync.status.finishedAt === undefined ? undefined : Date.parse(sync.status.finishedAt);
}

function countWhile<T>(items: readonly T[], holds: (item: T) => boolean): number {
  const end = items.findIndex((item) => !holds(item));
  return end < 0 ? items.length : end;
}

/** Everything a new record says. */
export interface NewSync {
  readonly application: Application;
  readonly plan: Plan;
  readonly trigger: SyncSpec["trigger"];
  readonly revision: Pick<Revision, "commit" | "author" | "message" | "committedAtMs">;
  readonly desiredDigest: string;
  readonly requestedBy: string | undefined;
  readonly stretches: readonly Stretch[];
}

/** A record of a sync that is about to run. */
export function newSync(record: NewSync, world: World): Sync {
  const { application, plan, revision } = record;
  const name = `${application.metadata.name}-${plan.generation}-${randomSuffix(world.chance)}`;
  return {
    apiVersion: "capstan.dev/v1", kind: SyncKind.kind,
    metadata: { name, ...metadataOfRecord(application), annotations: { [desiredDigestAnnotation]: record.desiredDigest } },
    spec: {
      application: application.metadata.name, trigger: record.trigger, revision: revision.commit, author: revision.author, message: revision.message,
      ...(revision.committedAtMs > 0 ? { committedAt: printTime(revision.committedAtMs) } : {}),
      planDigest: plan.digest, planGeneration: plan.generation, artifact: name, ...(record.requestedBy === undefined ? {} : { requestedBy: record.requestedBy }),
    },
    status: {
      phase: "Pending", steps: planRecord(plan, () => "Pending"),
      timings: [
        ...record.stretches.map(({ stretch, durationMs }) => ({ stretch, durationMs: Math.round(durationMs) })),
        // It lasts until a worker takes the sync up; creationTimestamp knows whole seconds only.
        { stretch: "queue", durationMs: 0, startedAt: printMicroTime(world.clock.nowMs()) },
      ],
    },
  };
}

/** Longest list of changed fields kept for one step. */
const changesKeptMax = 20;

/** All a plan does, hooks too, as its record shows it. */
export function planRecord(plan: Plan, phaseOf: (key: string) => SyncStep["phase"]): readonly SyncStep[] {
  const hookRecord = (hook: PlannedHook): SyncStep => ({
    wave: 0, action: "Hook", group: hook.group, version: hook.apiVersion.slice(hook.apiVersion.indexOf("/") + 1), kind: hook.kind,
    ...(hook.namespace === "" ? {} : { namespace: hook.namespace }), name: hook.name, phase: phaseOf(hookKey(hook)), message: hook.event,
  });
  return [...(plan.hooks?.before ?? []).map(hookRecord), ...stepsOf(plan).map((step) => stepRecord(step, phaseOf(resourceKey(step)))), ...(plan.hooks?.after ?? []).map(hookRecord)];
}

/** Keys of the hooks a record shows as done. */
export function hooksDoneIn(sync: Sync): ReadonlySet<string> {
  return new Set((sync.status.steps ?? []).filter(({ action, phase }) => action === "Hook" && phase === "Done")
    .map((step) => `${step.message ?? ""} ${resourceKey({ group: step.group ?? "", kind: step.kind, namespace: step.namespace ?? "", name: step.name })}`));
}

/** A step as its record shows it. */
export function stepRecord(step: Step, phase: SyncStep["phase"]): SyncStep {
  return {
    wave: step.wave, action: step.action, group: step.group, version: step.apiVersion.slice(step.apiVersion.indexOf("/") + 1), kind: step.kind,
    ...(step.namespace === "" ? {} : { namespace: step.namespace }), name: step.name, phase,
    diff: step.changes.slice(0, changesKeptMax).map(printChange),
  };
}
