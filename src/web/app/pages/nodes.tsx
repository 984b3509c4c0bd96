import type { JSX } from "preact";
import type { Node } from "../../../model/generated/core-v1.ts";
import { cluster } from "../cluster.ts";
import { Badge } from "../parts/badge.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago } from "../parts/commit.tsx";
import { Icon } from "../parts/icon.tsx";

/** The machines, how they are, and what they cannot promise. */
export function NodesPage(): JSX.Element {
  const nodes = cluster.nodes.value;
  const pods = cluster.pods.value;
  return (
    <>
      <div class="page-head"><h1>Nodes {nodes === undefined ? null : <span class="count">{nodes.size}</span>}</h1></div>
      {nodes === undefined ? <Skeleton /> : nodes.size === 0 ? <Blank title="No node has registered"><p>The daemon's own node comes with it; <code>capstan agent</code> adds another machine.</p></Blank> : (
        <ul class="cards">
          {[...nodes.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map((node) => (
            <NodeCard key={node.metadata.name} node={node} podCount={[...pods?.values() ?? []].filter((pod) => pod.spec.nodeName === node.metadata.name && pod.status.phase !== "Succeeded" && pod.status.phase !== "Failed").length} />
          ))}
        </ul>
      )}
    </>
  );
}

function NodeCard({ node, podCount }: { readonly node: Node; readonly podCount: number }): JSX.Element {
  const ready = node.status.conditions?.find(({ type }) => type === "Ready");
  const missing = (node.metadata.annotations?.["capstan.dev/missing-guarantees"] ?? "").split("\n").filter((line) => line !== "");
  const info = node.status.nodeInfo;
  const memoryKi = Number.parseInt(node.status.capacity?.["memory"] ?? "", 10);
  return (
    <li class="card block">
      <div class="block-head">
        <h2>{node.metadata.name}</h2>
        <Badge state={ready?.status === "True" ? "Ready" : ready?.status === "False" ? "NotReady" : "Unknown"} />
        {node.spec.unschedulable === true ? <Badge state="Suspended" label="Cordoned" /> : null}
      </div>
      {ready?.status === "True" ? null : <p class="row-cause bad">{ready?.message ?? "this node has not reported yet"} <Ago time={ready?.lastTransitionTime} /></p>}
      <dl class="facts">
        <div><dt>Pods</dt><dd>{podCount} of {node.status.allocatable?.["pods"] ?? "?"}</dd></div>
        <div><dt>CPU</dt><dd>{node.status.capacity?.["cpu"] ?? "?"}</dd></div>
        <div><dt>Memory</dt><dd>{Number.isNaN(memoryKi) ? "?" : `${(memoryKi / 1_048_576).toFixed(1)} GiB`}</dd></div>
        <div><dt>Runtime</dt><dd>{info?.containerRuntimeVersion ?? "?"}</dd></div>
        <div><dt>System</dt><dd>{[info?.osImage, info?.architecture].filter((part) => part !== undefined && part !== "").join(", ")}</dd></div>
        <div><dt>Address</dt><dd>{node.status.addresses?.find(({ type }) => type === "InternalIP")?.address ?? ""}</dd></div>
      </dl>
      {missing.length === 0 ? <p class="note good"><Icon name="check" /><span>The container runtime gives all guarantees.</span></p> : (
        <div class="note warn"><Icon name="alert" /><div><strong>Not guaranteed here</strong><ul class="plain-list">{missing.map((line) => <li key={line}>{line}</li>)}</ul></div></div>
      )}
    </li>
  );
}
