import { parseKey } from "../model/object.ts";
import type { Job } from "../jobs/jobs.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Loop } from "./loop.ts";
import { isFromChart } from "./prepare.ts";

/** A rollback whose commit cannot be written yet is tried again by the queue. */
export class RevertPending extends Error {}

/**
 * Writes the commit that makes Git say what a rollback has already brought back from the stored render. Git stays the truth: until this
 * commit is seen, the application is pinned and shows it. Job data names the Sync of the rollback.
 */
export async function runRollback(loop: Loop, job: Job, signal: AbortSignal): Promise<void> {
  const { client, repositories, world } = loop;
  const application = await client.get(ApplicationKind, parseKey(job.application));
  const sync = await client.get(SyncKind, { namespace: parseKey(job.application).namespace, name: job.planDigest });
  if (application === undefined || sync === undefined || application.status.pinnedRevision === undefined) return;
  // There is no Git to write to: the application stays as it was brought back until its chart has another version, or it says another one.
  if (isFromChart(application)) return;
  const { source } = application.spec;
  const current = await repositories.resolve({ repoURL: source.repoURL, targetRevision: source.targetRevision ?? "HEAD", namespace: application.metadata.namespace ?? "" }, signal);
  if ("kind" in current) throw new RevertPending(current.message);
  if (current.commit !== application.status.pinnedRevision) return;
  const written = await repositories.writeRevert({
    repoURL: source.repoURL, targetRevision: source.targetRevision ?? "HEAD", namespace: application.metadata.namespace ?? "",
    toCommit: sync.spec.revision, path: source.path ?? ".", author: sync.spec.requestedBy ?? "capstan",
    message: `Roll back ${source.path ?? "."} to ${sync.spec.revision.slice(0, 12)}\n\nThis brings application ${application.metadata.name} back to what sync ${sync.metadata.name} deployed.`,
  }, signal);
  if ("kind" in written) throw new RevertPending(written.message);
  world.log.info("a rollback's commit was written", { application: job.application, revision: written.commit });
  await loop.refresh((repoURL) => repoURL === source.repoURL, "Push");
}
