import assert from "node:assert/strict";
import { test } from "node:test";
import { DeploymentKind } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { NodeKind } from "./node.ts";
import { ReplicaSetKind } from "./replica-set.ts";
import { ReplicationControllerKind } from "./replication-controller.ts";
import { RepositoryKind } from "./repository.ts";
import { ServiceKind } from "./service.ts";
import { SyncKind } from "./sync.ts";

const template = { spec: { containers: [{ name: "c", image: "i" }] } };

function deployment(status: Deployment["status"], spec: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", generation: 2 },
    spec: { replicas: 2, selector: {}, template, ...spec }, status: { observedGeneration: 2, ...status },
  };
}

const settled = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const deployments: readonly (readonly [title: string, object: Deployment, status: string, message?: string])[] = [
  ["a finished rollout is healthy", deployment(settled), "Healthy"],
  ["a paused deployment is suspended", deployment(settled, { paused: true }), "Suspended", "Deployment is paused"],
  ["an unseen change progresses", deployment({ ...settled, observedGeneration: 1 }), "Progressing", "Waiting for rollout to finish: observed deployment generation less than desired generation"],
  ["new replicas are awaited first", deployment({ ...settled, updatedReplicas: 1 }), "Progressing", "Waiting for rollout to finish: 1 out of 2 new replicas have been updated..."],
  ["old replicas are awaited next", deployment({ ...settled, replicas: 3 }), "Progressing", "Waiting for rollout to finish: 1 old replicas are pending termination..."],
  ["availability is awaited last", deployment({ ...settled, availableReplicas: 1 }), "Progressing", "Waiting for rollout to finish: 1 of 2 updated replicas are available..."],
  ["a missed deadline degrades", deployment({ ...settled, conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] }), "Degraded", 'Deployment "web" exceeded its progress deadline'],
  ["a deployment on its way out is not settled", { ...deployment(settled), metadata: { name: "web", deletionTimestamp: "2026-01-01T00:00:00Z" } }, "Progressing", "Pending deletion"],
];

for (const [title, object, status, message] of deployments) {
  test(title, () => assert.deepEqual(DeploymentKind.health?.(object, 0), message === undefined ? { status } : { status, message }));
}

test("a replica set waits for available replicas and tells of failures", () => {
  const set = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web" }, spec: { replicas: 2, selector: {}, template }, status: { replicas: 2, availableReplicas: 1 } };
  assert.deepEqual(ReplicaSetKind.health?.(set, 0), { status: "Progressing", message: "Waiting for rollout to finish: 1 out of 2 new replicas are available..." });
  const failed = { ...set, status: { ...set.status, conditions: [{ type: "ReplicaFailure", status: "True", message: "no quota" }] } };
  assert.deepEqual(ReplicaSetKind.health?.(failed, 0), { status: "Degraded", message: "no quota" });
});

test("a replication controller is judged as a replica set", () => {
  const controller = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "web", generation: 2 }, spec: { replicas: 2, template }, status: { replicas: 2, availableReplicas: 2, observedGeneration: 1 } };
  assert.deepEqual(ReplicationControllerKind.health?.(controller, 0), { status: "Progressing", message: "Waiting for rollout to finish: observed replication controller generation less than desired generation" });
  assert.deepEqual(ReplicationControllerKind.health?.({ ...controller, status: { ...controller.status, observedGeneration: 2 } }, 0), { status: "Healthy" });
});

test("a node is as healthy as its Ready condition", () => {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, spec: {}, status: {} };
  assert.equal(NodeKind.health?.(node, 0).status, "Unknown");
  assert.deepEqual(NodeKind.health?.({ ...node, status: { conditions: [{ type: "Ready", status: "Unknown", message: "no word" }] } }, 0), { status: "Degraded", message: "no word" });
});

test("a load balancer waits for its address, other services do not", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, status: {} };
  assert.equal(ServiceKind.health?.({ ...service, spec: { type: "LoadBalancer" } }, 0).status, "Progressing");
  assert.equal(ServiceKind.health?.({ ...service, spec: { type: "ClusterIP" } }, 0).status, "Healthy");
});

test("a sync is as healthy as its phase, and a repository as its Ready condition", () => {
  const sync = { apiVersion: "capstan.dev/v1", kind: "Sync", metadata: { name: "s" }, spec: { application: "a", trigger: "Push", revision: "1", planDigest: "d", planGeneration: 1 } } as const;
  assert.deepEqual(SyncKind.health?.({ ...sync, status: { phase: "Failed", message: "refused" } }, 0), { status: "Degraded", message: "refused" });
  assert.equal(SyncKind.health?.({ ...sync, status: { phase: "Running" } }, 0).status, "Progressing");
  const repository = { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { name: "r" }, spec: { hosted: true }, status: {} };
  assert.equal(RepositoryKind.health?.(repository, 0).status, "Progressing");
});
