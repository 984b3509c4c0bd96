import type { Controller, Outcome, Writer } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import type { Deployment } from "../../model/kinds/deployment.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { isTerminated } from "../../model/pods.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { controllerOf, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { templateHash } from "../../model/template-hash.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import { decideClaims } from "../claims.ts";
import { ownerKeys } from "../owner-keys.ts";
import { settleClaims } from "../ownership.ts";
import { decideDeployment, findNewSet, isSameTemplate } from "./decide.ts";
import type { DeploymentDecision } from "./decide.ts";
import { revisionAnnotation } from "./revisions.ts";

/** Keeps ReplicaSets as their Deployments want them: rollouts, scaling, history. */
export const deploymentController: Controller<Deployment> = {
  name: "deployment-controller",
  user: "system:serviceaccount:kube-system:deployment-controller",
  kind: DeploymentKind,
  reads: [DeploymentKind, ReplicaSetKind, PodKind],
  writes: [
    { kind: ReplicaSetKind, part: "whole" },
    { kind: DeploymentKind, part: "status" },
    { kind: DeploymentKind, part: "metadata" },
  ],
  wakes: [
    { kind: ReplicaSetKind, keys: (set, previous, reader) => [...ownerKeys(set, previous, "Deployment"), ...adoptersOf(set, reader.list(DeploymentKind, set.metadata.namespace ?? ""))] },
    // Only Recreate waits for pods, and only for their end.
    { kind: PodKind, keys: (pod, _previous, reader) => (reader.get(PodKind, refOf(pod)) === undefined ? deploymentOfPod(pod, (ref) => reader.get(ReplicaSetKind, ref)) : []) },
  ],
  concurrency: 5,
  async reconcile(_ref, deployment, { reader, writer, world }) {
    if (deployment === undefined) return { kind: "done" };
    const selector = selectorOf(deployment.spec.selector);
    const candidates = reader.list(ReplicaSetKind, deployment.metadata.namespace ?? "");
    const sets = await settleClaims({ kind: ReplicaSetKind, owner: deployment, claims: decideClaims(deployment, selector, candidates) }, writer);
    const newSet = findNewSet(deployment, sets);
    const oldPods = sets.filter((set) => set !== newSet).flatMap((set) => reader.ownedBy(PodKind, set));
    const decision = decideDeployment({
      deployment, sets, nowMs: world.clock.nowMs(),
      oldPodsRunning: oldPods.filter((pod) => !isTerminated(pod)).length,
      hash: templateHash(deployment.spec.template, deployment.status.collisionCount),
    });
    return carryOut(deployment, decision, { writer, findSet: (name) => reader.get(ReplicaSetKind, { namespace: deployment.metadata.namespace ?? "", name }) });
  },
};

interface Hands {
  readonly writer: Writer;
  readonly findSet: (name: string) => ReplicaSet | undefined;
}

async function carryOut(deployment: Deployment, decision: DeploymentDecision, { writer, findSet }: Hands): Promise<Outcome> {
  const event = (message: string): void => { writer.event(deployment, { type: "Normal", reason: "ScalingReplicaSet", message }); };
  if (decision.create !== undefined) {
    try {
      const created = await writer.create(ReplicaSetKind, decision.create);
      if ((created.spec.replicas ?? 0) > 0) event(`Scaled up replica set ${created.metadata.name} from 0 to ${created.spec.replicas ?? 0}`);
    } catch (error) {
      return await answerFailedCreate({ deployment, set: decision.create, found: findSet(decision.create.metadata.name), error }, writer);
    }
  }
  // Sets and the Deployment's own fields are different objects: their writes share a flush instead of waiting for each other.
  await Promise.all([changeSets(decision, writer, event), writeOwnFields(deployment, decision, writer)]);
  return decision.againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: decision.againMs, reason: "progress deadline" };
}

async function changeSets(decision: DeploymentDecision, writer: Writer, event: (message: string) => void): Promise<void> {
  for (const { set, message } of decision.updates) {
    await writer.update(ReplicaSetKind, set);
    if (message !== undefined) event(message);
  }
  for (const set of decision.removes) {
    await writer.remove(ReplicaSetKind, refOf(set), { propagation: "Background", preconditions: { uid: set.metadata.uid ?? "", resourceVersion: set.metadata.resourceVersion ?? "" } });
  }
}

async function writeOwnFields(deployment: Deployment, decision: DeploymentDecision, writer: Writer): Promise<void> {
  const current = await writeRevision(deployment, decision.revision, writer);
  if (!isEqual(deployment.status, decision.status)) await writer.updateStatus(DeploymentKind, { ...current, status: decision.status });
}

async function writeRevision(deployment: Deployment, revision: string | undefined, writer: Writer): Promise<Deployment> {
  if (revision === undefined) return deployment;
  const body = { metadata: { resourceVersion: deployment.metadata.resourceVersion, annotations: { [revisionAnnotation]: revision } } };
  return writer.patch(DeploymentKind, refOf(deployment), { type: "merge", body });
}

interface FailedCreate {
  readonly deployment: Deployment;
  readonly set: ReplicaSet;
  readonly found: ReplicaSet | undefined;
  readonly error: unknown;
}

/** A name taken by another template is a hash collision: the count makes the next name differ. Anything else is shown as condition and tried again. */
async function answerFailedCreate({ deployment, set, found, error }: FailedCreate, writer: Writer): Promise<Outcome> {
  if (isApiError(error, "AlreadyExists")) {
    if (found === undefined || isSameTemplate(found.spec.template, set.spec.template)) throw error;
    await writer.updateStatus(DeploymentKind, { ...deployment, status: { ...deployment.status, collisionCount: (deployment.status.collisionCount ?? 0) + 1 } });
    return { kind: "done" };
  }
  const message = `Failed to create new replica set "${set.metadata.name}": ${error instanceof Error ? error.message : String(error)}`;
  writer.event(deployment, { type: "Warning", reason: "ReplicaSetCreateError", message });
  throw error;
}

/** Deployments that could adopt an orphan. */
function adoptersOf(set: ApiObject, deployments: readonly Deployment[]): readonly ObjectRef[] {
  if (controllerOf(set) !== undefined) return [];
  return deployments.filter((deployment) => matchesSelector(selectorOf(deployment.spec.selector), set.metadata.labels)).map(refOf);
}

function deploymentOfPod(pod: ApiObject, findSet: (ref: ObjectRef) => ReplicaSet | undefined): readonly ObjectRef[] {
  const namespace = pod.metadata.namespace ?? "";
  const owner = controllerOf(pod);
  const set = owner?.kind === "ReplicaSet" ? findSet({ namespace, name: owner.name }) : undefined;
  return set === undefined ? [] : ownerKeys(set, undefined, "Deployment");
}
