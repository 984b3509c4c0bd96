import type { JSX } from "preact";
import type { Repository } from "../../../model/generated/capstan-v1.ts";
import { cluster, hello } from "../cluster.ts";
import { keyOf } from "../cluster-state.ts";
import { Badge } from "../parts/badge.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago } from "../parts/commit.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { shortCommit } from "../say.ts";

/** Refs shown before the rest is folded away. */
const refsShownMax = 8;

/** The repositories that are followed or hosted. */
export function RepositoriesPage(): JSX.Element {
  const all = cluster.repositories.value;
  return (
    <>
      <div class="page-head"><h1>Repositories {all === undefined ? null : <span class="count">{all.size}</span>}</h1></div>
      {all === undefined ? <Skeleton /> : all.size === 0 ? <Blank title="No repository is registered"><p>Applications may follow public repositories without one; a Repository adds credentials, a webhook or hosting.</p></Blank> : (
        <ul class="cards">{[...all.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map((repository) => <RepositoryCard key={keyOf(repository)} repository={repository} />)}</ul>
      )}
    </>
  );
}

function RepositoryCard({ repository }: { readonly repository: Repository }): JSX.Element {
  const { metadata, spec, status } = repository;
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const address = spec.hosted === true ? `${hello.value?.gitOrigin ?? ""}/git/${metadata.name}.git` : (spec.url ?? "");
  const refs = status.refs ?? [];
  return (
    <li class="card block">
      <div class="block-head">
        <h2>{metadata.name} <span class="muted">{metadata.namespace}</span></h2>
        <Badge state={ready?.status === "True" ? "Ready" : ready?.status === "False" ? "NotReady" : "Unknown"} {...(ready === undefined ? { label: "Not asked yet" } : {})} />
        {spec.hosted === true ? <span class="badge quiet"><Icon name="branch" /><span>Hosted here</span></span> : null}
      </div>
      <p class="wrap"><CopyText text={address} label="address" /></p>
      {ready?.status === "False" ? <pre class="problem">{ready.message ?? ready.reason}</pre> : null}
      <dl class="facts">
        {spec.hosted === true ? null : <div><dt>Asked every</dt><dd>{spec.pollIntervalSeconds ?? 30} s</dd></div>}
        <div><dt>Last fetch</dt><dd>{status.fetchedAt === undefined ? "–" : <Ago time={status.fetchedAt} />}</dd></div>
        {spec.secretRef?.name === undefined ? null : <div><dt>Credentials</dt><dd>Secret {spec.secretRef.name}</dd></div>}
        {spec.webhookSecretRef?.name === undefined ? null : <div><dt>Webhook</dt><dd><code>/hooks/{metadata.namespace}/{metadata.name}</code></dd></div>}
      </dl>
      {refs.length === 0 ? null : (
        <ul class="refs">
          {refs.slice(0, refsShownMax).map((ref) => <li key={ref.name}><Icon name="branch" /><span>{ref.name.replace(/^refs\/(?:heads|tags)\//, "")}</span><code class="muted" title={ref.commit}>{shortCommit(ref.commit)}</code></li>)}
          {refs.length > refsShownMax ? <li class="muted">and {refs.length - refsShownMax} more</li> : null}
        </ul>
      )}
    </li>
  );
}
