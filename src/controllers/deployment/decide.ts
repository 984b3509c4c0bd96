import type { Deployment } from "../../model/kinds/deployment.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import type { PodTemplateSpec } from "../../model/generated/core-v1.ts";
import type { DeploymentStatus } from "../../model/generated/apps-v1.ts";
import { controllerReference } from "../../model/object.ts";
import { applyDefaults } from "../../model/defaults.ts";
import { PodTemplateKind } from "../../model/kinds/core-templates.ts";
import { templateHashLabel } from "../../model/template-hash.ts";
import { isEqual } from "../../value/equal.ts";
import { findCondition } from "../../model/conditions.ts";
import { countStatus, isComplete, judgeProgress, msUntilDeadline, pauseNote, withCondition } from "./progress.ts";
import {
  availableOf, byAge, desiredReplicasAnnotation, fencepostsOf, isRolling, maxReplicasAnnotation, newSetReplicas, replicasOf, scaleInProportion, shrinkOldSets,
} from "./replica-counts.ts";
import type { Scaling } from "./replica-counts.ts";
import { isObserved, maxRevision, revisionAnnotation, revisionAnnotations, revisionHistoryAnnotation, revisionOf, setsToForget } from "./revisions.ts";

/** Annotations of a Deployment its ReplicaSets do not inherit. */
const ownAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration", revisionAnnotation, revisionHistoryAnnotation,
  desiredReplicasAnnotation, maxReplicasAnnotation, "deprecated.deployment.rollback.to",
]);

/** What is known when a Deployment is decided on. */
export interface DeploymentView {
  readonly deployment: Deployment;
  /** The ReplicaSets it controls. */
  readonly sets: readonly ReplicaSet[];
  /** Pods of old sets that still run; only Recreate asks. */
  readonly oldPodsRunning: number;
  /** The pod-template-hash a new set would have. */
  readonly hash: string;
  readonly nowMs: number;
}

/** What to do for a Deployment, in this order; the status speaks of the sets as they were seen. */
export interface DeploymentDecision {
  readonly create: ReplicaSet | undefined;
  /** Sets as they should be, with the event each change is worth. */
  readonly updates: readonly { readonly set: ReplicaSet; readonly message: string | undefined }[];
  readonly removes: readonly ReplicaSet[];
  /** The Deployment's own revision annotation, when it changes. */
  readonly revision: string | undefined;
  readonly status: DeploymentStatus;
  /** When to look again though nothing changes. */
  readonly againMs: number | undefined;
}

/**
 * Decides one step of a rollout. Pure. The set whose template equals the Deployment's is the new one, however old it is: that is what makes a
 * rollback use the old ReplicaSet again.
 * @see kubernetes pkg/controller/deployment/deployment_controller.go syncDeployment
 */
export function decideDeployment(view: DeploymentView): DeploymentDecision {
  const { deployment, sets, nowMs } = view;
  const newSet = findNewSet(deployment, sets);
  const oldSets = sets.filter((set) => set !== newSet);
  const counted = countStatus(deployment, sets, newSet, nowMs);
  if (deployment.metadata.deletionTimestamp !== undefined) return { ...nothing, status: counted };
  const note = pauseNote(deployment);
  const status = note === undefined ? counted : { ...counted, conditions: withCondition(counted.conditions ?? [], note, nowMs) };
  if (deployment.spec.paused === true || isScaled(deployment, sets)) {
    const updates = scalingUpdates({ deployment, newSet, oldSets });
    const removes = deployment.spec.paused === true && updates.length === 0 ? setsToForget(deployment, oldSets) : [];
    return { ...nothing, updates, removes, status };
  }
  return rollOut({ ...view, newSet, oldSets, status });
}

const nothing: Omit<DeploymentDecision, "status"> = { create: undefined, updates: [], removes: [], revision: undefined, againMs: undefined };

interface Rollout extends DeploymentView {
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
  readonly status: DeploymentStatus;
}

function rollOut(rollout: Rollout): DeploymentDecision {
  const { deployment, sets, newSet, oldSets, nowMs } = rollout;
  const status = judgeProgress({ deployment, status: rollout.status, newSet, sets: oldSets }, nowMs);
  const againMs = msUntilDeadline(deployment, status, nowMs);
  const base = { ...nothing, status, againMs };
  if (!isRolling(deployment.spec)) {
    const active = oldSets.filter((set) => replicasOf(set.spec) > 0);
    if (active.length > 0) return { ...base, updates: active.map((set) => scaled(deployment, { set, replicas: 0 })) };
    if (rollout.oldPodsRunning > 0) return base;
  }
  const [next, known] = [maxRevision(oldSets) + 1n, newSet === undefined ? 0n : revisionOf(newSet)];
  const revision = String(known > next ? known : next);
  const changedRevision = deployment.metadata.annotations?.[revisionAnnotation] === revision ? undefined : revision;
  if (newSet === undefined) {
    const create = newReplicaSet(rollout, revision);
    const created = withProgressing(status, rollout, "NewReplicaSetCreated", `Created new replica set "${create.metadata.name}"`);
    return { ...base, create, revision: changedRevision, status: created };
  }
  const found = findCondition(status.conditions ?? [], "Progressing") === undefined
    ? withProgressing(status, rollout, "FoundNewReplicaSet", `Found new replica set "${newSet.metadata.name}"`) : status;
  const result = { ...base, revision: changedRevision, status: found };
  const replicas = newSetReplicas(deployment, sets, replicasOf(newSet.spec));
  const refreshed = refreshedNewSet(deployment, { set: newSet, replicas }, BigInt(revision));
  if (refreshed !== undefined) return { ...result, updates: [refreshed] };
  // A status that does not yet speak of the present spec could count pods that are about to go.
  const shrunk = sets.every(isObserved) ? shrinkOldSets(deployment, newSet, oldSets) : [];
  if (shrunk.length > 0) return { ...result, updates: shrunk.map((scaling) => scaled(deployment, scaling)) };
  return { ...result, removes: isComplete(deployment, found) ? setsToForget(deployment, oldSets) : [] };
}

function withProgressing(status: DeploymentStatus, { deployment, nowMs }: Rollout, reason: string, message: string): DeploymentStatus {
  if (deployment.spec.progressDeadlineSeconds === undefined) return status;
  return { ...status, conditions: withCondition(status.conditions ?? [], { type: "Progressing", status: "True", reason, message }, nowMs) };
}

/** The oldest set with the Deployment's template. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(byAge).find((set) => isSameTemplate(set.spec.template, deployment.spec.template));
}

/**
 * True when two templates make the same pods: everything a pod takes over but the hash label. What the server fills in counts as said: a template may have
 * been stored by a daemon that did not fill it in yet, and a new daemon alone is no reason for new pods.
 */
export function isSameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return isEqual(withoutHash(a), withoutHash(b)) || isEqual(withoutHash(filledIn(a)), withoutHash(filledIn(b)));
}

function filledIn(template: PodTemplateSpec = {}): PodTemplateSpec {
  return applyDefaults(PodTemplateKind, { apiVersion: "v1", kind: "PodTemplate", metadata: { name: "" }, template }).template;
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [templateHashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {};
  return { spec: template?.spec, annotations: template?.metadata?.annotations ?? {}, finalizers: template?.metadata?.finalizers ?? [], labels };
}

/** True when the wished count changed since an active set was last scaled: then sizes change before templates do. */
function isScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[desiredReplicasAnnotation];
    return replicasOf(set.spec) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment.spec);
  });
}

interface Sets {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
}

/** @see kubernetes pkg/controller/deployment/sync.go scale */
function scalingUpdates({ deployment, newSet, oldSets }: Sets): DeploymentDecision["updates"] {
  const all = [...oldSets, ...(newSet === undefined ? [] : [newSet])];
  const active = all.filter((set) => replicasOf(set.spec) > 0);
  const wished = replicasOf(deployment.spec);
  const only = active.length === 0 ? newSet ?? oldSets.toSorted(byAge).at(-1) : active.length === 1 ? active[0] : undefined;
  if (only !== undefined) return changedOnly([scaled(deployment, { set: only, replicas: wished })], all);
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    return active.filter((set) => set !== newSet).map((set) => scaled(deployment, { set, replicas: 0 }));
  }
  if (!isRolling(deployment.spec)) return [];
  return changedOnly(scaleInProportion(deployment, all).map((scaling) => scaled(deployment, scaling)), all);
}

function changedOnly(updates: DeploymentDecision["updates"], sets: readonly ReplicaSet[]): DeploymentDecision["updates"] {
  return updates.filter(({ set }) => !sets.some((known) => known.metadata.uid === set.metadata.uid && isEqual(known, set)));
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wished = replicasOf(deployment.spec);
  return Number(set.metadata.annotations?.[desiredReplicasAnnotation] ?? "-1") === wished && replicasOf(set.spec) === wished && availableOf(set) === wished;
}

/** A set at its new size, remembering the Deployment's. */
function scaled(deployment: Deployment, { set, replicas }: Scaling): { readonly set: ReplicaSet; readonly message: string | undefined } {
  const before = replicasOf(set.spec);
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
  const direction = replicas > before ? "up" : "down";
  return {
    set: { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } },
    message: replicas === before ? undefined : `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`,
  };
}

function sizeAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const wished = replicasOf(deployment.spec);
  return { [desiredReplicasAnnotation]: String(wished), [maxReplicasAnnotation]: String(wished + fencepostsOf(deployment).maxSurge) };
}

function inheritedAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key)));
}

/** The new set with size, revision and inherited fields as they should be; undefined when it is so already. */
function refreshedNewSet(deployment: Deployment, { set, replicas }: Scaling, revision: bigint): { readonly set: ReplicaSet; readonly message: string | undefined } | undefined {
  const resized = scaled(deployment, { set, replicas });
  const annotations = { ...resized.set.metadata.annotations, ...inheritedAnnotations(deployment), ...revisionAnnotations(set, revision) };
  const { minReadySeconds } = deployment.spec;
  const wanted: ReplicaSet = {
    ...resized.set,
    metadata: { ...resized.set.metadata, annotations },
    spec: { ...resized.set.spec, ...((minReadySeconds ?? 0) === (set.spec.minReadySeconds ?? 0) ? {} : { minReadySeconds: minReadySeconds ?? 0 }) },
  };
  return isEqual(wanted, set) ? undefined : { set: wanted, message: resized.message };
}

function newReplicaSet({ deployment, sets, hash }: Rollout, revision: string): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`, namespace: deployment.metadata.namespace ?? "", labels,
      annotations: { ...inheritedAnnotations(deployment), ...sizeAnnotations(deployment), [revisionAnnotation]: revision },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newSetReplicas(deployment, sets, 0),
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...(template.metadata ?? { name: "" }), labels } },
    },
    status: { replicas: 0 },
  };
}
