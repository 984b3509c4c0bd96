import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { configMap, deployment, namespace, pod } from "../../test/api/objects.ts";
import { isApiError } from "../model/api-error.ts";
import type { Kind } from "../model/kind.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { ApiObject } from "../model/object.ts";
import type { JsonObject } from "../value/json.ts";

const ref = { namespace: "default", name: "x" };
const manifest = (data: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", ...metadata }, data });

function managersOf(object: ApiObject | undefined): readonly string[] {
  return (object?.metadata.managedFields ?? []).map((entry) => [entry.manager, entry.operation, entry.subresource].filter((part) => part !== undefined).join(" "));
}

async function api() {
  const made = await testApi();
  const apply = async <T extends ApiObject>(kind: Kind<T>, body: JsonObject, options: { readonly fieldManager?: string; readonly isForced?: boolean; readonly dryRun?: boolean; readonly subresource?: "status" | "scale" } = {}) => {
    const { isForced = false, ...write } = options;
    return made.client.patch(kind, ref, { type: "apply", body, isForced }, { fieldManager: "a", ...write });
  };
  return { ...made, apply };
}

test("an apply creates, and the same again writes nothing", async () => {
  const { apply, store, verbs, caller, world } = await api();
  const first = await verbs.patch(caller, ConfigMapKind, ref, { type: "apply", body: manifest({ a: "1" }) }, { fieldManager: "a" });
  assert.equal(first.isCreated, true);
  const { revision } = store;
  world.clock.advance(5_000);
  const second = await apply(ConfigMapKind, manifest({ a: "1" }));
  assert.equal(store.revision, revision);
  assert.deepEqual(second, first.stored.object());
  assert.deepEqual(managersOf(second), ["a Apply"]);
});

test("a conflict names the fields and their owners, and force takes them", async () => {
  const { client, apply } = await api();
  await client.create(ConfigMapKind, configMap("x", { a: "1" }), { fieldManager: "maker" });
  await assert.rejects(apply(ConfigMapKind, manifest({ a: "2" })), (error) => {
    assert.ok(isApiError(error, "Conflict"));
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "maker" using v1: .data.a');
    assert.deepEqual(error.causes, [{ type: "FieldManagerConflict", path: ".data.a", detail: 'conflict with "maker" using v1' }]);
    return true;
  });
  const taken = await apply(ConfigMapKind, manifest({ a: "2" }), { isForced: true });
  assert.deepEqual(taken.data, { a: "2" });
  assert.deepEqual(managersOf(taken), ["a Apply", "maker Update"]);
});

test("a dry run of an apply answers what would be", async () => {
  const { apply, client } = await api();
  assert.deepEqual((await apply(ConfigMapKind, manifest({ a: "1" }), { dryRun: true })).data, { a: "1" });
  assert.equal(await client.get(ConfigMapKind, ref), undefined);
});

test("a revision in the manifest is a demand", async () => {
  const { apply } = await api();
  const made = await apply(ConfigMapKind, manifest({ a: "1" }));
  const { resourceVersion = "" } = made.metadata;
  assert.deepEqual((await apply(ConfigMapKind, manifest({ a: "2" }, { resourceVersion }))).data, { a: "2" });
  await assert.rejects(apply(ConfigMapKind, manifest({ a: "3" }, { resourceVersion })), (error) => isApiError(error, "Conflict") && error.message.includes("the object has been modified"));
});

test("what an apply cannot be is refused", async () => {
  const { apply, client } = await api();
  const refusals: readonly (readonly [JsonObject, RegExp])[] = [
    [{ ...manifest({}), kind: "Secret" }, /invalid object type/],
    [{ ...manifest({}), apiVersion: "v2" }, /Incorrect version specified in apply patch\. Specified patch version: v2, expected: v1/],
    [manifest({}, { managedFields: [] }), /metadata\.managedFields must be nil/],
    [manifest({}, { name: "y" }), /does not match the name on the URL/],
    [{ ...manifest({}), nope: 1 }, /failed to create typed patch object \(default\/x; v1, Kind=ConfigMap\): \.nope: field not declared in schema/],
    [{ ...manifest({}), data: "x" }, /failed to create typed patch object \(default\/x; v1, Kind=ConfigMap\): \.data: expected map, got string$/],
    [{ ...manifest({}), immutable: "yes" }, /\.immutable: expected boolean, got string$/],
  ];
  for (const [body, message] of refusals) await assert.rejects(apply(ConfigMapKind, body), (error) => isApiError(error, "BadRequest") && message.test(error.message), JSON.stringify(body));
  await assert.rejects(client.patch(ConfigMapKind, ref, { type: "apply", body: manifest({}) }), (error) => isApiError(error, "Invalid") && error.message === 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  await assert.rejects(apply(DeploymentKind, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, status: {} }, { subresource: "status" }), (error) => isApiError(error, "NotFound"));
});

test("an apply that creates needs the right to create", async () => {
  const { verbs } = await testApi({ rules: [{ subject: { user: "bob" }, rules: [{ verbs: ["patch"], apiGroups: [""], resources: ["configmaps"] }] }] });
  const bob = { user: { name: "bob", groups: [] } };
  await assert.rejects(verbs.patch(bob, ConfigMapKind, ref, { type: "apply", body: manifest({}) }, { fieldManager: "a" }), (error) => isApiError(error, "Forbidden") && error.message.includes("cannot create"));
});

test("defaults belong to the writer of an update and to nobody after an apply", async () => {
  const { apply, client } = await api();
  const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, spec: { selector: { matchLabels: { app: "x" } }, template: { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "main", image: "demo:1" }] } } } };
  const applied = await apply(DeploymentKind, body);
  const fields = JSON.stringify(applied.metadata.managedFields?.[0]?.fieldsV1);
  assert.ok(!fields.includes("f:replicas") && !fields.includes("f:terminationMessagePath"), fields);
  const created = await client.create(DeploymentKind, deployment("y", 1));
  assert.ok(JSON.stringify(created.metadata.managedFields?.[0]?.fieldsV1).includes("f:terminationMessagePath"));
});

test("a scale may be applied, and owns the replicas as a part of its own", async () => {
  const { apply, client } = await api();
  await client.create(DeploymentKind, deployment("x", 1), { fieldManager: "maker" });
  const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "x" }, spec: { replicas: 4 } };
  await assert.rejects(apply(DeploymentKind, scale, { subresource: "scale" }), (error) => isApiError(error, "Conflict") && error.message.endsWith('conflict with "maker" using apps/v1: .spec.replicas'));
  const scaled = await apply(DeploymentKind, scale, { subresource: "scale", isForced: true });
  assert.equal(scaled.spec.replicas, 4);
  assert.deepEqual(managersOf(scaled), ["a Apply scale", "maker Update"]);
});

test("the status has managers of its own, and a client's list is no way to them", async () => {
  const { client } = await api();
  const made = await client.create(DeploymentKind, deployment("x", 1), { fieldManager: "maker" });
  const status = await client.updateStatus(DeploymentKind, { ...made, metadata: { ...made.metadata, managedFields: [{}] }, status: { replicas: 1 } }, { fieldManager: "controller" });
  assert.deepEqual(managersOf(status), ["controller Update status", "maker Update"]);
  const again = await client.updateStatus(DeploymentKind, status, { fieldManager: "other" });
  assert.equal(again.metadata.resourceVersion, status.metadata.resourceVersion);
});

test("one empty entry forgets who owns what; an empty list and one that makes no sense change nothing", async () => {
  const { client } = await api();
  const made = await client.create(ConfigMapKind, configMap("x", { a: "1" }), { fieldManager: "maker" });
  for (const managedFields of [[], [{ manager: "x", operation: "Nope" }]]) {
    assert.deepEqual(managersOf(await client.update(ConfigMapKind, { ...made, metadata: { ...made.metadata, managedFields } } as never)), ["maker Update"]);
  }
  const reset = await client.update(ConfigMapKind, { ...made, metadata: { ...made.metadata, managedFields: [{}] } });
  assert.equal(reset.metadata.managedFields, undefined);
  assert.equal((await client.update(ConfigMapKind, { ...reset, data: { a: "2" } })).metadata.managedFields, undefined);
});

test("a writer is named by the request, else by its tool, else by its user within the daemon", async () => {
  const { verbs } = await api();
  const user = (name: string) => ({ name, groups: ["system:masters"] });
  const names = async (caller: Parameters<typeof verbs.create>[0], options = {}) => {
    const { stored } = await verbs.create(caller, ConfigMapKind, "default", { metadata: { generateName: "m-" }, data: { a: "1" } }, options);
    return managersOf(stored.object());
  };
  assert.deepEqual(await names({ user: user("me"), userAgent: "kubectl/v1.33 (linux)" }, { fieldManager: "me" }), ["me Update"]);
  assert.deepEqual(await names({ user: user("me"), userAgent: "kubectl/v1.33 (linux)" }), ["kubectl Update"]);
  assert.deepEqual(await names({ user: user("system:capstan:controller:replica-set") }), ["capstan-replica-set Update"]);
  assert.deepEqual(await names({ user: user("system:node:n1") }), ["capstan-agent Update"]);
  assert.deepEqual(await names({ user: user("system:serviceaccount:kube-system:deployment-controller") }), ["kube-controller-manager Update"]);
  assert.deepEqual(await names({ user: user("me") }), ["unknown Update"]);
});

test("a transaction's writes and a deletion under way keep their owners", async () => {
  const { client } = await api();
  const { objects } = await client.transact({ writes: [{ verb: "create", object: namespace("n") }, { verb: "create", object: configMap("x", {}, { finalizers: ["x/y"] }) }] });
  assert.deepEqual(objects.map((object) => managersOf(object)), [["unknown Update"], ["unknown Update"]]);
  assert.deepEqual(managersOf(await client.remove(ConfigMapKind, ref)), ["unknown Update"]);
  assert.equal((await client.get(NamespaceKind, { namespace: "", name: "n" }))?.metadata.managedFields?.length, 1);
});

test("what admission adds to a pod belongs to nobody", async () => {
  const { client } = await api();
  const made = await client.create(PodKind, pod("x"));
  assert.ok((made.spec.tolerations ?? []).length > 0);
  assert.ok(!JSON.stringify(made.metadata.managedFields).includes("f:tolerations"));
});
