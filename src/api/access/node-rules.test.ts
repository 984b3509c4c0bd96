import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi, tokenApi } from "../../../test/api/api.ts";
import { pod } from "../../../test/api/objects.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { PodSpec } from "../../model/generated/core-v1.ts";
import { SubjectAccessReviewKind } from "../../model/kinds/reviews.ts";
import { CSINodeKind } from "../../model/kinds/storage.ts";
import type { JsonObject } from "../../value/json.ts";
import type { UserInfo } from "../client.ts";

const agent: UserInfo = { name: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
const container = { name: "c", image: "i", env: [{ name: "A", valueFrom: { secretKeyRef: { name: "of-env", key: "k" } } }], envFrom: [{ configMapRef: { name: "of-env-from" } }] };
const spec: Partial<PodSpec> = {
  containers: [container], imagePullSecrets: [{ name: "of-pull" }], serviceAccountName: "bot",
  volumes: [{ name: "a", secret: { secretName: "of-volume" } }, { name: "b", projected: { sources: [{ configMap: { name: "of-projected" } }] } }, { name: "c", persistentVolumeClaim: { claimName: "of-claim" } }],
};

const rights: readonly { readonly verb: string; readonly resource: string; readonly name: string; readonly subresource?: string }[] = [
  { verb: "get", resource: "secrets", name: "of-env" }, { verb: "watch", resource: "secrets", name: "of-volume" }, { verb: "list", resource: "secrets", name: "of-pull" },
  { verb: "get", resource: "configmaps", name: "of-env-from" }, { verb: "get", resource: "configmaps", name: "of-projected" },
  { verb: "get", resource: "persistentvolumeclaims", name: "of-claim" }, { verb: "create", resource: "serviceaccounts", subresource: "token", name: "bot" },
];

test("a node has to do with what the pods bound to it use, while they are there", async () => {
  const { client, authorizer } = await testApi();
  const ask = (right: typeof rights[number], more: object = {}) => authorizer.isAllowed(agent, { group: "", namespace: "default", ...right, ...more });
  const all = () => rights.map((right) => ask(right));
  assert.deepEqual(all(), rights.map(() => false));
  await client.create(PodKind, pod("elsewhere", { ...spec, nodeName: "n2" }));
  await client.create(PodKind, pod("waiting", spec));
  assert.deepEqual(all(), rights.map(() => false), "pods elsewhere and unbound ones give nothing");
  await client.patch(PodKind, { namespace: "default", name: "waiting" }, { type: "merge", body: { spec: { nodeName: "n1" } } });
  assert.deepEqual(all(), rights.map(() => true));
  assert.deepEqual(rights.map((right) => ask(right, { namespace: "other" })), rights.map(() => false));
  assert.deepEqual(rights.map((right) => ask(right, { verb: "update" })), rights.map(() => false));
  assert.equal(ask({ verb: "list", resource: "secrets", name: "" }), false, "nobody lists them all");
  await client.remove(PodKind, { namespace: "default", name: "waiting" }, { gracePeriodSeconds: 0 });
  assert.deepEqual(all(), rights.map(() => false));
});

test("a node in the group alone, or by name alone, is none", async () => {
  const { client, authorizer } = await testApi();
  await client.create(PodKind, pod("p", { ...spec, nodeName: "n1" }));
  const attributes = { verb: "get", group: "", resource: "secrets", namespace: "default", name: "of-env" };
  assert.equal(authorizer.isAllowed({ name: "system:node:n1", groups: [] }, attributes), false);
  assert.equal(authorizer.isAllowed({ name: "ann", groups: ["system:nodes"] }, attributes), false);
  assert.equal(authorizer.isAllowed(agent, attributes), true);
});

test("a node reads its own lease and no other", async () => {
  const { authorizer } = await testApi();
  const ask = (namespace: string, name: string) => authorizer.isAllowed(agent, { verb: "get", group: "coordination.k8s.io", resource: "leases", namespace, name });
  assert.deepEqual([ask("kube-node-lease", "n1"), ask("kube-node-lease", "n2"), ask("default", "n1")], [true, false, false]);
});

test("an agent reads a secret of its pod through the API, and is refused every other", async () => {
  const { client, verbs } = await testApi();
  for (const name of ["of-env", "other"]) await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "default" } });
  await client.create(PodKind, pod("p", { ...spec, nodeName: "n1" }));
  const node = verbs.client(agent);
  assert.equal((await node.list(SecretKind, { namespace: "default", fieldSelector: "metadata.name=of-env" })).items.length, 1);
  await assert.rejects(node.get(SecretKind, { namespace: "default", name: "other" }), { code: 403 });
  await assert.rejects(node.list(SecretKind), { code: 403 });
});

test("a node gets tokens of its own pods alone, each bound to its pod", async () => {
  const { client, verbs } = await tokenApi();
  await client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot", namespace: "default" }, automountServiceAccountToken: false });
  const own = await client.create(PodKind, pod("own", { serviceAccountName: "bot", nodeName: "n1" }));
  const other = await client.create(PodKind, pod("other", { serviceAccountName: "bot", nodeName: "n2" }));
  const ask = (boundObjectRef?: object) => verbs.client(agent).requestToken({ namespace: "default", name: "bot" }, boundObjectRef === undefined ? {} : { boundObjectRef });
  assert.ok(((await ask({ kind: "Pod", apiVersion: "v1", name: "own", uid: own.metadata.uid })).token ?? "") !== "");
  const refusal = (why: string) => ({ code: 403, message: `serviceaccounts "bot" is forbidden: ${why}` });
  await assert.rejects(ask(), refusal("node requested token not bound to a pod"));
  await assert.rejects(ask({ kind: "Pod", apiVersion: "v1", name: "own" }), refusal("node requested token with a pod binding without a uid"));
  await assert.rejects(ask({ kind: "Pod", apiVersion: "v1", name: "other", uid: other.metadata.uid }), refusal("node requested token bound to a pod scheduled on a different node"));
});

test("a node does not say how far it is trusted", async () => {
  const { client, verbs } = await testApi();
  await client.create(NodeKind, { apiVersion: "v1", kind: "Node", metadata: { name: "n1" }, spec: {}, status: {} });
  const label = (key: string) => verbs.client(agent).patch(NodeKind, { namespace: "", name: "n1" }, { type: "merge", body: { metadata: { labels: { [key]: "x" } } } });
  await label("zone");
  await assert.rejects(label("node-restriction.kubernetes.io/level"), { code: 403, message: 'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/level' });
});

test("a node says what machine it is, not what it is for, and is owned by nobody", async () => {
  const { client, verbs } = await testApi();
  const node = (name: string, labels: Readonly<Record<string, string>>) => ({ apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: {}, status: {} });
  const own = { "kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "a", "x.node.kubernetes.io/y": "z", "beta.kubernetes.io/os": "linux", pool: "a" };
  await assert.rejects(verbs.client(agent).create(NodeKind, node("n1", { ...own, "node-role.kubernetes.io/control-plane": "" })), {
    code: 403, message: 'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: node-role.kubernetes.io/control-plane',
  });
  await verbs.client(agent).create(NodeKind, node("n1", own));
  const patch = (metadata: JsonObject) => verbs.client(agent).patch(NodeKind, { namespace: "", name: "n1" }, { type: "merge", body: { metadata } });
  await assert.rejects(patch({ labels: { "a.k8s.io/b": "c" } }), { code: 403, message: 'nodes "n1" is forbidden: is not allowed to modify labels: a.k8s.io/b' });
  await assert.rejects(patch({ ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }] }), { code: 403, message: 'nodes "n1" is forbidden: node "n1" is not allowed to modify ownerReferences' });
  await client.patch(NodeKind, { namespace: "", name: "n1" }, { type: "merge", body: { metadata: { labels: { "a.k8s.io/b": "c" } } } });
  await patch({ labels: { pool: "b" } });
});

test("a node writes the CSINode of its own name alone", async () => {
  const { verbs } = await testApi();
  const csiNode = (name: string) => verbs.client(agent).create(CSINodeKind, { apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name }, spec: { drivers: [] }, status: {} });
  await assert.rejects(csiNode("n2"), { code: 403, message: 'csinodes.storage.k8s.io "n2" is forbidden: can only access CSINode with the same name as the requesting node' });
  await csiNode("n1");
});

test("a node sees itself and its own pods, and no others", async () => {
  const { client, verbs, authorizer } = await testApi();
  for (const name of ["n1", "n2"]) {
    await client.create(NodeKind, { apiVersion: "v1", kind: "Node", metadata: { name }, spec: {}, status: {} });
    await client.create(PodKind, pod(`on-${name}`, { nodeName: name }));
  }
  const node = verbs.client(agent);
  const refused = { code: 403 };
  assert.equal((await node.get(PodKind, { namespace: "default", name: "on-n1" }))?.metadata.name, "on-n1");
  assert.equal(await node.get(PodKind, { namespace: "default", name: "gone" }), undefined);
  await assert.rejects(node.get(PodKind, { namespace: "default", name: "on-n2" }), refused);
  assert.deepEqual((await node.list(PodKind, { fieldSelector: "spec.nodeName=n1" })).items.map(({ metadata }) => metadata.name), ["on-n1"]);
  for (const fieldSelector of ["", "spec.nodeName=n2", "spec.nodeName!=n2", "status.phase=Pending"]) await assert.rejects(node.list(PodKind, { fieldSelector }), refused, fieldSelector);
  assert.equal((await node.get(NodeKind, { namespace: "", name: "n1" }))?.metadata.name, "n1");
  await assert.rejects(node.get(NodeKind, { namespace: "", name: "n2" }), refused);
  await assert.rejects(node.list(NodeKind), refused);
  assert.equal((await node.list(NodeKind, { fieldSelector: "metadata.name=n1" })).items.length, 1);
  const review = (fieldSelector: object) => authorizer.isAllowed(admin, { verb: "create", group: "authorization.k8s.io", resource: "subjectaccessreviews" }) ? client.create(SubjectAccessReviewKind, {
    apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: { name: "" }, spec: { user: agent.name, groups: agent.groups, resourceAttributes: { verb: "list", resource: "pods", fieldSelector } }, status: { allowed: false },
  }) : assert.fail();
  assert.equal((await review({ rawSelector: "spec.nodeName=n1" })).status.allowed, true);
  assert.equal((await review({ requirements: [{ key: "spec.nodeName", operator: "In", values: ["n1"] }] })).status.allowed, true);
  assert.equal((await review({ requirements: [{ key: "spec.nodeName", operator: "In", values: ["n1", "n2"] }] })).status.allowed, false);
});
