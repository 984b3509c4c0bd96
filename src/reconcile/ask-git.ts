import type { ControllerContext } from "../control/controller.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import { refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import { unpackArtifact } from "./artifacts.ts";
import { wantedOfRender } from "./evaluate.ts";
import type { Loop } from "./loop.ts";
import { wantedOfStored, withApplied } from "./memory.ts";
import type { Memory, Wanted } from "./memory.ts";
import { prepare } from "./prepare.ts";
import { releaseInputOf } from "./release.ts";
import type { Problem } from "./problem.ts";
import { syncsOf } from "./sync-records.ts";

/** The poller and pushes tell of new commits; this is for a word that got lost. */
const askIntervalMs = 600_000;

/** After a failure Git is asked again after this. */
const askAgainMs = 30_000;

/** Spreads the questions of many applications: each interval is this fraction longer at most. */
const askJitter = 0.2;

/** True when Git is to be asked now: by a wish, by time, or as the application says something else than before. */
export function isTimeToAsk(memory: Memory, application: Application, refresh: string | undefined, nowMs: number): boolean {
  return refresh !== undefined || memory.nextAskMs === undefined || nowMs >= memory.nextAskMs || memory.askedGeneration !== application.metadata.generation;
}

/**
 * Asks Git and renders what is new. A failure keeps what was wanted before: it changes nothing that runs (DESIGN 4.7). While Git itself
 * is away the last commit stays what is wanted, and drift from it is still healed; a new commit that is broken stops the comparison.
 */
export async function askGit(loop: Loop, memory: Memory, application: Application, refresh: string | undefined, context: ControllerContext): Promise<void> {
  const result = await prepare(application, memory.prepared, loop.tools, context.signal);
  const nowMs = context.world.clock.monotonicMs();
  const isNewSpec = memory.askedGeneration !== undefined && memory.askedGeneration !== application.metadata.generation;
  memory.askedAtMs = nowMs;
  if (application.metadata.generation !== undefined) memory.askedGeneration = application.metadata.generation;
  memory.nextAskMs = nowMs + askIntervalMs * (1 + askJitter * context.world.chance.fraction());
  if (result.kind === "problems") {
    memory.nextAskMs = nowMs + askAgainMs;
    memory.sourceProblems = result.revision === undefined ? result.problems : [];
    if (result.revision === undefined) return;
    memory.problems = result.problems;
    memory.problemCommit = result.revision.commit;
  } else {
    const { prepared } = result;
    memory.sourceProblems = [];
    const isNewCommit = memory.prepared?.revision.commit !== prepared.revision.commit;
    if (isNewSpec) memory.seenBy = "Change";
    else if (isNewCommit) memory.seenBy = refresh === "Push" || refresh === "Webhook" ? refresh : "Poll";
    memory.prepared = prepared;
    const rendered = wantedOfRender(application, { revision: prepared.revision.commit, treeDigest: prepared.treeDigest, manifests: prepared.manifests, input: releaseInputOf(application, prepared.treeDigest) }, loop.kinds);
    memory.problems = rendered.problems;
    memory.problemCommit = prepared.revision.commit;
    if (rendered.problems.length === 0) memory.wanted = rendered.wanted;
    await unpinWhenPassed(application, prepared.revision.commit, context);
  }
}

/** A rollback is over once Git shows another commit than the one gone back from. */
async function unpinWhenPassed(application: Application, commit: string, context: ControllerContext): Promise<void> {
  const { pinnedRevision } = application.status;
  if (pinnedRevision === undefined || pinnedRevision === commit) return;
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { status: { pinnedRevision: null } } }, { subresource: "status" });
}

/** What counts: the rollback's render as long as Git still shows the commit gone back from, else Git. */
export function effectiveWanted(memory: Memory, application: Application): Wanted | undefined {
  const isPinned = application.status.pinnedRevision !== undefined && memory.prepared?.revision.commit === application.status.pinnedRevision;
  if (memory.pinned !== undefined && (isPinned || (memory.prepared === undefined && application.status.pinnedRevision !== undefined))) return memory.pinned;
  return memory.problems.length > 0 ? undefined : memory.wanted;
}

/** Finds again, after a start, what was applied since the last completed sync, and the render a pinned rollback wants. */
export async function loadMemory(loop: Loop, memory: Memory, application: Application, context: ControllerContext): Promise<void> {
  let priors = new Map<string, readonly ApiObject[]>();
  const completed = application.status.history?.at(-1)?.id ?? 0;
  for (const sync of syncsOf(application, context.reader).toReversed()) {
    if (sync.spec.planGeneration < completed) continue;
    const stored = await loadRender(loop, application, sync.metadata.name, context);
    if (stored.wanted === undefined) continue;
    priors = withApplied(priors, stored.wanted.desired);
    if (application.status.pinnedRevision !== undefined) memory.pinned = stored.wanted;
  }
  memory.priors = priors;
  const running = application.status.history?.at(-1);
  const deployed = running === undefined ? undefined : (await loadRender(loop, application, running.sync, context)).wanted;
  if (deployed !== undefined) memory.wanted = deployed;
}

/** What a sync of the history rendered, or why that is not known any more. */
export async function loadRender(loop: Loop, application: Application, syncName: string, context: ControllerContext): Promise<{ readonly wanted?: Wanted; readonly problem?: Problem }> {
  const namespace = application.metadata.namespace ?? "";
  const sync = context.reader.get(SyncKind, { namespace, name: syncName });
  const artifact = sync?.spec.artifact === undefined ? undefined : context.reader.get(ArtifactKind, { namespace, name: sync.spec.artifact });
  if (artifact === undefined) return { problem: { reason: "NoSuchRevision", message: `sync ${syncName} is not in the history any more; see status.history` } };
  return { wanted: wantedOfStored(await unpackArtifact(artifact), loop.kinds) };
}
