import assert from "node:assert/strict";
import { test } from "node:test";
import { disruptionController } from "../../src/controllers/disruption/controller.ts";
import { deploymentController } from "../../src/controllers/deployment/controller.ts";
import { replicaSetController } from "../../src/controllers/replicas/controller.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { PodDisruptionBudgetKind } from "../../src/model/kinds/policy.ts";
import type { PodDisruptionBudget } from "../../src/model/kinds/policy.ts";
import { deployment, pod } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "b" };

function budget(spec: PodDisruptionBudget["spec"]): PodDisruptionBudget {
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: ref, spec, status: {} };
}

test("a budget follows the pods of its Deployment, and the Deployment's size", async () => {
  const { client, settle, stop } = await testCluster([deploymentController, replicaSetController, disruptionController]);
  const counts = async () => {
    const status = (await client.get(PodDisruptionBudgetKind, ref))?.status ?? {};
    return [status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed];
  };
  const web = await client.create(DeploymentKind, deployment("web", 4));
  await client.create(PodDisruptionBudgetKind, budget({ maxUnavailable: "25%", selector: web.spec.selector }));
  await settle();
  assert.deepEqual(await counts(), [4, 3, 0, 0]);
  for (const { metadata } of (await client.list(PodKind, { namespace: "default" })).items) await client.patch(PodKind, { namespace: "default", name: metadata.name }, { type: "merge", body: ready }, { subresource: "status" });
  await settle();
  assert.deepEqual(await counts(), [4, 3, 4, 1]);
  await client.patch(DeploymentKind, { namespace: "default", name: "web" }, { type: "merge", body: { spec: { replicas: 8 } } });
  await settle();
  assert.deepEqual(await counts(), [8, 6, 4, 0]);
  await stop();
});

test("a pod that changes its labels leaves one budget and joins another", async () => {
  const { client, settle, stop } = await testCluster([disruptionController]);
  const healthy = async (name: string) => (await client.get(PodDisruptionBudgetKind, { namespace: "default", name }))?.status.expectedPods;
  for (const app of ["a", "b"]) await client.create(PodDisruptionBudgetKind, { ...budget({ minAvailable: 1, selector: { matchLabels: { app } } }), metadata: { namespace: "default", name: app } });
  await client.create(PodKind, pod("p", {}, { labels: { app: "a" } }));
  await settle();
  assert.deepEqual([await healthy("a"), await healthy("b")], [1, 0]);
  await client.patch(PodKind, { namespace: "default", name: "p" }, { type: "merge", body: { metadata: { labels: { app: "b" } } } });
  await settle();
  assert.deepEqual([await healthy("a"), await healthy("b")], [0, 1]);
  await stop();
});

const ready = { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };
