import { isOfKind } from "../../api/shape.ts";
import type { Controller, Reader } from "../../control/controller.ts";
import type { Kind } from "../../model/kind.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PodDisruptionBudgetKind } from "../../model/kinds/policy.ts";
import type { PodDisruptionBudget } from "../../model/kinds/policy.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../model/kinds/replication-controller.ts";
import { StatefulSetKind } from "../../model/kinds/stateful-set.ts";
import { controllerOf, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isReady } from "../../model/pods.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import { decideBudget } from "./decide.ts";
import type { PodOwner } from "./decide.ts";

/** Whatever says how many pods it wants. */
type Scalable = ApiObject & { readonly spec: { readonly replicas?: number } };

/** What may control pods directly and says how many it wants, by kind. */
const finders: Readonly<Record<string, (reader: Reader, ref: ObjectRef) => Scalable | undefined>> = {
  ReplicaSet: (reader, ref) => reader.get(ReplicaSetKind, ref),
  StatefulSet: (reader, ref) => reader.get(StatefulSetKind, ref),
  ReplicationController: (reader, ref) => reader.get(ReplicationControllerKind, ref),
};

const owners: readonly Kind[] = [ReplicaSetKind, DeploymentKind, StatefulSetKind, ReplicationControllerKind];

/** Keeps the status of PodDisruptionBudgets true to their pods: evictions go by it. */
export const disruptionController: Controller<PodDisruptionBudget> = {
  name: "disruption-controller",
  user: "system:serviceaccount:kube-system:disruption-controller",
  kind: PodDisruptionBudgetKind,
  reads: [PodDisruptionBudgetKind, PodKind, ...owners],
  writes: [{ kind: PodDisruptionBudgetKind, part: "status" }],
  wakes: [
    { kind: PodKind, keys: budgetsOfPod },
    ...owners.map((kind) => ({ kind, keys: budgetsOfOwner })),
  ],
  concurrency: 5,
  async reconcile(_ref, budget, { reader, writer, world }) {
    if (budget === undefined) return { kind: "done" };
    const namespace = budget.metadata.namespace ?? "";
    const selector = selectorOf(budget.spec.selector);
    const pods = reader.list(PodKind, namespace).filter((pod) => matchesSelector(selector, pod.metadata.labels));
    const { status, events, againMs } = decideBudget({ budget, pods, ownerOf: (pod) => ownerOf(pod, reader), nowMs: world.clock.nowMs() });
    if (!isEqual(status, budget.status)) {
      // An eviction charged meanwhile refuses this write; the next pass has seen it.
      await writer.updateStatus(PodDisruptionBudgetKind, { ...budget, status });
      for (const event of events) writer.event(budget, event);
    }
    return againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: againMs, reason: "an evicted pod should go" };
  },
};

/** What controls a pod in the end, and the pods it wants: of a ReplicaSet that a Deployment controls, the Deployment. */
function ownerOf(pod: Pod, reader: Reader): PodOwner | undefined {
  const direct = controllerOf(pod);
  if (direct === undefined) return undefined;
  const ref = (name: string): ObjectRef => ({ namespace: pod.metadata.namespace ?? "", name });
  const owner = finders[direct.kind]?.(reader, ref(direct.name));
  if (owner === undefined || owner.metadata.uid !== direct.uid) return { uid: direct.uid, name: `${direct.kind} ${direct.name}`, replicas: undefined };
  const above = controllerOf(owner);
  const deployment = above?.kind === DeploymentKind.kind ? reader.get(DeploymentKind, ref(above.name)) : undefined;
  const last = deployment !== undefined && deployment.metadata.uid === above?.uid ? deployment : owner;
  return { uid: last.metadata.uid ?? "", name: `${direct.kind} ${direct.name}`, replicas: last.spec.replicas ?? 1 };
}

/** Budgets that select a pod now or did before, unless nothing they count has changed. */
function budgetsOfPod(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  if (!isOfKind<Pod>(PodKind, object)) return [];
  const before = previous !== undefined && isOfKind<Pod>(PodKind, previous) ? previous : undefined;
  const isGone = reader.get(PodKind, refOf(object)) === undefined;
  if (before !== undefined && !isGone && isEqual(countedOf(object), countedOf(before))) return [];
  return reader.list(PodDisruptionBudgetKind, object.metadata.namespace ?? "").filter(({ spec }) => {
    const selector = selectorOf(spec.selector);
    return matchesSelector(selector, object.metadata.labels) || (before !== undefined && matchesSelector(selector, before.metadata.labels));
  }).map(refOf);
}

/** What a budget counts of a pod. */
function countedOf(pod: Pod): unknown {
  return [pod.metadata.labels, pod.metadata.uid, pod.metadata.deletionTimestamp, controllerOf(pod)?.uid, isReady(pod)];
}

/** All budgets of a namespace in which something may want another number of pods. */
function budgetsOfOwner(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  if (previous !== undefined && object.metadata.generation === previous.metadata.generation) return [];
  return reader.list(PodDisruptionBudgetKind, object.metadata.namespace ?? "").map(refOf);
}
