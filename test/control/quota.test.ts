import assert from "node:assert/strict";
import { test } from "node:test";
import { customResourceDefinitionController } from "../../src/controllers/custom-resource-definition/controller.ts";
import { resourceQuotaController } from "../../src/controllers/resource-quota/controller.ts";
import { isApiError } from "../../src/model/api-error.ts";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { ResourceQuotaKind } from "../../src/model/kinds/core-limits.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { kinds, storedKinds } from "../../src/model/kinds.ts";
import { configMap, pod } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";

test("a quota's use is counted when it is new, charged as objects come, and given back as they end or go", async () => {
  const { client, settle, stop } = await testCluster([resourceQuotaController(storedKinds)]);
  const ref = { namespace: "default", name: "q" };
  const used = async () => (await client.get(ResourceQuotaKind, ref))?.status.used;
  await client.create(PodKind, pod("early"));
  const hard = { pods: "3", configmaps: "2", "count/configmaps": "5" };
  await client.create(ResourceQuotaKind, { apiVersion: "v1", kind: "ResourceQuota", metadata: ref, spec: { hard }, status: {} });
  await settle();
  assert.deepEqual(await used(), { pods: "1", configmaps: "0", "count/configmaps": "0" });
  const late = await client.create(PodKind, pod("late"));
  await client.create(ConfigMapKind, configMap("a"));
  assert.deepEqual(await used(), { pods: "2", configmaps: "1", "count/configmaps": "1" });
  await client.updateStatus(PodKind, { ...late, status: { ...late.status, phase: "Succeeded" } });
  await client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await settle();
  assert.deepEqual(await used(), { pods: "1", configmaps: "0", "count/configmaps": "0" });
  const quota = await client.get(ResourceQuotaKind, ref);
  assert.ok(quota !== undefined);
  await client.update(ResourceQuotaKind, { ...quota, spec: { hard: { pods: "1" } } });
  await settle();
  assert.deepEqual((await client.get(ResourceQuotaKind, ref))?.status, { hard: { pods: "1" }, used: { pods: "1" } });
  await assert.rejects(client.create(PodKind, pod("more")), { message: 'pods "more" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1' });
  await stop();
});

test("objects of definitions are counted, those that were there before the quota as well", async () => {
  const { client, verbs, settle, stop } = await testCluster([customResourceDefinitionController(kinds), resourceQuotaController(storedKinds)]);
  await client.create(CustomResourceDefinitionKind, {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" }, status: {},
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }] },
  });
  await settle();
  const kind = verbs.kinds.find("example.com/v1", "Widget");
  assert.ok(kind !== undefined);
  const widget = (name: string) => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { namespace: "default", name } });
  const used = async () => (await client.get(ResourceQuotaKind, { namespace: "default", name: "q" }))?.status.used;
  await client.create(kind, widget("early"));
  await client.create(ResourceQuotaKind, { apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace: "default", name: "q" }, spec: { hard: { "count/widgets.example.com": "2" } }, status: {} });
  await settle();
  assert.deepEqual(await used(), { "count/widgets.example.com": "1" });
  await client.create(kind, widget("second"));
  await assert.rejects(client.create(kind, widget("third")), { reason: "Forbidden", message: /exceeded quota: q, requested: count\/widgets\.example\.com=1, used: count\/widgets\.example\.com=2, limited: count\/widgets\.example\.com=2$/ });
  await client.remove(kind, { namespace: "default", name: "early" });
  await settle();
  assert.deepEqual(await used(), { "count/widgets.example.com": "1" });
  await stop();
});

test("many writers at once take every place of a quota and not one more, and none is told to come back", async () => {
  const { client, settle, stop } = await testCluster([resourceQuotaController(storedKinds)]);
  await client.create(ResourceQuotaKind, { apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace: "default", name: "q" }, spec: { hard: { "count/configmaps": "250" } }, status: {} });
  await settle();
  const ends = await Promise.all(Array.from({ length: 300 }, async (_, index) => {
    try {
      await client.create(ConfigMapKind, configMap(`c${index}`));
      return "made";
    } catch (error) {
      return isApiError(error) ? error.reason : "failed";
    }
  }));
  const count = (end: string) => ends.filter((one) => one === end).length;
  assert.deepEqual([count("made"), count("Forbidden")], [250, 50]);
  await settle();
  assert.equal((await client.get(ResourceQuotaKind, { namespace: "default", name: "q" }))?.status.used?.["count/configmaps"], "250");
  await stop();
});
