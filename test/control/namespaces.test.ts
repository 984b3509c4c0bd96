import assert from "node:assert/strict";
import { test } from "node:test";
import { createControllers } from "../../src/controllers.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { configMap, namespace, pod } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";

test("of a deleted namespace the rest stays until its pods have gone", async () => {
  const { client, settle, stop } = await testCluster(createControllers());
  await client.create(NamespaceKind, namespace("team"));
  await settle();
  const map = { namespace: "team", name: "map" };
  const last = { namespace: "team", name: "last" };
  await client.create(ConfigMapKind, configMap("map", {}, map));
  await client.create(PodKind, pod("last", {}, { ...last, finalizers: ["example.com/goodbye"] }));
  await client.remove(NamespaceKind, { namespace: "", name: "team" });
  await settle();
  assert.notEqual((await client.get(PodKind, last))?.metadata.deletionTimestamp, undefined);
  assert.notEqual(await client.get(ConfigMapKind, map), undefined);
  const { conditions } = (await client.get(NamespaceKind, { namespace: "", name: "team" }))?.status ?? {};
  assert.match(conditions?.find(({ type }) => type === "NamespaceContentRemaining")?.message ?? "", /pods\. has 1 resource instances/);
  await client.patch(PodKind, last, { type: "merge", body: { metadata: { finalizers: null } } });
  await settle();
  assert.equal(await client.get(NamespaceKind, { namespace: "", name: "team" }), undefined);
  await stop();
});
