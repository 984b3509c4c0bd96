import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { nowMs } from "../cluster.ts";
import { navigate } from "../navigate.ts";
import type { TabProps } from "../pages/application.tsx";
import { Badge } from "../parts/badge.tsx";
import { Blank } from "../parts/blank.tsx";
import { Ago } from "../parts/commit.tsx";
import { Icon } from "../parts/icon.tsx";
import { buildTree, flatten } from "../tree.ts";
import type { TreeNode } from "../tree.ts";
import { ObjectPanel } from "./object-panel.tsx";
import { treeState } from "./snapshot.ts";

/** Nodes somebody opened or closed by hand; the rest is open unless it is of the past. */
const opened = signal<ReadonlyMap<string, boolean>>(new Map());
const showsPast = signal(false);

/** The tree of what runs, down to pods; a click shows one object from the side. */
export function ResourcesTab({ application, route }: TabProps): JSX.Element {
  const tree = buildTree(application, treeState(), nowMs.value);
  const all = flatten(tree);
  const chosen = route.query["object"];
  const node = chosen === undefined ? undefined : (all.find(({ id }) => id === chosen) ?? nodeOfId(chosen));
  const pastCount = all.filter(({ isPast }) => isPast).length;
  const close = (): void => { navigate({ ...route, query: {} }); };
  if (tree.length === 0) return <Blank title="Nothing is deployed yet"><p>Once a commit is synced, what it describes is listed here down to every pod.</p></Blank>;
  return (
    <>
      <div class="tree-tools">
        <span class="muted">{all.length - pastCount} objects</span>
        {pastCount === 0 ? null : <button type="button" class="button small quiet" aria-pressed={showsPast.value} onClick={() => { showsPast.value = !showsPast.value; }}>{showsPast.value ? "Hide" : "Show"} {pastCount} older revision{pastCount === 1 ? "" : "s"}</button>}
      </div>
      <ul class="tree card" aria-label="Resources">
        {tree.map((root) => <Branch key={root.id} node={root} depth={0} chosen={chosen} onChoose={(id) => { navigate({ ...route, query: { object: id } }); }} />)}
      </ul>
      {node === undefined ? null : <ObjectPanel key={node.id} node={node} application={application} tab={route.query["show"] ?? "yaml"} onTab={(show) => { navigate({ ...route, query: { object: node.id, show } }, { replace: true }); }} onClose={close} />}
    </>
  );
}

/** What an address names although the tree has it no more, or not yet. */
function nodeOfId(id: string): TreeNode | undefined {
  const [group, kind, namespace, name] = id.split("/");
  if (group === undefined || kind === undefined || namespace === undefined || name === undefined) return undefined;
  return { id, group, version: group === "" || group === "apps" || group === "discovery.k8s.io" ? "v1" : "", kind, namespace, name, health: undefined, sync: undefined, drift: [], detail: "", createdAt: undefined, isPast: false, children: [] };
}

function Branch({ node, depth, chosen, onChoose }: { readonly node: TreeNode; readonly depth: number; readonly chosen: string | undefined; readonly onChoose: (id: string) => void }): JSX.Element | null {
  const children = node.children.filter((child) => showsPast.value || !child.isPast);
  const isOpen = opened.value.get(node.id) ?? true;
  const toggle = (): void => { opened.value = new Map(opened.value).set(node.id, !isOpen); };
  return (
    <li>
      <div class={`tree-line depth-${Math.min(depth, 4)} ${node.isPast ? "past" : ""}`} data-chosen={node.id === chosen ? "true" : undefined}>
        {children.length === 0 ? <span class="tree-gap" /> : (
          <button type="button" class="icon-button small tree-toggle" aria-expanded={isOpen} aria-label={`${isOpen ? "Close" : "Open"} ${node.kind} ${node.name}`} onClick={toggle}><Icon name="arrow" /></button>
        )}
        <button type="button" class="tree-name" onClick={() => { onChoose(node.id); }}>
          <span class="kind">{node.kind}</span><span class="name">{node.name}</span>{node.hook === undefined ? null : <span class="muted hook" title="Made by a hook of the chart, at these events; it is not compared with Git">hook: {node.hook.replaceAll(",", ", ")}</span>}
        </button>
        <span class="tree-detail muted">{node.detail}</span>
        <span class="tree-age muted"><Ago time={node.createdAt} /></span>
        <span class="tree-state">
          {node.sync === undefined || node.sync === "Synced" ? null : <Badge state={node.sync} />}
          {node.health === undefined ? null : <Badge state={node.health.status} {...(node.health.message === undefined ? {} : { title: node.health.message })} />}
        </span>
      </div>
      {node.health?.message !== undefined && node.health.status !== "Healthy" && node.kind === "Pod" ? <p class={`tree-cause depth-${Math.min(depth, 4)}`}>{node.health.message}</p> : null}
      {isOpen && children.length > 0 ? <ul>{children.map((child) => <Branch key={child.id} node={child} depth={depth + 1} chosen={chosen} onChoose={onChoose} />)}</ul> : null}
    </li>
  );
}
