import type { Controller, ControllerContext, Reader, Writer } from "../../control/controller.ts";
import { isApiError, isNamespaceEnding } from "../../model/api-error.ts";
import type { ReplicaSetStatus } from "../../model/generated/apps-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../model/kinds/replication-controller.ts";
import type { ReplicationController } from "../../model/kinds/replication-controller.ts";
import { controllerOf, controllerReference, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isActive } from "../../model/pods.ts";
import type { ReplicaKeeper } from "../../model/replicas.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import type { Selector } from "../../value/labels.ts";
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

/** What one kind of keepers has that the others have not. */
interface KeeperKind<T extends ReplicaKeeper> {
  /** As upstream's controller is called: in its events, and its service account. */
  readonly name: string;
  readonly kind: Kind<T>;
  readonly selectorOf: (keeper: T) => Selector;
  /** What of the status the kind tells. */
  readonly tell: (status: ReplicaSetStatus) => ReplicaSetStatus;
}

/** Keeps as many pods running as each ReplicaSet wants. */
export const replicaSetController = keeperController<ReplicaSet>({
  name: "replicaset-controller", kind: ReplicaSetKind, selectorOf: ({ spec }) => selectorOf(spec.selector), tell: (status) => status,
});

/** Keeps as many pods running as each ReplicationController wants. */
export const replicationController = keeperController<ReplicationController>({
  name: "replication-controller", kind: ReplicationControllerKind, selectorOf: ({ spec }) => selectorOf({ matchLabels: spec.selector ?? {} }),
  tell: ({ terminatingReplicas: _newer, ...status }) => status,
});

/** @see kubernetes pkg/controller/replicaset/replica_set.go, which serves both kinds, too */
function keeperController<T extends ReplicaKeeper>(keepers: KeeperKind<T>): Controller<T> {
  const { name, kind } = keepers;
  return {
    name, user: `system:serviceaccount:kube-system:${name}`, kind,
    reads: [kind, PodKind],
    indexes: [orphanPods],
    writes: [
      { kind: PodKind, part: "existence" },
      { kind: PodKind, part: "metadata" },
      { kind, part: "status" },
    ],
    wakes: [{ kind: PodKind, keys: (pod, previous, reader) => [...ownerKeys(pod, previous, kind.kind), ...adoptersOf(pod, keepers, reader)] }],
    concurrency: 5,
    async reconcile(ref, keeper, { reader, writer, world }) {
      if (keeper === undefined) return { kind: "done" };
      const claims = decideClaims(keeper, keepers.selectorOf(keeper), candidatesOf(keeper, reader));
      const owned = await settleClaims({ kind: PodKind, owner: keeper, claims }, writer);
      const decision = decideReplicas(keeper, owned, { related: relatedPods(keeper, kind, reader), nowMs: world.clock.nowMs() });
      const isCurrent = (): boolean => isSame(reader.get(kind, ref), keeper);
      const failure = await carryOut(keeper, decision, { writer, world, isCurrent });
      // Another size came in meanwhile: its own pass follows and counts.
      const latest = reader.get(kind, ref);
      if (latest === undefined || !isSame(latest, keeper)) return { kind: "done" };
      const { status: counted, againMs } = countReplicas(latest, reader.ownedBy(PodKind, keeper), { nowMs: world.clock.nowMs(), failure });
      const status = keepers.tell(counted);
      if (!isEqual(latest.status, status)) await writer.updateStatus(kind, { ...latest, status });
      if (failure !== undefined) throw new Error(failure.message);
      return againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: againMs, reason: "a pod becomes available" };
    },
  };
}

/** True while an object wants what it wanted when it was read. */
function isSame(now: ApiObject | undefined, then: ApiObject): boolean {
  return now !== undefined && now.metadata.uid === then.metadata.uid && now.metadata.generation === then.metadata.generation;
}

/** Pods that are the keeper's, or nobody's: of these only what lives is worth taking. */
function candidatesOf(keeper: ReplicaKeeper, reader: Reader): readonly Pod[] {
  return [...reader.ownedBy(PodKind, keeper), ...reader.indexed(orphanPods, keeper.metadata.namespace ?? "").filter(isActive)];
}

/** Pods of all keepers of the same owner: a Deployment's sets share nodes. */
function relatedPods<T extends ReplicaKeeper>(keeper: T, kind: Kind<T>, reader: Reader): readonly Pod[] {
  const owner = controllerOf(keeper);
  if (owner === undefined) return reader.ownedBy(PodKind, keeper);
  return reader.dependentsOf(kind, owner.uid).flatMap((sibling) => reader.ownedBy(PodKind, sibling));
}

function adoptersOf<T extends ReplicaKeeper>(pod: ApiObject, keepers: KeeperKind<T>, reader: Reader): readonly ObjectRef[] {
  if (controllerOf(pod) !== undefined) return [];
  return reader.list(keepers.kind, pod.metadata.namespace ?? "").filter((keeper) => matchesSelector(keepers.selectorOf(keeper), pod.metadata.labels)).map(refOf);
}

interface Doing extends Pick<ControllerContext, "writer" | "world"> {
  /** False once the keeper wants something else. */
  readonly isCurrent: () => boolean;
}

async function carryOut(keeper: ReplicaKeeper, decision: ReplicaDecision, doing: Doing): Promise<ReplicaFailure | undefined> {
  if (decision.createCount > 0) return createPods(keeper, decision.createCount, doing);
  return removePods(keeper, decision.remove, doing);
}

/** Creates in batches of 1, 2, 4 … until one fails. */
async function createPods(keeper: ReplicaKeeper, count: number, { writer, world }: Doing): Promise<ReplicaFailure | undefined> {
  let left = count;
  for (let batch = slowStartFirst; left > 0; batch *= 2) {
    const size = Math.min(batch, left);
    const failures = (await Promise.all(Array.from({ length: size }, () => createPod(keeper, writer, world.chance)))).filter((message) => message !== undefined);
    if (failures[0] !== undefined) return { reason: "FailedCreate", message: failures[0] };
    left -= size;
  }
  return undefined;
}

/** Answers why it failed, if it did. */
async function createPod(keeper: ReplicaKeeper, writer: Writer, chance: Chance): Promise<string | undefined> {
  try {
    const pod = await writer.create(PodKind, podOf(keeper, chance));
    writer.event(keeper, { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}` });
    return undefined;
  } catch (error) {
    // Nothing can be made in a namespace that ends; its own controller removes the keeper.
    if (isNamespaceEnding(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    writer.event(keeper, { type: "Warning", reason: "FailedCreate", message: `Error creating: ${message}` });
    return message;
  }
}

/** Removes one pod after the other, as long as the keeper still wants so: a size that changed meanwhile gets its own pass. */
async function removePods(keeper: ReplicaKeeper, pods: readonly Pod[], { writer, isCurrent }: Doing): Promise<ReplicaFailure | undefined> {
  for (const pod of pods) {
    if (!isCurrent()) return undefined;
    try {
      await writer.remove(PodKind, refOf(pod), { preconditions: { uid: pod.metadata.uid ?? "" } });
      writer.event(keeper, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata.name}` });
    } catch (error) {
      if (isApiError(error, "NotFound")) continue;
      const message = error instanceof Error ? error.message : String(error);
      writer.event(keeper, { type: "Warning", reason: "FailedDelete", message: `Error deleting: ${message}` });
      return { reason: "FailedDelete", message };
    }
  }
  return undefined;
}

/** A new pod of the keeper's template, with a name of its own. */
export function podOf(keeper: ReplicaKeeper, chance: Chance): Pod {
  const { template } = keeper.spec;
  const generateName = `${keeper.metadata.name}-`;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name: generatedName(generateName, chance), generateName, namespace: keeper.metadata.namespace ?? "",
      ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }), ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(keeper)],
    },
    spec: template?.spec ?? { containers: [] },
    status: {},
  };
}
