import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../../test/api/api.ts";
import { ClusterRoleBindingKind, ClusterRoleKind } from "../../model/kinds/rbac.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { bootstrapCluster } from "../bootstrap.ts";
import { createToken } from "../http/tokens.ts";

const apiGroup = "rbac.authorization.k8s.io";

/** Ann writes Secrets everywhere, and may impersonate bob of the team. */
async function apiOfAnn() {
  const api = await testApi();
  await bootstrapCluster(api.client);
  await api.client.create(ClusterRoleKind, { apiVersion: `${apiGroup}/v1`, kind: "ClusterRole", metadata: { name: "ann" }, rules: [
    { apiGroups: [""], resources: ["secrets"], verbs: ["*"] },
    { apiGroups: [""], resources: ["users"], resourceNames: ["bob"], verbs: ["impersonate"] }, { apiGroups: [""], resources: ["groups"], resourceNames: ["team"], verbs: ["impersonate"] },
  ] });
  await api.client.create(ClusterRoleBindingKind, { apiVersion: `${apiGroup}/v1`, kind: "ClusterRoleBinding", metadata: { name: "ann" }, roleRef: { apiGroup, kind: "ClusterRole", name: "ann" }, subjects: [{ kind: "User", apiGroup, name: "ann" }] });
  return { ...api, ann: api.verbs.client({ name: "ann", groups: ["system:authenticated"] }) };
}

const refusal = (access: string) => ({ code: 403, message: new RegExp(`a token makes its user of whoever has it: ${access} is forbidden: User "ann" cannot impersonate`) });

test("who writes a token's Secret may impersonate its user and groups", async () => {
  const { ann, world } = await apiOfAnn();
  await createToken(ann, world, { user: "bob", groups: ["team"] });
  await assert.rejects(createToken(ann, world, { user: "bob", groups: ["team", "system:masters"] }), refusal('groups "system:masters"'));
  await assert.rejects(createToken(ann, world, { user: "eve", groups: [] }), refusal('users "eve"'));
});

test("a token that is there gets no other user, and keeps its labels to whoever writes Secrets", async () => {
  const { ann, client, world } = await apiOfAnn();
  const { secretName: name } = await createToken(client, world, { user: "eve", groups: ["system:masters"] });
  const ref = { namespace: "kube-system", name };
  await ann.patch(SecretKind, ref, { type: "merge", body: { metadata: { labels: { a: "b" } } } });
  await assert.rejects(ann.patch(SecretKind, ref, { type: "merge", body: { stringData: { hash: "00".repeat(32) } } }), refusal('users "eve"'));
});

test("a Secret elsewhere, or of another type, is no token", async () => {
  const { ann } = await apiOfAnn();
  await ann.create(SecretKind, { apiVersion: "v1", kind: "Secret", type: "capstan.dev/token", metadata: { name: "a", namespace: "default" }, stringData: { user: "eve" } });
  await ann.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "kube-system" }, stringData: { user: "eve" } });
});
