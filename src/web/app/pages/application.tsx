import type { JSX } from "preact";
import type { Application } from "../../../model/generated/capstan-v1.ts";
import { asked, request } from "../actions.ts";
import { DiffTab } from "../application/diff.tsx";
import { EventsTab } from "../application/events.tsx";
import { HistoryTab } from "../application/history.tsx";
import { LogsTab } from "../application/logs.tsx";
import { ResourcesTab } from "../application/resources.tsx";
import { cluster } from "../cluster.ts";
import { keyOf } from "../cluster-state.ts";
import type { PageProps } from "../pages.ts";
import { Badge, HealthBadge, SyncBadge, toneOf } from "../parts/badge.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago, Commit } from "../parts/commit.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { applicationTabs, printRoute } from "../route.ts";
import type { ApplicationTab, Route } from "../route.ts";
import { causeOf, problemOf, shortCommit, titleOfProblem } from "../say.ts";

/** An application's route. */
export type ApplicationRoute = Extract<Route, { readonly page: "application" }>;

/** What every tab is given. */
export interface TabProps {
  readonly application: Application;
  readonly route: ApplicationRoute;
}

const tabs: Readonly<Record<ApplicationTab, { readonly text: string; readonly Tab: (props: TabProps) => JSX.Element }>> = {
  resources: { text: "Resources", Tab: ResourcesTab },
  diff: { text: "Diff", Tab: DiffTab },
  history: { text: "History", Tab: HistoryTab },
  events: { text: "Events", Tab: EventsTab },
  logs: { text: "Logs", Tab: LogsTab },
};

/** One application: what it is, how it is and why, and everything below it. */
export function ApplicationPage({ route }: PageProps): JSX.Element {
  if (route.page !== "application") return <Skeleton />;
  const all = cluster.applications.value;
  const application = all?.get(`${route.namespace}/${route.name}`);
  if (all === undefined) return <><h1>{route.name}</h1><Skeleton lines={6} /></>;
  if (application === undefined) return <Blank title={`There is no application ${route.namespace}/${route.name}`}><p>It may have been deleted. <a href="/">To the applications</a></p></Blank>;
  const { Tab } = tabs[route.tab];
  return (
    <>
      <Head application={application} />
      <nav class="tabs" aria-label="Parts of the application">
        {applicationTabs.map((tab) => <a key={tab} href={printRoute({ ...route, tab, query: {} })} aria-current={tab === route.tab ? "page" : undefined}>{tabs[tab].text}</a>)}
      </nav>
      <Tab key={route.tab} application={application} route={route} />
    </>
  );
}

function Head({ application }: { readonly application: Application }): JSX.Element {
  const { metadata, spec, status } = application;
  const { source } = spec;
  const operation = status.operationState;
  const isRunning = operation?.phase === "Running" || operation?.phase === "Pending";
  const wish = asked.value.get(keyOf(application));
  return (
    <section class="card app-head" aria-labelledby="app-name">
      <div class="app-title">
        <p class="crumb"><a href="/">Applications</a> <span aria-hidden="true">/</span> {metadata.namespace}</p>
        <h1 id="app-name">{metadata.name}</h1>
        <div class="row-state">
          <HealthBadge state={status.health?.status} />
          <SyncBadge state={status.sync?.status} />
          {spec.suspend === true ? <Badge state="Suspended" label="Syncs suspended" /> : null}
          {status.pinnedRevision === undefined || status.pinnedRevision === "" ? null : <Badge state="Suspended" label={`Rolled back to ${shortCommit(status.pinnedRevision)}`} title="Automatic syncs wait until Git has a newer commit" />}
        </div>
      </div>
      <div class="app-actions">
        <button type="button" class="button primary" disabled={wish !== undefined || isRunning} onClick={() => { void request(application, { kind: "sync" }); }}><Icon name="sync" isTurning={wish === "sync" || isRunning} />{isRunning ? "Syncing" : "Sync"}</button>
        <button type="button" class="button" disabled={wish !== undefined} onClick={() => { void request(application, { kind: "refresh" }); }}><Icon name="turn" isTurning={wish === "refresh"} />Refresh</button>
      </div>
      <dl class="facts app-facts">
        <div class="wide"><dt>Commit</dt><dd><Commit {...status.sync} /></dd></div>
        <div class="wide"><dt>Repository</dt><dd><CopyText text={source.repoURL} label="repository" /></dd></div>
        <div><dt>Path</dt><dd><code>{source.path ?? "."}</code></dd></div>
        <div><dt>Revision</dt><dd><code>{source.targetRevision ?? "HEAD"}</code></dd></div>
        <div><dt>Into</dt><dd><code>{spec.destination.namespace ?? "default"}</code></dd></div>
        <div><dt>Last sync</dt><dd>{operation === undefined ? "never" : <><Badge state={operation.phase} /> <span class="muted"><Ago time={operation.finishedAt ?? operation.startedAt} /></span></>}</dd></div>
      </dl>
      <Cause application={application} />
    </section>
  );
}

/** The one reason why an application is not well, with the way to the culprit. */
function Cause({ application }: { readonly application: Application }): JSX.Element | null {
  const problem = problemOf(application);
  if (problem !== undefined) return <div class="cause bad" role="alert"><Icon name="alert" /><div><strong>{titleOfProblem(problem.reason)}</strong><pre class="problem">{problem.message}</pre></div></div>;
  const { health, operationState } = application.status;
  const text = causeOf(application);
  if (text === undefined) return null;
  const cause = operationState?.phase === "Failed" ? undefined : health?.cause;
  const tone = operationState?.phase === "Failed" ? "bad" : toneOf(health?.status);
  const route: Route = { page: "application", namespace: application.metadata.namespace ?? "", name: application.metadata.name, tab: "resources", query: {} };
  const group = cause === undefined || !cause.apiVersion.includes("/") ? "" : (cause.apiVersion.split("/")[0] ?? "");
  return (
    <div class={`cause ${tone}`} role="status">
      <Icon name={tone === "busy" ? "turn" : "alert"} isTurning={tone === "busy"} />
      <div>
        <p>{text}</p>
        {cause === undefined ? null : <a href={printRoute({ ...route, query: { object: `${group}/${cause.kind}/${cause.namespace ?? ""}/${cause.name}` } })}>{cause.kind} {cause.name}</a>}
        {cause?.kind === "Pod" ? <> · <a href={printRoute({ ...route, tab: "logs", query: { pod: cause.name } })}>its logs</a></> : null}
      </div>
    </div>
  );
}
