import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenApi } from "../../../test/api/api.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { readStored } from "../encode.ts";
import { bootstrapTokens } from "./bootstrap-tokens.ts";
import { TokenOwners } from "./token-owners.ts";
import { parseTokenFile, staticTokens } from "./static-tokens.ts";

const good = { "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true", "auth-extra-groups": "system:bootstrappers:workers" };

const cases: readonly { readonly title: string; readonly data: Readonly<Record<string, string>>; readonly token?: string; readonly isGood: boolean }[] = [
  { title: "a whole one", data: good, isGood: true },
  { title: "one with a time to come", data: { ...good, expiration: "2999-01-01T00:00:00Z" }, isGood: true },
  { title: "an expired one", data: { ...good, expiration: "1999-01-01T00:00:00Z" }, isGood: false },
  { title: "one whose time makes no sense", data: { ...good, expiration: "soon" }, isGood: false },
  { title: "another secret", data: good, token: "abcdef.0123456789abcdee", isGood: false },
  { title: "one for signing alone", data: { ...good, "usage-bootstrap-authentication": "false" }, isGood: false },
  { title: "one that wants more groups", data: { ...good, "auth-extra-groups": "system:masters" }, isGood: false },
];

for (const { title, data, token = "abcdef.0123456789abcdef", isGood } of cases) {
  test(`a bootstrap token is ${isGood ? "good" : "refused"}: ${title}`, async () => {
    const { client, store, world } = await tokenApi();
    await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" }, spec: {}, status: {} });
    await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token", metadata: { namespace: "kube-system", name: "bootstrap-token-abcdef" }, stringData: data });
    const found = await bootstrapTokens((kind, ref) => readStored(store, kind, ref), world.clock).authenticate(token, []);
    assert.ok(found !== undefined);
    if (isGood) assert.deepEqual("user" in found ? found.user : found, { name: "system:bootstrap:abcdef", groups: ["system:bootstrappers", "system:bootstrappers:workers"] });
    else assert.ok("reason" in found);
  });
}

test("tokens of a file name users, uids and groups; other tokens are left to others", async () => {
  const source = staticTokens(parseTokenFile('# people\nt1,ann,7,"team,ops"\nt2, bob ,\n\n"t,3",cy,""\n', "tokens.csv"));
  assert.deepEqual(await source.authenticate("t1", []), { user: { name: "ann", uid: "7", groups: ["team", "ops"] }, audiences: [] });
  assert.deepEqual(await source.authenticate("t2", []), { user: { name: "bob", groups: [] }, audiences: [] });
  assert.deepEqual(await source.authenticate("t,3", []), { user: { name: "cy", groups: [] }, audiences: [] });
  assert.equal(await source.authenticate("t4", []), undefined);
});

test("a line that is no token is named, without its content", () => {
  assert.throws(() => parseTokenFile("t1,ann,7\nsecret", "tokens.csv"), { message: 'tokens.csv:2: write token,user,uid and, if any, "group,group"' });
  assert.throws(() => parseTokenFile("t1,ann,7\nt1,bob,8", "tokens.csv"), { message: "tokens.csv:2: this token stands twice" });
});

test("a token that is for the API alone is nobody's for another audience", async () => {
  const owners = new TokenOwners("https://api.example");
  owners.add(staticTokens(parseTokenFile("t1,ann,7", "tokens.csv")));
  const ann = { kind: "known", user: { name: "ann", uid: "7", groups: ["system:authenticated"] }, audiences: ["https://api.example"] };
  assert.deepEqual(await owners.find("t1"), ann);
  assert.deepEqual(await owners.find("t1", ["vault", "https://api.example"]), ann);
  assert.deepEqual(await owners.find("t1", ["vault"]), { kind: "unknown", reason: 'token audiences ["https://api.example"] is invalid for the target audiences ["vault"]' });
});
