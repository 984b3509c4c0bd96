import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../../test/api/api.ts";
import { ComponentStatusKind } from "../../model/kinds/component-status.ts";
import { BindingKind } from "../../model/kinds/binding.ts";
import { kinds } from "../../model/kinds.ts";
import { ClusterRoleBindingKind } from "../../model/kinds/rbac.ts";
import { LocalSubjectAccessReviewKind, SelfSubjectAccessReviewKind, SelfSubjectReviewKind, SelfSubjectRulesReviewKind, SubjectAccessReviewKind, TokenReviewKind } from "../../model/kinds/reviews.ts";
import { bootstrapCluster } from "../bootstrap.ts";
import type { UserInfo } from "../client.ts";
import { reviews } from "../reviews.ts";

const ann: UserInfo = { name: "ann", groups: ["system:authenticated"], uid: "7", extra: { scopes: ["a", "b"] } };
const status = { allowed: false };

async function apiOfAnn(roleName: string) {
  const api = await testApi();
  await bootstrapCluster(api.client);
  const apiGroup = "rbac.authorization.k8s.io";
  await api.client.create(ClusterRoleBindingKind, {
    apiVersion: `${apiGroup}/v1`, kind: "ClusterRoleBinding", metadata: { name: "ann" }, roleRef: { apiGroup, kind: "ClusterRole", name: roleName }, subjects: [{ kind: "User", apiGroup, name: "ann" }],
  });
  return { ...api, ann: api.verbs.client(ann) };
}

test("every kind that is not stored has an answer, but for the one that is done", () => {
  assert.deepEqual(kinds.filter((kind) => kind.isStored === false && kind !== BindingKind && kind !== ComponentStatusKind).map(({ kind }) => kind).toSorted(), reviews.map(({ kind }) => kind.kind).toSorted());
});

test("anybody known may ask what they may, and is told by which rule", async () => {
  const { ann: client, store } = await apiOfAnn("system:aggregate-to-view");
  const before = store.revision;
  const ask = async (resourceAttributes: object) => (await client.create(SelfSubjectAccessReviewKind, {
    apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: { name: "" }, spec: { resourceAttributes }, status,
  })).status;
  assert.deepEqual(await ask({ verb: "list", resource: "pods", namespace: "x" }), { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "ann" of ClusterRole "system:aggregate-to-view" to User "ann"' });
  assert.deepEqual(await ask({ verb: "get", resource: "pods", subresource: "log", namespace: "x" }), { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "ann" of ClusterRole "system:aggregate-to-view" to User "ann"' });
  assert.deepEqual(await ask({ verb: "delete", resource: "pods", namespace: "x" }), { allowed: false });
  assert.equal(store.revision, before);
});

test("asking for others takes a right of its own", async () => {
  const spec = { user: "bob", groups: ["system:masters"], resourceAttributes: { verb: "get", resource: "nodes" } };
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: { name: "" }, spec, status };
  const { ann: client, client: adminClient } = await apiOfAnn("view");
  await assert.rejects(client.create(SubjectAccessReviewKind, review), { code: 403, message: 'subjectaccessreviews.authorization.k8s.io is forbidden: User "ann" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope' });
  assert.deepEqual((await adminClient.create(SubjectAccessReviewKind, review)).status, { allowed: true });
  const path = { ...review, spec: { user: "bob", groups: ["system:authenticated"], nonResourceAttributes: { verb: "get", path: "/healthz" } } };
  assert.equal((await adminClient.create(SubjectAccessReviewKind, path)).status.allowed, true);
  const local = { ...review, kind: "LocalSubjectAccessReview", metadata: { name: "", namespace: "default" }, spec: { ...spec, groups: [], resourceAttributes: { verb: "get", resource: "pods", namespace: "default" } } };
  assert.deepEqual((await adminClient.create(LocalSubjectAccessReviewKind, local)).status, { allowed: false });
});

test("the rules of a namespace are those everywhere and those there", async () => {
  const { ann: client } = await apiOfAnn("system:aggregate-to-view");
  const { status: rules } = await client.create(SelfSubjectRulesReviewKind, {
    apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", metadata: { name: "" }, spec: { namespace: "default" }, status: { resourceRules: [], nonResourceRules: [], incomplete: false },
  });
  assert.ok(rules.resourceRules.some(({ resources }) => resources?.includes("pods") === true));
  assert.ok(rules.nonResourceRules.some(({ nonResourceURLs }) => nonResourceURLs?.includes("/healthz") === true));
});

test("who asks is told who they are", async () => {
  const { ann: client } = await apiOfAnn("view");
  const { status: answer } = await client.create(SelfSubjectReviewKind, { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: { name: "" }, status: {} });
  assert.deepEqual(answer, { userInfo: { username: "ann", uid: "7", groups: ["system:authenticated"], extra: { scopes: ["a", "b"] } } });
});

test("a token nobody knows is nobody's, and the answer does not repeat it", async () => {
  const { client } = await apiOfAnn("view");
  const answer = await client.create(TokenReviewKind, { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: { name: "" }, spec: { token: "secret-token" }, status: {} });
  assert.equal(answer.status.authenticated, false);
  assert.equal(JSON.stringify(answer).includes("secret-token"), false);
  await assert.rejects(client.create(TokenReviewKind, { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: { name: "" }, spec: { token: "" }, status: {} }), { code: 400, message: "token is required for TokenReview in authentication" });
});
