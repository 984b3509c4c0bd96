import type { Controller, ControllerContext, Index, Outcome } from "../control/controller.ts";
import { isOfKind } from "../api/shape.ts";
import { findCondition, withCondition } from "../model/conditions.ts";
import { NodeKind } from "../model/kinds/node.ts";
import type { Node } from "../model/kinds/node.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import type { PodCondition } from "../model/generated/core-v1.ts";
import { refOf } from "../model/object.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { isTerminated } from "../model/pods.ts";
import { isEqual } from "../value/equal.ts";
import { ClusterState } from "./cluster.ts";
import { plugins } from "./plugins.ts";
import { schedule } from "./schedule.ts";

/** Pods of which this scheduler is asked, by their schedulerName. */
const schedulerName = "default-scheduler";
/** Bindings under way at once: decisions are made one after the other, only the writes overlap. */
const bindingsMax = 16;
/** An unschedulable pod is tried again after this time even if nothing changed (upstream pkg/scheduler/backend/queue). */
const retryUnschedulableMs = 300_000;
/** One index value: all pods that wait for a node. */
const waitingValue = "waiting";

const waitingPods: Index<Pod> = { name: "waiting-pods", kind: PodKind, values: (pod) => (isWaiting(pod) ? [waitingValue] : []) };

/**
 * The scheduler as a controller of pods without a node. It counts a pod on its node from the decision on, so that many can be bound at once
 * without crowding. One value per daemon: it holds the cluster's state.
 */
export function createSchedulerController(): Controller<Pod> {
  const cluster = new ClusterState();
  return {
    name: schedulerName,
    user: "system:kube-scheduler",
    kind: PodKind,
    reads: [PodKind, NodeKind],
    indexes: [waitingPods],
    writes: [
      { kind: PodKind, part: "spec", fields: ["spec.nodeName"] },
      { kind: PodKind, part: "metadata" },
      { kind: PodKind, part: "status", fields: ["status.conditions[PodScheduled]"] },
    ],
    observes: [
      { kind: NodeKind, changed: (node, previous) => { observeNode(cluster, node, previous); } },
      { kind: PodKind, changed: (pod, previous) => { observePod(cluster, pod, previous); } },
    ],
    isWokenByItself: false,
    wakes: [
      { kind: PodKind, keys: (pod, previous, reader) => wokenByPod(pod, previous, () => reader.indexed(waitingPods, waitingValue), reader.get(PodKind, refOf(pod)) === undefined) },
      { kind: NodeKind, keys: (node, previous, reader) => (isRoomChanged(node, previous) ? reader.indexed(waitingPods, waitingValue).map(refOf) : []) },
    ],
    concurrency: bindingsMax,
    reconcile: (_ref, pod, context) => placePod(pod, cluster, context),
  };
}

async function placePod(pod: Pod | undefined, cluster: ClusterState, context: ControllerContext): Promise<Outcome> {
  if (pod === undefined || !isWaiting(pod)) return { kind: "done" };
  const { writer, world } = context;
  const result = schedule(pod, cluster, plugins, { tieBreak: world.chance.fraction() });
  if (result.kind === "unschedulable") {
    await markUnschedulable(pod, result.message, context);
    return { kind: "wait", afterMs: retryUnschedulableMs, reason: result.message };
  }
  cluster.assume(pod, result.nodeName);
  try {
    const { uid, resourceVersion } = pod.metadata;
    await writer.patch(PodKind, refOf(pod), { type: "merge", body: { metadata: { uid, resourceVersion }, spec: { nodeName: result.nodeName } } });
  } catch (error) {
    cluster.forgetAssumed(pod);
    throw error;
  }
  writer.event(pod, { type: "Normal", reason: "Scheduled", message: `Successfully assigned ${pod.metadata.namespace ?? ""}/${pod.metadata.name} to ${result.nodeName}` });
  return { kind: "done" };
}

async function markUnschedulable(pod: Pod, message: string, { writer, world }: ControllerContext): Promise<void> {
  const known = findCondition(pod.status.conditions, "PodScheduled");
  if (known?.status === "False" && known.message === message) return;
  const condition: PodCondition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const conditions = withCondition(pod.status.conditions, condition, world.clock.nowMs());
  await writer.updateStatus(PodKind, { ...pod, status: { ...pod.status, conditions } });
  writer.event(pod, { type: "Warning", reason: "FailedScheduling", message });
}

/** True for a pod this scheduler shall place: no node, not gated, not ending. */
function isWaiting(pod: Pod): boolean {
  return (pod.spec.nodeName ?? "") === "" && (pod.spec.schedulerName ?? schedulerName) === schedulerName && (pod.spec.schedulingGates ?? []).length === 0
    && pod.metadata.deletionTimestamp === undefined && !isTerminated(pod);
}

function observeNode(cluster: ClusterState, node: ApiObject | undefined, previous: ApiObject | undefined): void {
  if (node !== undefined && isOfKind<Node>(NodeKind, node)) cluster.setNode(node);
  else if (previous !== undefined) cluster.removeNode(previous.metadata.name);
}

function observePod(cluster: ClusterState, pod: ApiObject | undefined, previous: ApiObject | undefined): void {
  if (pod !== undefined && isOfKind<Pod>(PodKind, pod)) cluster.setPod(pod);
  else if (previous !== undefined && isOfKind<Pod>(PodKind, previous)) cluster.removePod(previous);
}

/** A pod that came to wait or changed wakes itself; one that freed room wakes all that wait. */
function wokenByPod(pod: ApiObject, previous: ApiObject | undefined, listWaiting: () => readonly Pod[], isGone: boolean): readonly ObjectRef[] {
  if (!isOfKind<Pod>(PodKind, pod)) return [];
  const before = previous !== undefined && isOfKind<Pod>(PodKind, previous) ? previous : undefined;
  const hasHadRoom = before !== undefined && (before.spec.nodeName ?? "") !== "" && !isTerminated(before);
  if (hasHadRoom && (isGone || isTerminated(pod))) return listWaiting().map(refOf);
  // Its own status says what was found; only a change of what it asks for is a reason to look again.
  if (!isWaiting(pod) || isGone) return [];
  return before === undefined || !isWaiting(before) || !isEqual(before.spec, pod.spec) || !isEqual(before.metadata.labels, pod.metadata.labels) ? [refOf(pod)] : [];
}

/** True when a node can take other pods than before: heartbeats change nothing. */
function isRoomChanged(node: ApiObject, previous: ApiObject | undefined): boolean {
  if (previous === undefined || !isOfKind<Node>(NodeKind, node) || !isOfKind<Node>(NodeKind, previous)) return true;
  return !isEqual(node.spec, previous.spec) || !isEqual(node.metadata.labels, previous.metadata.labels) || !isEqual(node.status.allocatable, previous.status.allocatable);
}
