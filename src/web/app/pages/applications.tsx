import { signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Application } from "../../../model/generated/capstan-v1.ts";
import { asked, request } from "../actions.ts";
import { cluster } from "../cluster.ts";
import { keyOf } from "../cluster-state.ts";
import { Badge, HealthBadge, SyncBadge, toneOf } from "../parts/badge.tsx";
import type { Tone } from "../parts/badge.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago, Commit } from "../parts/commit.tsx";
import { Icon } from "../parts/icon.tsx";
import { printRoute } from "../route.ts";
import { causeOf, isMatch, problemOf } from "../say.ts";

const search = signal("");
const onlyTroubled = signal(false);

/** Every application at a glance: the ones that need somebody first. */
export function ApplicationsPage(): JSX.Element {
  const all = cluster.applications.value;
  const list = all === undefined ? undefined : [...all.values()].filter((application) => isMatch(application, search.value) && (!onlyTroubled.value || isTroubled(application))).toSorted(compare);
  const troubled = all === undefined ? 0 : [...all.values()].filter(isTroubled).length;
  return (
    <>
      <div class="page-head">
        <h1>Applications {all === undefined ? null : <span class="count">{all.size}</span>}</h1>
        <div class="tools">
          <label class="search"><span class="sr">Search applications</span><input type="search" placeholder="Search  /" value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }} /></label>
          <button type="button" class="button" aria-pressed={onlyTroubled.value} onClick={() => { onlyTroubled.value = !onlyTroubled.value; }}>Needs attention <span class="count">{troubled}</span></button>
        </div>
      </div>
      {list === undefined ? <Skeleton lines={4} /> : list.length > 0 ? <ul class="rows">{list.map((application) => <Row key={keyOf(application)} application={application} />)}</ul> : <Nothing hasAny={all !== undefined && all.size > 0} />}
    </>
  );
}

function isTroubled(application: Application): boolean {
  const { sync, health } = application.status;
  return (health?.status ?? "Unknown") !== "Healthy" || (sync?.status ?? "Unknown") !== "Synced" || causeOf(application) !== undefined;
}

const order: readonly string[] = ["bad", "warn", "busy", "quiet", "good"];

function compare(a: Application, b: Application): number {
  const rank = (application: Application): number => Math.min(order.indexOf(worstTone(application)), order.indexOf(toneOf(application.status.sync?.status ?? "Unknown")));
  return rank(a) - rank(b) || (keyOf(a) < keyOf(b) ? -1 : 1);
}

/** The tone of an application's row: of its health, unless something is worse. */
function worstTone(application: Application): Tone {
  if (problemOf(application) !== undefined || application.status.operationState?.phase === "Failed") return "bad";
  return toneOf(application.status.health?.status);
}

function Row({ application }: { readonly application: Application }): JSX.Element {
  const { metadata, status } = application;
  const key = keyOf(application);
  const wish = asked.value.get(key);
  const cause = causeOf(application);
  const tone = worstTone(application);
  const operation = status.operationState;
  const isRunning = operation?.phase === "Running" || operation?.phase === "Pending";
  return (
    <li class={`row card edge-${tone}`}>
      <div class="row-name">
        <a class="row-link" href={printRoute({ page: "application", namespace: metadata.namespace ?? "", name: metadata.name, tab: "resources", query: {} })}>{metadata.name}</a>
        <span class="muted">{metadata.namespace}</span>
      </div>
      <div class="row-state">
        <HealthBadge state={status.health?.status} />
        <SyncBadge state={status.sync?.status} />
      </div>
      <div class="row-commit"><Commit {...status.sync} /></div>
      <div class="row-sync">
        {operation === undefined ? <span class="muted">never synced</span> : <><Badge state={operation.phase} /><span class="muted"><Ago time={operation.finishedAt ?? operation.startedAt} /></span></>}
      </div>
      <div class="row-actions">
        <button type="button" class="button small" disabled={wish !== undefined || isRunning} aria-label={`Sync ${key}`} onClick={() => { void request(application, { kind: "sync" }); }}><Icon name="sync" isTurning={wish === "sync" || isRunning} />Sync</button>
        <button type="button" class="button small quiet" disabled={wish !== undefined} aria-label={`Refresh ${key}`} onClick={() => { void request(application, { kind: "refresh" }); }}><Icon name="turn" isTurning={wish === "refresh"} />Refresh</button>
      </div>
      {cause === undefined ? null : <p class={`row-cause ${tone}`}>{cause}</p>}
    </li>
  );
}

function Nothing({ hasAny }: { readonly hasAny: boolean }): JSX.Element {
  if (hasAny) return <Blank title="No application matches"><button type="button" class="button" onClick={() => { search.value = ""; onlyTroubled.value = false; }}>Show all</button></Blank>;
  return (
    <Blank title="No application yet">
      <p>An Application names a folder of a Git repository; what the folder describes is kept running.</p>
      <pre>{`kubectl apply -f - <<EOF
apiVersion: capstan.dev/v1
kind: Application
metadata: {name: shop, namespace: default}
spec:
  source: {repoURL: https://github.com/you/shop, path: deploy}
  destination: {namespace: shop}
  syncPolicy: {automated: {prune: true, selfHeal: true}}
EOF`}</pre>
    </Blank>
  );
}
