import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret } from "../../model/kinds/secret.ts";
import type { ServiceAccount } from "../../model/kinds/service-account.ts";
import { decideTokenSecret, fillTokenSecret } from "./decide.ts";

const account: ServiceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot", namespace: "n", uid: "1" } };
const secret: Secret = { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token", metadata: { name: "s", namespace: "n", annotations: { "kubernetes.io/service-account.name": "bot" } } };
const filled = fillTokenSecret(secret, account, { token: "t", ca: "CA" });

test("a Secret that asks for a token gets it once, with the CA and its namespace", () => {
  assert.deepEqual(decideTokenSecret(secret, account, "CA"), { kind: "fill", needsToken: true });
  assert.deepEqual(filled.data, { "ca.crt": "Q0E=", namespace: "bg==", token: "dA==" });
  assert.deepEqual(decideTokenSecret(filled, account, "CA"), { kind: "nothing" });
  assert.deepEqual(decideTokenSecret(filled, account, "new CA"), { kind: "fill", needsToken: false });
});

test("it goes with its account, also when another has taken the name", () => {
  assert.deepEqual(decideTokenSecret(filled, undefined, "CA"), { kind: "remove" });
  assert.deepEqual(decideTokenSecret(filled, { ...account, metadata: { ...account.metadata, uid: "2" } }, "CA"), { kind: "remove" });
});

test("other Secrets are left alone", () => {
  assert.deepEqual(decideTokenSecret({ ...secret, type: "Opaque" }, account, "CA"), { kind: "nothing" });
  assert.deepEqual(decideTokenSecret({ ...secret, metadata: { name: "s", namespace: "n" } }, undefined, "CA"), { kind: "nothing" });
});
