import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../../test/api/api.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import type { IncomingHttpHeaders } from "node:http";
import { createAuthenticator, parseBearer, parseSocketBearer } from "./authentication.ts";
import { Inflight } from "./limits.ts";
import { createToken, TokenIndex, tokenNamespace } from "./tokens.ts";

async function tokens() {
  const { client, world } = await testApi();
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: tokenNamespace }, spec: {}, status: {} });
  return { client, world, index: new TokenIndex(client, world) };
}

test("a token names its user at once, a changed one nobody", async () => {
  const { client, world, index } = await tokens();
  const { token, secretName } = await createToken(client, world, { user: "jane", groups: ["dev"] });
  assert.deepEqual(await index.userOf(token), { name: "jane", groups: ["dev"] });
  for (const wrong of [`${token}x`, token.slice(0, -1), token.replace("capstan_", "other_"), "", "capstan__", token.replace(/_[^_]+_/, "_bcdfghjklm_")]) {
    assert.equal(await index.userOf(wrong), undefined, wrong);
  }
  const secret = await client.get(SecretKind, { namespace: tokenNamespace, name: secretName });
  assert.ok(!JSON.stringify(secret).includes(Buffer.from(token.split("_")[2] ?? "").toString("base64")), "the plain token is stored nowhere");
});

test("a token ends with its time and with its Secret", async () => {
  const { client, world, index } = await tokens();
  const short = await createToken(client, world, { user: "jane", groups: [], lifetimeSeconds: 60 });
  const long = await createToken(client, world, { user: "john", groups: [] });
  assert.equal((await index.userOf(short.token))?.name, "jane");
  await world.clock.advance(61_000);
  assert.equal(await index.userOf(short.token), undefined);
  await client.remove(SecretKind, { namespace: tokenNamespace, name: long.secretName });
  assert.equal(await index.userOf(long.token), undefined);
});

test("a certificate's name and organisations are the user and its groups", async () => {
  const authenticator = createAuthenticator(async (token) => (token === "good" ? { name: "robot", groups: [] } : undefined));
  assert.deepEqual(await authenticator.authenticate({ certificate: { commonName: "jane", organizations: ["dev"] } }), { name: "jane", groups: ["dev", "system:authenticated"] });
  assert.deepEqual(await authenticator.authenticate({ bearerToken: "good" }), { name: "robot", groups: ["system:authenticated"] });
  for (const credentials of [{}, { bearerToken: "bad" }, { certificate: { commonName: "", organizations: ["system:masters"] } }]) {
    assert.equal(await authenticator.authenticate(credentials), undefined);
  }
});

test("only bearer tokens of a sensible length are looked at", () => {
  assert.equal(parseBearer("Bearer abc"), "abc");
  assert.equal(parseBearer("bearer  abc "), "abc");
  for (const header of [undefined, "", "Basic abc", "Bearer", "Bearer a b", `Bearer ${"x".repeat(16_385)}`]) assert.equal(parseBearer(header), undefined);
});

test("places are counted for all and per user, and given back once", () => {
  const inflight = new Inflight(3, 2);
  const leave = inflight.enter("a");
  assert.ok(inflight.enter("a") !== undefined);
  assert.equal(inflight.enter("a"), undefined);
  assert.ok(inflight.enter("b") !== undefined);
  assert.equal(inflight.enter("c"), undefined);
  leave?.();
  leave?.();
  assert.equal(inflight.total, 2);
  assert.ok(inflight.enter("a") !== undefined);
});

const socketToken = `base64url.bearer.authorization.k8s.io.${Buffer.from("good").toString("base64url")}`;
const offers: readonly { readonly title: string; readonly headers: IncomingHttpHeaders; readonly token: string | undefined }[] = [
  { title: "beside another protocol", headers: { upgrade: "websocket", "sec-websocket-protocol": `${socketToken}, v5.channel.k8s.io` }, token: "good" },
  { title: "alone", headers: { upgrade: "websocket", "sec-websocket-protocol": socketToken }, token: undefined },
  { title: "twice", headers: { upgrade: "websocket", "sec-websocket-protocol": `${socketToken},${socketToken},a` }, token: undefined },
  { title: "without an upgrade", headers: { "sec-websocket-protocol": `${socketToken}, a` }, token: undefined },
];
for (const { title, headers, token } of offers) test(`a token among the protocols of a WebSocket ${title} is ${token === undefined ? "none" : "read"}`, () => { assert.equal(parseSocketBearer(headers), token); });
