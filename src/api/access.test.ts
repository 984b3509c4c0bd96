import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { configMap, namespace, pod } from "../../test/api/objects.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { LeaseKind } from "../model/kinds/lease.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { NodeKind } from "../model/kinds/node.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { bootstrapCluster, systemNamespaces } from "./bootstrap.ts";
import type { UserInfo } from "./client.ts";
import { objectOf } from "./shape.ts";
import type { Authorizer, Caller } from "./verbs.ts";

const nobody: UserInfo = { name: "nobody", groups: ["system:authenticated"] };

/** What is stored: everybody may ask who they are and what they may. */
const keptKinds = kinds.filter((kind) => kind.isStored !== false);

/** A cluster as it starts. */
async function freshApi(): Promise<TestApi> {
  const api = await testApi();
  await bootstrapCluster(api.client);
  return api;
}

async function freshAuthorizer(): Promise<Authorizer> {
  return (await freshApi()).authorizer;
}

/** Every way to reach a kind. */
const attempts: Readonly<Record<string, (api: TestApi, caller: Caller, kind: Kind) => Promise<unknown>>> = {
  "get": async ({ verbs }, caller, kind) => verbs.get(caller, kind, refIn(kind)),
  "get status": async ({ verbs }, caller, kind) => verbs.get(caller, kind, refIn(kind), { subresource: "status" }),
  "list": ({ verbs }, caller, kind) => verbs.list(caller, kind, {}),
  "list of a namespace": ({ verbs }, caller, kind) => verbs.list(caller, kind, { namespace: "default" }),
  "watch": async ({ verbs }, caller, kind) => { for await (const _batch of verbs.watch(caller, kind, {}, new AbortController().signal)) return; },
  "create": ({ verbs }, caller, kind) => verbs.create(caller, kind, refIn(kind).namespace, bodyOf(kind)),
  "update": ({ verbs }, caller, kind) => verbs.update(caller, kind, refIn(kind), bodyOf(kind)),
  "update status": ({ verbs }, caller, kind) => verbs.update(caller, kind, refIn(kind), bodyOf(kind), { subresource: "status" }),
  "finalize": ({ verbs }, caller, kind) => verbs.update(caller, kind, refIn(kind), bodyOf(kind), { subresource: "finalize" }),
  "patch": ({ verbs }, caller, kind) => verbs.patch(caller, kind, refIn(kind), { type: "merge", body: {} }),
  "patch scale": ({ verbs }, caller, kind) => verbs.patch(caller, kind, refIn(kind), { type: "merge", body: {} }, { subresource: "scale" }),
  "delete": ({ verbs }, caller, kind) => verbs.remove(caller, kind, refIn(kind)),
  "deletecollection": ({ verbs }, caller, kind) => verbs.removeCollection(caller, kind, {}),
  "transact create": ({ verbs }, caller, kind) => verbs.transact(caller, { writes: [{ verb: "create", object: objectOf(bodyOf(kind)) }] }),
  "transact update": ({ verbs }, caller, kind) => verbs.transact(caller, { writes: [{ verb: "update", object: objectOf(bodyOf(kind)) }] }),
  "transact remove": ({ verbs }, caller, kind) => verbs.transact(caller, { writes: [{ verb: "remove", kind, ref: refIn(kind) }] }),
};

function refIn(kind: Kind) {
  return { namespace: kind.namespaced ? "default" : "", name: "a" };
}

function bodyOf(kind: Kind) {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "a", ...(kind.namespaced ? { namespace: "default" } : {}) } };
}

test("a user without rules is denied every verb of every kind before anything else is looked at", async () => {
  const api = await freshApi();
  const before = api.store.revision;
  for (const kind of keptKinds) {
    for (const [title, attempt] of Object.entries(attempts)) {
      await assert.rejects(attempt(api, { user: nobody }, kind), { code: 403, reason: "Forbidden" }, `${title} of ${kind.plural}`);
    }
  }
  assert.equal(api.store.revision, before);
});

const denials: readonly { readonly run: (api: TestApi) => Promise<unknown>; readonly message: string }[] = [
  { run: ({ verbs }) => verbs.list({ user: nobody }, PodKind, { namespace: "default" }), message: 'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"' },
  { run: ({ verbs }) => verbs.list({ user: nobody }, NodeKind, {}), message: 'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope' },
  { run: async ({ verbs }) => verbs.get({ user: nobody }, LeaseKind, { namespace: "x", name: "y" }), message: 'leases.coordination.k8s.io "y" is forbidden: User "nobody" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "x"' },
  { run: ({ verbs }) => verbs.patch({ user: nobody }, PodKind, { namespace: "x", name: "y" }, { type: "merge", body: {} }, { subresource: "status" }), message: 'pods "y" is forbidden: User "nobody" cannot patch resource "pods/status" in API group "" in the namespace "x"' },
];

for (const { run, message } of denials) {
  test(`it says: ${message}`, async () => {
    await assert.rejects(run(await freshApi()), { code: 403, message });
  });
}

test("viewers read everything but secrets and artifacts, and write nothing", async () => {
  const builtIn = await freshAuthorizer();
  const viewer: UserInfo = { name: "v", groups: ["capstan:viewer", "system:authenticated"] };
  const allowed = (verb: string, kind: Kind) => builtIn.isAllowed(viewer, { verb, group: kind.group, resource: kind.plural, namespace: "default" });
  const readable = keptKinds.filter((kind) => allowed("list", kind)).map(({ plural }) => plural);
  assert.deepEqual(keptKinds.map(({ plural }) => plural).filter((plural) => !readable.includes(plural)), ["artifacts", "secrets"]);
  assert.deepEqual(keptKinds.flatMap((kind) => ["create", "update", "patch", "delete", "deletecollection"].filter((verb) => allowed(verb, kind))), []);
  assert.equal(builtIn.isAllowed(viewer, { verb: "get", group: "", resource: "pods", subresource: "log", namespace: "default" }), true);
});

test("administrators may do everything by name or by group, and nobody reads metrics without a rule", async () => {
  const builtIn = await freshAuthorizer();
  const metrics = { verb: "get", group: "", resource: "", path: "/metrics" };
  assert.equal(builtIn.isAllowed({ name: "x", groups: ["capstan:admin"] }, metrics), true);
  assert.equal(builtIn.isAllowed(admin, metrics), true);
  assert.equal(builtIn.isAllowed(nobody, metrics), false);
  assert.equal(builtIn.isAllowed(nobody, { ...metrics, path: "/apis/apps/v1" }), true);
});

const agent: UserInfo = { name: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };

/** A cluster with two nodes and a pod on each, seen by the agent of the first. */
async function nodeApi(): Promise<TestApi & { readonly node: ReturnType<TestApi["verbs"]["client"]> }> {
  const api = await freshApi();
  for (const name of ["n1", "n2"]) {
    await api.client.create(NodeKind, { apiVersion: "v1", kind: "Node", metadata: { name }, spec: {}, status: {} });
    await api.client.create(PodKind, pod(`on-${name}`, { nodeName: name }));
  }
  return { ...api, node: api.verbs.client(agent) };
}

const status = (value: object) => ({ type: "merge", body: { status: { ...value } } }) as const;
const nodeWrites: readonly { readonly title: string; readonly run: (node: TestApi["client"]) => Promise<unknown>; readonly refusal?: string }[] = [
  { title: "its own status", run: (node) => node.patch(NodeKind, { namespace: "", name: "n1" }, status({ phase: "Running" }), { subresource: "status" }) },
  { title: "another node", run: (node) => node.patch(NodeKind, { namespace: "", name: "n2" }, status({ phase: "Running" }), { subresource: "status" }), refusal: 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"' },
  { title: "the status of its pod", run: (node) => node.patch(PodKind, { namespace: "default", name: "on-n1" }, status({ phase: "Running" }), { subresource: "status" }) },
  { title: "the status of another's pod", run: (node) => node.patch(PodKind, { namespace: "default", name: "on-n2" }, status({ phase: "Running" }), { subresource: "status" }), refusal: 'pods "on-n2" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself' },
  { title: "the deletion of its pod", run: (node) => node.remove(PodKind, { namespace: "default", name: "on-n1" }, { gracePeriodSeconds: 0 }) },
  { title: "the deletion of another's pod", run: (node) => node.remove(PodKind, { namespace: "default", name: "on-n2" }), refusal: 'pods "on-n2" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself' },
  { title: "its lease", run: (node) => node.create(LeaseKind, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace: "kube-node-lease", name: "n1" }, spec: {} }) },
  { title: "another's lease", run: (node) => node.create(LeaseKind, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace: "kube-node-lease", name: "n2" }, spec: {} }), refusal: 'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node' },
  { title: "a pod's spec", run: (node) => node.patch(PodKind, { namespace: "default", name: "on-n1" }, { type: "merge", body: { spec: { nodeName: "n2" } } }), refusal: 'pods "on-n1" is forbidden: User "system:node:n1" cannot patch resource "pods" in API group "" in the namespace "default"' },
  { title: "a config map", run: (node) => node.create(ConfigMapKind, configMap("a")), refusal: 'configmaps is forbidden: User "system:node:n1" cannot create resource "configmaps" in API group "" in the namespace "default"' },
];

for (const { title, run, refusal } of nodeWrites) {
  test(`a node agent may ${refusal === undefined ? "" : "not "}write ${title}`, async () => {
    const { node } = await nodeApi();
    if (refusal === undefined) await run(node);
    else await assert.rejects(run(node), { code: 403, message: refusal });
  });
}

test("starting a cluster twice changes nothing the second time", async () => {
  const { client, store } = await testApi();
  await bootstrapCluster(client);
  const before = store.revision;
  await bootstrapCluster(client);
  assert.equal(store.revision, before);
  const names = (await client.list(NamespaceKind)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(names, systemNamespaces.toSorted());
  await client.create(NamespaceKind, namespace("mine"));
});
