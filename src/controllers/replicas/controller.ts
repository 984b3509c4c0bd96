import type { Controller, ControllerContext, Reader, Writer } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { controllerOf, controllerReference, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import type { Chance } from "../../world/chance.ts";
import { decideClaims } from "../claims.ts";
import { generatedName } from "../generated-name.ts";
import { orphanPods } from "../orphan-pods.ts";
import { ownerKeys } from "../owner-keys.ts";
import { settleClaims } from "../ownership.ts";
import { countReplicas, decideReplicas } from "./decide.ts";
import type { ReplicaDecision, ReplicaFailure } from "./decide.ts";

/** Pods created at once to begin with, doubled after each batch that went well: a refusal costs one request, not hundreds (upstream's SlowStartInitialBatchSize). */
const slowStartFirst = 1;

/** Keeps as many pods running as each ReplicaSet wants. */
export const replicaSetController: Controller<ReplicaSet> = {
  name: "replicaset-controller",
  user: "system:serviceaccount:kube-system:replicaset-controller",
  kind: ReplicaSetKind,
  reads: [ReplicaSetKind, PodKind],
  indexes: [orphanPods],
  writes: [
    { kind: PodKind, part: "existence" },
    { kind: PodKind, part: "metadata" },
    { kind: ReplicaSetKind, part: "status" },
  ],
  wakes: [{ kind: PodKind, keys: (pod, previous, reader) => [...ownerKeys(pod, previous, "ReplicaSet"), ...adoptersOf(pod, reader)] }],
  concurrency: 5,
  async reconcile(ref, set, { reader, writer, world }) {
    if (set === undefined) return { kind: "done" };
    const claims = decideClaims(set, selectorOf(set.spec.selector), candidatesOf(set, reader));
    const owned = await settleClaims({ kind: PodKind, owner: set, claims }, writer);
    const decision = decideReplicas(set, owned, { related: relatedPods(set, reader), nowMs: world.clock.nowMs() });
    const failure = await carryOut(set, decision, { reader, writer, world });
    // Another size came in meanwhile: its own pass follows and counts.
    const latest = reader.get(ReplicaSetKind, ref);
    if (latest === undefined || latest.metadata.uid !== set.metadata.uid || latest.metadata.generation !== set.metadata.generation) return { kind: "done" };
    const { status, againMs } = countReplicas(latest, reader.ownedBy(PodKind, set), { nowMs: world.clock.nowMs(), failure });
    if (!isEqual(latest.status, status)) await writer.updateStatus(ReplicaSetKind, { ...latest, status });
    if (failure !== undefined) throw new Error(failure.message);
    return againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: againMs, reason: "a pod becomes available" };
  },
};

/** Pods that are the set's, or nobody's and of its labels. */
function candidatesOf(set: ReplicaSet, reader: Reader): readonly Pod[] {
  return [...reader.ownedBy(PodKind, set), ...reader.indexed(orphanPods, set.metadata.namespace ?? "")];
}

/** Pods of all sets of the same owner: a Deployment's sets share nodes. */
function relatedPods(set: ReplicaSet, reader: Reader): readonly Pod[] {
  const owner = controllerOf(set);
  if (owner === undefined) return reader.ownedBy(PodKind, set);
  return reader.dependentsOf(ReplicaSetKind, owner.uid).flatMap((sibling) => reader.ownedBy(PodKind, sibling));
}

function adoptersOf(pod: ApiObject, reader: Reader): readonly ObjectRef[] {
  if (controllerOf(pod) !== undefined) return [];
  return reader.list(ReplicaSetKind, pod.metadata.namespace ?? "").filter((set) => matchesSelector(selectorOf(set.spec.selector), pod.metadata.labels)).map(refOf);
}

async function carryOut(set: ReplicaSet, decision: ReplicaDecision, context: Pick<ControllerContext, "reader" | "writer" | "world">): Promise<ReplicaFailure | undefined> {
  if (decision.createCount > 0) return createPods(set, decision.createCount, context);
  return removePods(set, decision.remove, context);
}

/** Creates in batches of 1, 2, 4 … until one fails. */
async function createPods(set: ReplicaSet, count: number, { writer, world }: Pick<ControllerContext, "writer" | "world">): Promise<ReplicaFailure | undefined> {
  let left = count;
  for (let batch = slowStartFirst; left > 0; batch *= 2) {
    const size = Math.min(batch, left);
    const failures = (await Promise.all(Array.from({ length: size }, () => createPod(set, writer, world.chance)))).filter((message) => message !== undefined);
    if (failures[0] !== undefined) return { reason: "FailedCreate", message: failures[0] };
    left -= size;
  }
  return undefined;
}

/** Answers why it failed, if it did. */
async function createPod(set: ReplicaSet, writer: Writer, chance: Chance): Promise<string | undefined> {
  try {
    const pod = await writer.create(PodKind, podOf(set, chance));
    writer.event(set, { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}` });
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Nothing can be made in a namespace that ends; its own controller removes the set.
    const isEnding = isApiError(error, "Forbidden") && error.causes.some((cause) => cause.detail.includes("being terminated"));
    if (!isEnding) writer.event(set, { type: "Warning", reason: "FailedCreate", message: `Error creating: ${message}` });
    return message;
  }
}

/** Removes one pod after the other, as long as the set still wants so: a size that changed meanwhile gets its own pass. */
async function removePods(set: ReplicaSet, pods: readonly Pod[], { reader, writer }: Pick<ControllerContext, "reader" | "writer">): Promise<ReplicaFailure | undefined> {
  for (const pod of pods) {
    if (reader.get(ReplicaSetKind, refOf(set))?.metadata.generation !== set.metadata.generation) return undefined;
    try {
      await writer.remove(PodKind, refOf(pod), { preconditions: { uid: pod.metadata.uid ?? "" } });
      writer.event(set, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata.name}` });
    } catch (error) {
      if (isApiError(error, "NotFound")) continue;
      const message = error instanceof Error ? error.message : String(error);
      writer.event(set, { type: "Warning", reason: "FailedDelete", message: `Error deleting: ${message}` });
      return { reason: "FailedDelete", message };
    }
  }
  return undefined;
}

/** A new pod of the set's template, with a name of its own. */
export function podOf(set: ReplicaSet, chance: Chance): Pod {
  const { template } = set.spec;
  const generateName = `${set.metadata.name}-`;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name: generatedName(generateName, chance), generateName, namespace: set.metadata.namespace ?? "",
      ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }), ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: template?.spec ?? { containers: [] },
    status: {},
  };
}
