import { ApplicationKind } from "../model/kinds/application.ts";
import { previewTree, printPreview } from "../reconcile/preview.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { applicationKey } from "../reconcile/tracking.ts";
import type { HostedRepositories, Push } from "../sources/hosted.ts";
import { renderWallMs } from "../render/limits.ts";
import type { PushVerdict } from "../sources/push-gate.ts";

/** A push waits at most this long for its verdict: longer than one render on a machine that is far overloaded. The hook gives up a little later. */
const verdictTimeoutMs = renderWallMs + 15_000;

/**
 * Judges a push: every application that follows a pushed branch is rendered and planned. One that would break refuses the push; one
 * that is wrong already, in the same way, does not hold up the others.
 */
export async function judgePush(push: Push, reconciler: Reconciler, hosted: HostedRepositories): Promise<PushVerdict> {
  const signal = AbortSignal.timeout(verdictTimeoutMs);
  try {
    return await judge(push, reconciler, hosted, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { accepted: false, lines: [`no verdict within ${verdictTimeoutMs / 1_000} s: the machine is very busy, or many applications follow this branch; nothing was taken, push again`] };
  }
}

async function judge(push: Push, reconciler: Reconciler, hosted: HostedRepositories, signal: AbortSignal): Promise<PushVerdict> {
  const { items } = await reconciler.client.list(ApplicationKind);
  const lines: string[] = [];
  let accepted = true;
  const head = await hosted.headOf(push.repository);
  for (const { ref, newCommit } of push.updates) {
    if (!ref.startsWith("refs/heads/") || newCommit === undefined) continue;
    const branch = ref.slice("refs/heads/".length);
    const previews = await previewTree(reconciler, {
      isFollowed: (repoURL) => hosted.nameOf(repoURL) === push.repository, branch, isDefaultBranch: head === ref, commit: newCommit,
    }, (path) => push.readTree(newCommit, path), signal);
    for (const preview of previews) {
      if (preview.problems.length > 0 && preview.isKnownWrong !== true) accepted = false;
      lines.push(...printPreview(preview, items.find((application) => applicationKey(application) === preview.application)));
    }
    if (previews.length === 0) lines.push(`no application follows ${branch}`);
  }
  return { accepted, lines: accepted ? lines : [...lines, "nothing was changed; mend this and push again"] };
}
