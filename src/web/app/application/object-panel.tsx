import type { JSX } from "preact";
import type { Application } from "../../../model/generated/capstan-v1.ts";
import type { Json } from "../../../value/json.ts";
import { cluster } from "../cluster.ts";
import type { KindName } from "../cluster-state.ts";
import { pathOf } from "../daemon.ts";
import { Badge } from "../parts/badge.tsx";
import { Failure, Skeleton } from "../parts/blank.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { changesOf, ChangeTable, useAnswer } from "../parts/preview.tsx";
import { printYaml } from "../print-yaml.ts";
import { pluralOf } from "../tree.ts";
import type { TreeNode } from "../tree.ts";
import { EventList, eventsAbout } from "./events.tsx";
import { LogView } from "./logs.tsx";

/** One object from the side: its YAML, its events and, for a pod, its logs. */
export function ObjectPanel({ node, application, tab, onTab, onClose }: {
  readonly node: TreeNode; readonly application: Application; readonly tab: string; readonly onTab: (tab: string) => void; readonly onClose: () => void;
}): JSX.Element {
  const tabs = ["yaml", "events", ...(node.kind === "Pod" ? ["logs"] : []), ...(node.drift.length > 0 ? ["drift"] : [])];
  const shown = tabs.includes(tab) ? tab : "yaml";
  const names: Readonly<Record<string, string>> = { yaml: "YAML", events: "Events", logs: "Logs", drift: "Drift" };
  return (
    <Dialog kind="panel" onClose={onClose} title={<><span class="kind">{node.kind}</span> {node.name}</>}>
      <div class="panel-state">
        {node.sync === undefined ? null : <Badge state={node.sync} />}
        {node.health === undefined ? null : <Badge state={node.health.status} />}
        <span class="muted">{[node.namespace, node.detail].filter((part) => part !== "").join(" · ")}</span>
      </div>
      {node.health?.message === undefined || node.health.status === "Healthy" ? null : <p class="row-cause">{node.health.message}</p>}
      <div class="tabs" role="group" aria-label="Parts of the object">
        {tabs.map((name) => <button type="button" key={name} aria-pressed={name === shown} onClick={() => { onTab(name); }}>{names[name]}</button>)}
      </div>
      {shown === "events" ? <EventList events={eventsAbout([node], application)} /> : shown === "logs" ? <LogView namespace={node.namespace} pod={node.name} /> : shown === "drift" ? <ChangeTable changes={changesOf(node.drift)} /> : <Yaml node={node} />}
    </Dialog>
  );
}

function Yaml({ node }: { readonly node: TreeNode }): JSX.Element {
  const plural = pluralOf(node.group, node.kind);
  const key = node.namespace === "" ? node.name : `${node.namespace}/${node.name}`;
  const live = plural !== undefined && plural in cluster ? cluster[plural as KindName].value?.get(key) : undefined;
  const path = plural === undefined || node.version === "" ? undefined : pathOf({ group: node.group, version: node.version, plural, namespace: node.namespace, name: node.name });
  // Every revision the stream tells is asked for; what was there stays until then.
  const answer = useAnswer<Json>(path, live?.metadata.resourceVersion);
  if (path === undefined) return <p class="muted">This kind is not shown.</p>;
  if (answer.kind === "waiting") return <Skeleton lines={12} />;
  if (answer.kind === "failed") return <Failure title={`${node.kind} ${node.name} cannot be read`} message={answer.message} />;
  return <pre class="code" tabIndex={0} aria-label={`YAML of ${node.kind} ${node.name}`}>{printYaml(withoutManagedFields(answer.value))}</pre>;
}

/** Who owns which field is not what people look for in an object. */
function withoutManagedFields(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (name, member: unknown) => (name === "managedFields" ? undefined : member))) as Json;
}
