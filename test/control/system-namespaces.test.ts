import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapCluster } from "../../src/api/bootstrap.ts";
import { createControllers } from "../../src/controllers.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import { testCluster } from "./test-cluster.ts";

test("of the cluster's own namespaces three cannot be removed, and the fourth comes back", async () => {
  const { client, settle, stop } = await testCluster(createControllers());
  await bootstrapCluster(client);
  for (const name of ["default", "kube-system", "kube-public"]) {
    await assert.rejects(client.remove(NamespaceKind, { namespace: "", name }), { reason: "Forbidden", message: `namespaces "${name}" is forbidden: this namespace may not be deleted` });
  }
  const ref = { namespace: "", name: "kube-node-lease" };
  const before = await client.get(NamespaceKind, ref);
  await client.remove(NamespaceKind, ref);
  await settle();
  const after = await client.get(NamespaceKind, ref);
  assert.equal(after?.status.phase, "Active");
  assert.notEqual(after.metadata.uid, before?.metadata.uid);
  await stop();
});

test("a bootstrap token goes with its time, and not before", async () => {
  const { client, settle, world, stop } = await testCluster(createControllers());
  await bootstrapCluster(client);
  const ref = { namespace: "kube-system", name: "bootstrap-token-abcdef" };
  const data = { "token-id": "abcdef", "token-secret": "0123456789abcdef", expiration: "2026-01-03T00:00:00Z" };
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: ref, type: "bootstrap.kubernetes.io/token", stringData: data });
  await settle();
  await world.clock.advance(86_400_000 + 3_600_000);
  await settle();
  assert.notEqual(await client.get(SecretKind, ref), undefined);
  await client.patch(SecretKind, ref, { type: "merge", body: { stringData: { expiration: "2026-01-02T02:00:00Z" } } });
  await settle();
  await world.clock.advance(3_601_000);
  await settle();
  assert.equal(await client.get(SecretKind, ref), undefined);
  await stop();
});
