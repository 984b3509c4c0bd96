import { isOfKind } from "../../api/shape.ts";
import type { Controller, ControllerContext, Index, Outcome } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { refOf } from "../../model/object.ts";
import { isTerminated } from "../../model/pods.ts";
import { podsByNode } from "../pods-by-node.ts";
import { quarantineMs, surplusFinished } from "./decide.ts";

const finishedValue = "finished";
const finishedPods: Index<Pod> = { name: "finished-pods", kind: PodKind, values: (pod) => (isTerminated(pod) ? [finishedValue] : []) };

/** Removes pods whose node is gone, and finished ones beyond a limit. One value per daemon: it remembers since when nodes are missed. */
export function createPodGarbageCollector(): Controller<Pod> {
  /** When each missing node was first missed; forgotten when it is back or its last pod went. */
  const missedAtMs = new Map<string, number>();
  return {
    name: "pod-garbage-collector",
    user: "system:serviceaccount:kube-system:pod-garbage-collector",
    kind: PodKind,
    reads: [PodKind, NodeKind],
    indexes: [podsByNode, finishedPods],
    writes: [{ kind: PodKind, part: "existence" }],
    isWokenByItself: false,
    wakes: [
      { kind: PodKind, keys: (pod, _previous, reader) => (isOfKind<Pod>(PodKind, pod) && (isTerminated(pod) || isLost(pod, (name) => reader.get(NodeKind, { namespace: "", name }) !== undefined)) ? [refOf(pod)] : []) },
      { kind: NodeKind, keys: (node, _previous, reader) => (reader.get(NodeKind, refOf(node)) === undefined ? reader.indexed(podsByNode, node.metadata.name).map(refOf) : []) },
    ],
    async reconcile(_ref, pod, context) {
      if (pod === undefined) return { kind: "done" };
      if (isTerminated(pod) && surplusFinished(context.reader.indexed(finishedPods, finishedValue)).includes(pod)) return removePod(pod, context);
      return settleLost(pod, missedAtMs, context);
    },
  };
}

async function settleLost(pod: Pod, missedAtMs: Map<string, number>, context: ControllerContext): Promise<Outcome> {
  const { reader, live, world } = context;
  const name = pod.spec.nodeName ?? "";
  if (!isLost(pod, (node) => reader.get(NodeKind, { namespace: "", name: node }) !== undefined)) {
    missedAtMs.delete(name);
    return { kind: "done" };
  }
  const nowMs = world.clock.nowMs();
  const sinceMs = missedAtMs.get(name) ?? nowMs;
  missedAtMs.set(name, sinceMs);
  if (nowMs < sinceMs + quarantineMs) return { kind: "wait", afterMs: sinceMs + quarantineMs - nowMs, reason: "its node may come back" };
  if (await live.get(NodeKind, { namespace: "", name }) !== undefined) return { kind: "done" };
  if (reader.indexed(podsByNode, name).length <= 1) missedAtMs.delete(name);
  return removePod(pod, context);
}

function isLost(pod: Pod, isThere: (nodeName: string) => boolean): boolean {
  const name = pod.spec.nodeName ?? "";
  return name !== "" && !isThere(name);
}

async function removePod(pod: Pod, { writer }: ControllerContext): Promise<Outcome> {
  try {
    await writer.remove(PodKind, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid ?? "" } });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
  return { kind: "done" };
}
