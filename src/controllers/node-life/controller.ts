import { isOfKind } from "../../api/shape.ts";
import type { Controller, ControllerContext, Outcome } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { findCondition, withCondition } from "../../model/conditions.ts";
import type { PodCondition } from "../../model/generated/core-v1.ts";
import { LeaseKind } from "../../model/kinds/lease.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import type { Node } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { podsByNode } from "../pods-by-node.ts";
import { decideNode } from "./decide.ts";

/** Where node agents keep their leases. */
const leaseNamespace = "kube-node-lease";

/** A sign of life, and when this process saw it. */
interface Heartbeat {
  readonly sign: string;
  /** By the monotonic clock: a wall clock that is set makes no node silent. */
  readonly heardMs: number;
}

/** Judges nodes by their signs of life; one value per daemon, since what it has heard is its own. */
export function createNodeLifeController(): Controller<Node> {
  const heartbeats = new Map<string, Heartbeat>();
  return {
    name: "node-controller",
    user: "system:serviceaccount:kube-system:node-controller",
    kind: NodeKind,
    reads: [NodeKind, LeaseKind, PodKind],
    indexes: [podsByNode],
    writes: [
      { kind: NodeKind, part: "status", fields: ["status.conditions"] },
      { kind: NodeKind, part: "metadata" },
      { kind: NodeKind, part: "spec", fields: ["spec.taints"] },
      { kind: PodKind, part: "existence" },
      { kind: PodKind, part: "status", fields: ["status.conditions[Ready]", "status.conditions[DisruptionTarget]"] },
    ],
    wakes: [
      { kind: LeaseKind, keys: (lease) => (lease.metadata.namespace === leaseNamespace ? [{ namespace: "", name: lease.metadata.name }] : []) },
      // Whether all are silent concerns every node.
      { kind: NodeKind, keys: (node, previous, reader) => (readyOf(node) === readyOf(previous) ? [] : reader.list(NodeKind).map(refOf)) },
      { kind: PodKind, keys: (pod, previous) => nodeOfNewPod(pod, previous) },
    ],
    concurrency: 4,
    async reconcile(ref, node, context) {
      if (node === undefined) {
        heartbeats.delete(ref.name);
        return { kind: "done" };
      }
      return judgeNode(node, listen(node, heartbeats, context), context);
    },
  };
}

/** When the node was last heard: now, if its lease or heartbeat is another than before. */
function listen(node: Node, heartbeats: Map<string, Heartbeat>, { reader, world }: ControllerContext): number {
  const lease = reader.get(LeaseKind, { namespace: leaseNamespace, name: node.metadata.name });
  const ready = findCondition(node.status.conditions, "Ready");
  // Unknown is our own word for silence, not a sign of life.
  const reported = ready === undefined || ready.status === "Unknown" ? "" : ready.lastHeartbeatTime ?? ready.lastTransitionTime ?? "";
  const sign = `${node.metadata.uid ?? ""} ${lease?.spec.renewTime ?? ""} ${reported}`;
  const known = heartbeats.get(node.metadata.name);
  const isSame = known !== undefined && (known.sign === sign || (ready?.status === "Unknown" && known.sign.startsWith(sign)));
  const { clock } = world;
  if (isSame) return clock.nowMs() - (clock.monotonicMs() - known.heardMs);
  heartbeats.set(node.metadata.name, { sign, heardMs: clock.monotonicMs() });
  return clock.nowMs();
}

async function judgeNode(node: Node, heardAtMs: number, context: ControllerContext): Promise<Outcome> {
  const { reader, writer, world } = context;
  const nowMs = world.clock.nowMs();
  const others = reader.list(NodeKind).filter((other) => other.metadata.name !== node.metadata.name);
  const decision = decideNode({
    node, heardAtMs, nowMs, pods: reader.indexed(podsByNode, node.metadata.name), areOthersSilent: others.every((other) => readyOf(other) !== "True"),
  });
  let current = node;
  if (decision.conditions !== undefined) {
    current = await writer.updateStatus(NodeKind, { ...node, status: { ...node.status, conditions: decision.conditions } });
    writer.event(node, { type: "Normal", reason: "NodeNotReady", message: `Node ${node.metadata.name} status is now: NodeNotReady` });
  }
  if (decision.taints !== undefined) {
    const body = { metadata: { resourceVersion: current.metadata.resourceVersion }, spec: { taints: decision.taints.map((taint) => ({ ...taint })) } };
    await writer.patch(NodeKind, refOf(node), { type: "merge", body });
  }
  for (const pod of decision.unready) await ifStillThere(() => markPod(pod, { type: "Ready", status: "False" }, context));
  for (const pod of decision.evict) await ifStillThere(() => evictPod(pod, context));
  return decision.againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: decision.againMs, reason: "the node's next sign of life" };
}

async function markPod(pod: Pod, condition: PodCondition, { writer, world }: ControllerContext): Promise<void> {
  const conditions = withCondition(pod.status.conditions, condition, world.clock.nowMs());
  await writer.updateStatus(PodKind, { ...pod, status: { ...pod.status, conditions } });
  if (condition.type === "Ready") writer.event(pod, { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" });
}

async function evictPod(pod: Pod, context: ControllerContext): Promise<void> {
  const { writer, reader } = context;
  writer.event(pod, { type: "Normal", reason: "TaintManagerEviction", message: `Marking for deletion Pod ${pod.metadata.namespace ?? ""}/${pod.metadata.name}` });
  const message = "Taint manager: deleting due to NoExecute taint";
  await markPod(reader.get(PodKind, refOf(pod)) ?? pod, { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message }, context);
  await writer.remove(PodKind, refOf(pod), { preconditions: { uid: pod.metadata.uid ?? "" } });
}

/** A pod that changed or went meanwhile wakes the node again; it does not hold up the others. */
async function ifStillThere(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

function readyOf(node: ApiObject | undefined): string | undefined {
  return node !== undefined && isOfKind<Node>(NodeKind, node) ? findCondition(node.status.conditions, "Ready")?.status : undefined;
}

/** A pod that has just come to a node may have to leave it at once. */
function nodeOfNewPod(pod: ApiObject, previous: ApiObject | undefined): readonly { readonly namespace: string; readonly name: string }[] {
  if (!isOfKind<Pod>(PodKind, pod)) return [];
  const name = pod.spec.nodeName ?? "";
  const before = previous !== undefined && isOfKind<Pod>(PodKind, previous) ? previous.spec.nodeName ?? "" : "";
  return name === "" || name === before ? [] : [{ namespace: "", name }];
}

