import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, tokenApi } from "../../../test/api/api.ts";
import { pod } from "../../../test/api/objects.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { TokenRequestSpec } from "../../model/generated/authentication-v1.ts";
import { TokenReviewKind } from "../../model/kinds/reviews.ts";
import { defaultIssuer } from "./account-tokens.ts";
import { peekClaims } from "./signed-tokens.ts";
import { makeTokenKey, parseTokenKeys } from "./token-keys.ts";

const account = { namespace: "default", name: "bot" };

async function botApi() {
  const api = await tokenApi();
  await api.client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot", namespace: "default" } });
  const ask = (spec: TokenRequestSpec = {}) => api.client.requestToken(account, spec);
  const whose = async (token: string, audiences: readonly string[] = []) => api.owners.find(token, audiences);
  return { ...api, ask, whose };
}

test("a token says who its account is, and is good until it expires", async () => {
  const { ask, whose, world } = await botApi();
  const { token = "", expirationTimestamp = "" } = await ask({ expirationSeconds: 700 });
  assert.equal(Date.parse(expirationTimestamp), Math.floor(world.clock.nowMs() / 1000) * 1000 + 700_000);
  const claims = peekClaims(token);
  assert.deepEqual([claims?.["iss"], claims?.["sub"], claims?.["aud"]], [defaultIssuer, "system:serviceaccount:default:bot", [defaultIssuer]]);
  const owner = await whose(token);
  assert.ok(owner.kind === "known");
  assert.deepEqual([owner.user.name, owner.user.groups], ["system:serviceaccount:default:bot", ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]]);
  await world.clock.advance(701_000);
  assert.deepEqual(await whose(token), { kind: "unknown", reason: "service account token has expired" });
});

test("a token is for its audiences alone", async () => {
  const { ask, whose, client } = await botApi();
  const { token = "" } = await ask({ audiences: ["vault", "db"] });
  assert.equal((await whose(token)).kind, "unknown");
  const owner = await whose(token, ["vault", "other"]);
  assert.deepEqual(owner.kind === "known" ? owner.audiences : owner.reason, ["vault"]);
  const review = await client.create(TokenReviewKind, { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: { name: "" }, spec: { token, audiences: ["db"] }, status: {} });
  assert.deepEqual([review.status.authenticated, review.status.user?.username, review.status.audiences], [true, "system:serviceaccount:default:bot", ["db"]]);
});

test("a token dies with its account, also when another takes the name", async () => {
  const { ask, whose, client } = await botApi();
  const { token = "" } = await ask();
  await client.remove(ServiceAccountKind, account);
  assert.deepEqual(await whose(token), { kind: "unknown", reason: 'serviceaccount "bot" not found' });
  await client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  const again = await whose(token);
  assert.ok(again.kind === "unknown" && again.reason.startsWith("serviceaccount UID"));
});

test("a bound token dies with its pod, and says which it is", async () => {
  const { ask, whose, client } = await botApi();
  const made = await client.create(PodKind, pod("p", { serviceAccountName: "bot" }));
  const { token = "" } = await ask({ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", uid: made.metadata.uid ?? "" } });
  const owner = await whose(token);
  assert.deepEqual(owner.kind === "known" ? owner.user.extra?.["authentication.kubernetes.io/pod-name"] : owner.reason, ["p"]);
  await client.remove(PodKind, { namespace: "default", name: "p" }, { gracePeriodSeconds: 0 });
  assert.deepEqual(await whose(token), { kind: "unknown", reason: 'pod "p" not found' });
});

const refusals: readonly { readonly spec: TokenRequestSpec; readonly code: number; readonly message: string | RegExp }[] = [
  { spec: { expirationSeconds: 599 }, code: 422, message: /spec\.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes$/ },
  { spec: { expirationSeconds: 2 ** 32 + 1 }, code: 422, message: /may not specify a duration larger than 2\^32 seconds$/ },
  { spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "none" } }, code: 404, message: 'pods "none" not found' },
  { spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "of-another" } }, code: 400, message: 'cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.' },
  { spec: { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "c" } }, code: 400, message: "cannot bind token for object of type v1, Kind=ConfigMap" },
  { spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "of-another", uid: "x" } }, code: 409, message: /the UID in the bound object reference \(x\) does not match/ },
];

for (const { spec, code, message } of refusals) {
  test(`no token for ${JSON.stringify(spec)}`, async () => {
    const { ask, client } = await botApi();
    await client.create(PodKind, pod("of-another"));
    await assert.rejects(ask(spec), { code, message });
  });
}

test("a token of another key, or one that was changed, is nobody's", async () => {
  const { ask, whose } = await botApi();
  const { token = "" } = await ask();
  const forged = await (await parseTokenKeys(makeTokenKey())).sign(peekClaims(token) ?? {});
  assert.deepEqual(await whose(forged), { kind: "unknown", reason: "invalid bearer token" });
  const [header = "", , signature = ""] = token.split(".");
  const claims = Buffer.from(JSON.stringify({ ...peekClaims(token), sub: "system:serviceaccount:kube-system:admin" })).toString("base64url");
  assert.equal((await whose(`${header}.${claims}.${signature}`)).kind, "unknown");
  const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  assert.equal((await whose(`${none}.${token.split(".")[1] ?? ""}.`)).kind, "unknown");
});

test("a new key in front signs, and the old one behind still checks", async () => {
  const old = makeTokenKey();
  const token = await (await parseTokenKeys(old)).sign({ iss: "x" });
  const keys = await parseTokenKeys(makeTokenKey() + old);
  assert.deepEqual(await keys.read(token), { iss: "x" });
  assert.equal(keys.publicKeys.keys.length, 2);
  assert.equal(JSON.stringify(keys.publicKeys).includes('"d"'), false);
});

test("the token of a Secret lives as long as the Secret holds it", async () => {
  const { client, whose, tokens } = await botApi();
  const secret = await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token", metadata: { name: "s", namespace: "default", annotations: { "kubernetes.io/service-account.name": "bot" } } });
  const bot = await client.get(ServiceAccountKind, account);
  assert.ok(bot !== undefined);
  const token = await tokens.issueLegacy(bot, secret);
  assert.equal((await whose(token)).kind, "unknown");
  await client.update(SecretKind, { ...secret, data: { token: Buffer.from(token).toString("base64") } });
  assert.equal((await whose(token)).kind, "known");
  await client.remove(SecretKind, { namespace: "default", name: "s" });
  assert.deepEqual(await whose(token), { kind: "unknown", reason: "token has been invalidated" });
});

test("a pod gets the token of its account, unless either says no, and none without its account", async () => {
  const { client } = await botApi();
  const mounted = await client.create(PodKind, pod("p", { serviceAccountName: "bot" }));
  const volume = mounted.spec.volumes?.at(-1);
  assert.match(volume?.name ?? "", /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volume?.projected?.sources?.[0], { serviceAccountToken: { path: "token", expirationSeconds: 3607 } });
  assert.deepEqual(mounted.spec.containers[0]?.volumeMounts?.at(-1), { name: volume?.name, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true });
  const plain = await client.create(PodKind, pod("q", { serviceAccountName: "bot", automountServiceAccountToken: false }));
  assert.equal(plain.spec.volumes, undefined);
  await assert.rejects(client.create(PodKind, pod("r", { serviceAccountName: "none" })), { code: 403, message: 'pods "r" is forbidden: error looking up service account default/none: serviceaccount "none" not found' });
});

test("asking for a token takes the right to it", async () => {
  const { verbs } = await botApi();
  await assert.rejects(verbs.client({ name: "eve", groups: [] }).requestToken(account, {}), { code: 403, message: 'serviceaccounts "bot" is forbidden: User "eve" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"' });
});

test("a request for a token that names another account than its path is refused", async () => {
  const { verbs } = await botApi();
  for (const metadata of [{ name: "other" }, { namespace: "kube-system" }]) {
    await assert.rejects(verbs.act({ user: admin }, ServiceAccountKind, account, { name: "token", body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata, spec: {} } }), { code: "name" in metadata ? 422 : 400 });
  }
});
