import type { JSX } from "preact";
import type { Sync } from "../../../model/generated/capstan-v1.ts";
import { cluster } from "../cluster.ts";
import { pathOf } from "../daemon.ts";
import type { TabProps } from "../pages/application.tsx";
import { Badge } from "../parts/badge.tsx";
import { Blank, Failure, Skeleton } from "../parts/blank.tsx";
import { Ago } from "../parts/commit.tsx";
import { changesOf, Preview, previewPath, StepDiff, useAnswer } from "../parts/preview.tsx";
import type { OriginsPath, PreviewAnswer } from "../parts/preview.tsx";
import { shortCommit, subjectOf, syncsOf } from "../say.ts";

/** What differs from Git now, and what the last sync changed. */
export function DiffTab({ application, route }: TabProps): JSX.Element {
  const syncs = cluster.syncs.value;
  const list = syncs === undefined ? undefined : syncsOf(application, syncs.values());
  const sync = list?.find(({ metadata }) => metadata.name === route.query["sync"]) ?? list?.[0];
  const { status, metadata } = application;
  const { namespace = "", name } = metadata;
  const originsPath = previewPath("origins", namespace, name);
  const isInSync = status.sync?.status === "Synced";
  const drift = useAnswer<PreviewAnswer>(isInSync ? undefined : previewPath("sync", namespace, name), `${status.sync?.revision ?? ""} ${JSON.stringify(status.resources?.map(({ drift: lines, status: state }) => [state, lines]))}`);
  return (
    <>
      <section class="card block" aria-labelledby="drift">
        <div class="block-head"><h2 id="drift">Waiting to be synced</h2></div>
        {isInSync ? <p class="muted">Nothing: what runs is what Git says.</p> : <Preview answer={drift} emptyText="Nothing: what runs is what Git says." originsPath={originsPath} />}
      </section>
      <section class="card block" aria-labelledby="last">
        <div class="block-head">
          <h2 id="last">{route.query["sync"] === undefined ? "Last sync" : "One sync"}</h2>
          {sync === undefined ? null : <><Badge state={sync.status.phase ?? "Pending"} /><span class="muted"><code>{shortCommit(sync.spec.revision)}</code> {subjectOf(sync.spec.message)} · <Ago time={sync.status.finishedAt ?? sync.metadata.creationTimestamp} /></span></>}
        </div>
        {list === undefined ? <Skeleton /> : sync === undefined ? <Blank title="Never synced" /> : <SyncDiff sync={sync} originsPath={sync.spec.revision === status.sync?.revision ? originsPath : undefined} />}
      </section>
    </>
  );
}

/** The steps of a sync with what each changed; asked for when it is shown, since histories are long. */
function SyncDiff({ sync, originsPath }: { readonly sync: Sync; readonly originsPath: OriginsPath }): JSX.Element {
  const { namespace = "", name } = sync.metadata;
  const answer = useAnswer<Sync>(pathOf({ group: "capstan.dev", version: "v1", plural: "syncs", namespace, name }), sync.metadata.resourceVersion);
  if (answer.kind === "waiting") return <Skeleton />;
  if (answer.kind === "failed") return <Failure title="This sync cannot be read" message={answer.message} />;
  const steps = answer.value.status.steps ?? [];
  return (
    <div class="steps">
      {sync.status.message === undefined || sync.status.message === "" || sync.status.phase === "Succeeded" ? null : <p class={`row-cause ${sync.status.phase === "Failed" ? "bad" : "quiet"}`}>{sync.status.message}</p>}
      {steps.length === 0 ? <p class="muted">It changed no object.</p> : steps.map((step) => (
        <StepDiff
          key={`${step.kind}/${step.namespace ?? ""}/${step.name}/${step.action}`} action={step.action} kind={step.kind} namespace={step.namespace ?? ""} name={step.name} changes={changesOf(step.diff)}
          note={[step.wave === 0 ? "" : `wave ${step.wave}`, step.phase === "Done" ? "" : step.phase.toLowerCase(), step.message ?? ""].filter((part) => part !== "").join(" · ") || "done"} isOpen={steps.length <= 8} originsPath={originsPath}
        />
      ))}
    </div>
  );
}
