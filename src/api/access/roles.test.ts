import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../../test/api/api.ts";
import type { TestApi } from "../../../test/api/api.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "../../model/generated/rbac-v1.ts";
import { ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind } from "../../model/kinds/rbac.ts";
import { bootstrapCluster } from "../bootstrap.ts";
import type { UserInfo } from "../client.ts";
import { CompiledRole, roleKeyOf } from "./rules.ts";

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;
const readPods: readonly PolicyRule[] = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
const ann: UserInfo = { name: "ann", groups: ["team", "system:authenticated"] };
const annSubject: Subject = { kind: "User", apiGroup, name: "ann" };
const getPod = { verb: "get", group: "", resource: "pods", namespace: "default", name: "p" };

function clusterRole(name: string, rules: readonly PolicyRule[], more: Partial<ClusterRole> = {}): ClusterRole {
  return { apiVersion, kind: "ClusterRole", metadata: { name }, rules, ...more };
}

function role(name: string, rules: readonly PolicyRule[]): Role {
  return { apiVersion, kind: "Role", metadata: { name, namespace: "default" }, rules };
}

function clusterRoleBinding(name: string, roleName: string, subjects: readonly Subject[]): ClusterRoleBinding {
  return { apiVersion, kind: "ClusterRoleBinding", metadata: { name }, roleRef: { apiGroup, kind: "ClusterRole", name: roleName }, subjects };
}

function roleBinding(name: string, roleRef: { readonly kind: string; readonly name: string }, subjects: readonly Subject[]): RoleBinding {
  return { apiVersion, kind: "RoleBinding", metadata: { name, namespace: "default" }, roleRef: { apiGroup, ...roleRef }, subjects };
}

const subjects: readonly { readonly title: string; readonly subject: Subject; readonly user: UserInfo }[] = [
  { title: "a user", subject: annSubject, user: ann },
  { title: "a group", subject: { kind: "Group", apiGroup, name: "team" }, user: ann },
  { title: "a service account", subject: { kind: "ServiceAccount", namespace: "default", name: "bot" }, user: { name: "system:serviceaccount:default:bot", groups: [] } },
];

for (const { title, subject, user } of subjects) {
  test(`a binding gives ${title} the rules of its role from the next request on, and takes them away with it`, async () => {
    const { client, authorizer } = await testApi();
    assert.equal(authorizer.isAllowed(user, getPod), false);
    await client.create(ClusterRoleBindingKind, clusterRoleBinding("b", "reader", [subject]));
    assert.equal(authorizer.isAllowed(user, getPod), false);
    const made = await client.create(ClusterRoleKind, clusterRole("reader", readPods));
    assert.equal(authorizer.isAllowed(user, getPod), true);
    await client.update(ClusterRoleKind, { ...made, rules: [] });
    assert.equal(authorizer.isAllowed(user, getPod), false);
    await client.update(ClusterRoleKind, clusterRole("reader", readPods));
    await client.remove(ClusterRoleBindingKind, { namespace: "", name: "b" });
    assert.equal(authorizer.isAllowed(user, getPod), false);
  });
}

test("a RoleBinding holds in its namespace alone, of a Role there or of a ClusterRole", async () => {
  const { client, authorizer } = await testApi();
  await client.create(RoleKind, role("reader", readPods));
  await client.create(RoleBindingKind, roleBinding("b", { kind: "Role", name: "reader" }, [annSubject]));
  await client.create(ClusterRoleKind, clusterRole("logs", [{ apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }]));
  await client.create(RoleBindingKind, roleBinding("logs", { kind: "ClusterRole", name: "logs" }, [annSubject]));
  const ask = (more: object) => authorizer.isAllowed(ann, { ...getPod, ...more });
  assert.deepEqual([ask({}), ask({ namespace: "other" }), ask({ namespace: "" }), ask({ subresource: "log" }), ask({ subresource: "log", namespace: "other" })], [true, false, false, true, false]);
  assert.equal(authorizer.explain(ann, getPod), 'RBAC: allowed by RoleBinding "b/default" of Role "reader" to User "ann"');
});

test("what others commit to the store is known when its keys are told", async () => {
  const first = await testApi();
  const { createAuthorizer } = await import("../authorizer.ts");
  const late = createAuthorizer({ rules: [], store: first.store });
  await first.client.create(ClusterRoleKind, clusterRole("reader", readPods));
  await first.client.create(ClusterRoleBindingKind, clusterRoleBinding("b", "reader", [annSubject]));
  assert.equal(late.isAllowed(ann, getPod), false);
  late.take(first.store.list("/registry/").entries.map(({ key }) => key));
  assert.equal(late.isAllowed(ann, getPod), true);
  assert.equal(createAuthorizer({ rules: [], store: first.store }).isAllowed(ann, getPod), true);
});

/** A cluster in which ann may write everything of RBAC and read pods, and no more. */
async function delegatedApi(more: readonly PolicyRule[] = []): Promise<TestApi> {
  const api = await testApi();
  await bootstrapCluster(api.client);
  const write: PolicyRule = { apiGroups: [apiGroup], resources: ["*"], verbs: ["create", "update", "delete", "get"] };
  await api.client.create(ClusterRoleKind, clusterRole("delegate", [write, ...readPods, ...more]));
  await api.client.create(ClusterRoleBindingKind, clusterRoleBinding("delegate", "delegate", [annSubject]));
  return api;
}

const deleteNodes: readonly PolicyRule[] = [{ apiGroups: [""], resources: ["nodes"], verbs: ["delete", "get"] }];
const refusal = 'user "ann" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["delete" "get"]}';

test("who writes a role has every right in it", async () => {
  const { verbs } = await delegatedApi();
  const client = verbs.client(ann);
  await client.create(ClusterRoleKind, clusterRole("mine", readPods));
  await assert.rejects(client.create(ClusterRoleKind, clusterRole("x", deleteNodes)), { code: 403, message: `clusterroles.rbac.authorization.k8s.io "x" is forbidden: ${refusal}` });
  await assert.rejects(client.update(ClusterRoleKind, clusterRole("mine", deleteNodes)), { code: 403, message: `clusterroles.rbac.authorization.k8s.io "mine" is forbidden: ${refusal}` });
  await assert.rejects(client.create(RoleKind, role("x", deleteNodes)), { code: 403, message: `roles.rbac.authorization.k8s.io "x" is forbidden: ${refusal}` });
  await assert.rejects(client.create(ClusterRoleKind, clusterRole("x", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } })), {
    code: 403, message: 'clusterroles.rbac.authorization.k8s.io "x" is forbidden: must have cluster-admin privileges to use an aggregationRule',
  });
});

test("who may escalate writes any role", async () => {
  const { verbs } = await delegatedApi([{ apiGroups: [apiGroup], resources: ["clusterroles"], resourceNames: ["x"], verbs: ["escalate"] }]);
  await verbs.client(ann).create(ClusterRoleKind, clusterRole("x", deleteNodes));
  await assert.rejects(verbs.client(ann).create(ClusterRoleKind, clusterRole("y", deleteNodes)), { code: 403 });
});

test("who writes a binding has every right of its role, or may bind it", async () => {
  const { verbs } = await delegatedApi([{ apiGroups: [apiGroup], resources: ["clusterroles"], resourceNames: ["view"], verbs: ["bind"] }]);
  const client = verbs.client(ann);
  const bob: readonly Subject[] = [{ kind: "User", apiGroup, name: "bob" }];
  await client.create(ClusterRoleKind, clusterRole("mine", readPods));
  await client.create(ClusterRoleBindingKind, clusterRoleBinding("mine", "mine", bob));
  await client.create(ClusterRoleBindingKind, clusterRoleBinding("view", "view", bob));
  await assert.rejects(client.create(ClusterRoleBindingKind, clusterRoleBinding("all", "cluster-admin", bob)), { code: 403, message: /^clusterrolebindings\.rbac\.authorization\.k8s\.io "all" is forbidden: user "ann" .*\n\{APIGroups:\["\*"\], Resources:\["\*"\], Verbs:\["\*"\]\}\n\{NonResourceURLs:\["\*"\], Verbs:\["\*"\]\}$/ });
  await assert.rejects(client.create(RoleBindingKind, roleBinding("none", { kind: "ClusterRole", name: "none" }, bob)), { code: 404, message: 'clusterroles.rbac.authorization.k8s.io "none" not found' });
});

test("a role and its binding may come in one transaction", async () => {
  const { verbs, authorizer } = await delegatedApi();
  await verbs.client(ann).transact({ writes: [
    { verb: "create", object: clusterRole("mine", readPods) },
    { verb: "create", object: clusterRoleBinding("mine", "mine", [{ kind: "User", apiGroup, name: "bob" }]) },
  ] });
  assert.equal(authorizer.isAllowed({ name: "bob", groups: [] }, getPod), true);
});

test("a start adds what bootstrap roles lack, keeps what is more, and leaves alone what says so", async () => {
  const { client } = await testApi();
  await bootstrapCluster(client);
  const update = async (name: string, change: (role: ClusterRole) => ClusterRole) => {
    const found = await client.get(ClusterRoleKind, { namespace: "", name });
    assert.ok(found !== undefined);
    await client.update(ClusterRoleKind, change(found));
  };
  await update("system:basic-user", (found) => ({ ...found, rules: readPods }));
  await update("system:discovery", (found) => ({ ...found, rules: [], metadata: { ...found.metadata, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } } }));
  await client.remove(ClusterRoleBindingKind, { namespace: "", name: "cluster-admin" });
  await bootstrapCluster(client);
  const basic = await client.get(ClusterRoleKind, { namespace: "", name: "system:basic-user" });
  assert.deepEqual(basic?.rules, [
    ...readPods, { apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews"], verbs: ["create"] },
    { apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectrulesreviews"], verbs: ["create"] }, { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
  ]);
  assert.deepEqual((await client.get(ClusterRoleKind, { namespace: "", name: "system:discovery" }))?.rules ?? [], []);
  assert.ok(await client.get(ClusterRoleBindingKind, { namespace: "", name: "cluster-admin" }) !== undefined);
});

test("a role of a million pairs of group and resource is asked like any other, and costs nothing", () => {
  const names = (letter: string) => Array.from({ length: 2_000 }, (_, index) => `${letter}${index}`);
  const started = process.memoryUsage().heapUsed;
  const compiled = new CompiledRole([{ apiGroups: names("g"), resources: names("r"), verbs: ["get"] }]);
  assert.ok(process.memoryUsage().heapUsed - started < 20 * 1024 * 1024);
  const attributes = { verb: "get", group: "g1999", resource: "r1999" };
  assert.equal(compiled.allows(attributes, roleKeyOf(attributes)), true);
  assert.equal(compiled.allows({ ...attributes, verb: "list" }, roleKeyOf(attributes)), false);
});
