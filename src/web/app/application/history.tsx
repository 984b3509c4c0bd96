import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Application, Sync } from "../../../model/generated/capstan-v1.ts";
import { request } from "../actions.ts";
import { cluster } from "../cluster.ts";
import type { TabProps } from "../pages/application.tsx";
import { Badge } from "../parts/badge.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago, Commit } from "../parts/commit.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Preview, previewPath, useAnswer } from "../parts/preview.tsx";
import type { PreviewAnswer } from "../parts/preview.tsx";
import { printRoute } from "../route.ts";
import { durationOf, printSpan, shortCommit, syncsOf } from "../say.ts";

const triggers: Readonly<Record<string, string>> = { SelfHeal: "Self-heal", Change: "Changed by hand", Manual: "By hand" };

/** Every sync there was, newest first, and the way back. */
export function HistoryTab({ application, route }: TabProps): JSX.Element {
  const [target, setTarget] = useState<Sync | undefined>(undefined);
  const syncs = cluster.syncs.value;
  if (syncs === undefined) return <Skeleton lines={5} />;
  const list = syncsOf(application, syncs.values());
  if (list.length === 0) return <Blank title="Never synced" />;
  // Only what history still holds a render of can be brought back.
  const kept = new Set((application.status.history ?? []).map(({ sync }) => sync));
  const current = list.find(({ status }) => status.phase === "Succeeded");
  return (
    <>
      <ol class="history">
        {list.map((sync) => (
          <li key={sync.metadata.name} class="card history-row">
            <div class="history-state"><Badge state={sync.status.phase ?? "Pending"} /><span class="muted">{triggers[sync.spec.trigger] ?? sync.spec.trigger}{sync.spec.requestedBy === undefined ? "" : ` · ${sync.spec.requestedBy}`}</span></div>
            <div class="history-commit"><Commit revision={sync.spec.revision} message={sync.spec.message} author={sync.spec.author} committedAt={sync.spec.committedAt} /></div>
            <Timing sync={sync} />
            <div class="history-actions">
              <a class="button small quiet" href={printRoute({ ...route, tab: "diff", query: { sync: sync.metadata.name } })}>{sync.status.steps?.length ?? 0} change{sync.status.steps?.length === 1 ? "" : "s"}</a>
              {kept.has(sync.metadata.name) && sync !== current ? <button type="button" class="button small" onClick={() => { setTarget(sync); }}><Icon name="back" />Roll back</button> : null}
            </div>
            {sync.status.message === undefined || sync.status.message === "" || sync.status.phase === "Succeeded" ? null : <p class={`row-cause ${sync.status.phase === "Failed" ? "bad" : "quiet"}`}>{sync.status.message}</p>}
          </li>
        ))}
      </ol>
      {target === undefined ? null : <RollbackDialog application={application} sync={target} onClose={() => { setTarget(undefined); }} />}
    </>
  );
}

/** How long the sync took, and where the time went. */
function Timing({ sync }: { readonly sync: Sync }): JSX.Element {
  const timings = sync.status.timings ?? [];
  const totalMs = durationOf(sync);
  const text = timings.map(({ stretch, durationMs }) => `${stretch} ${printSpan(durationMs)}`).join(", ");
  return (
    <div class="history-time">
      <span>{totalMs === undefined ? "…" : printSpan(totalMs)} <span class="muted">· <Ago time={sync.status.finishedAt ?? sync.metadata.creationTimestamp} /></span></span>
      {timings.length === 0 || totalMs === undefined || totalMs === 0 ? null : (
        <span class="timing" role="img" aria-label={text} title={text}>
          {timings.map(({ stretch, durationMs }) => <span key={stretch} class={`timing-part ${stretch}`} style={{ flexGrow: Math.max(durationMs / totalMs, 0.01) }} />)}
        </span>
      )}
    </div>
  );
}

/** Shows what going back would do before it is done. */
function RollbackDialog({ application, sync, onClose }: { readonly application: Application; readonly sync: Sync; readonly onClose: () => void }): JSX.Element {
  const [isAsking, setIsAsking] = useState(false);
  const { namespace = "", name } = application.metadata;
  const answer = useAnswer<PreviewAnswer>(previewPath("rollback", namespace, name, sync.metadata.name));
  const isPossible = answer.kind === "there" && answer.value.problems.length === 0;
  const confirm = async (): Promise<void> => {
    setIsAsking(true);
    if (await request(application, { kind: "rollback", sync: sync.metadata.name })) onClose();
    else setIsAsking(false);
  };
  return (
    <Dialog kind="modal" onClose={onClose} title={`Roll ${name} back to ${shortCommit(sync.spec.revision)}`}>
      <Commit revision={sync.spec.revision} message={sync.spec.message} author={sync.spec.author} committedAt={sync.spec.committedAt} />
      <p class="muted">A commit that brings this state back is written to Git, so that Git stays the truth. This is what will change:</p>
      <Preview answer={answer} emptyText="Nothing: this is what runs now." />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>Cancel</button>
        <button type="button" class="button primary" disabled={!isPossible || isAsking} onClick={() => { void confirm(); }}><Icon name="back" isTurning={false} />{isAsking ? "Rolling back …" : "Roll back"}</button>
      </div>
    </Dialog>
  );
}
