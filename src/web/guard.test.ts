import assert from "node:assert/strict";
import { test } from "node:test";
import { SecretKind } from "../model/kinds/secret.ts";
import { isHostAllowed, isOwnWrite, readCookie } from "./guard.ts";
import { withoutSecrets } from "./hide-secrets.ts";

for (const [host, listenHost, ownOrigin, isAllowed] of [
  ["127.0.0.1:7080", "127.0.0.1", undefined, true],
  ["localhost:7080", "127.0.0.1", undefined, true],
  ["[::1]:7080", "::1", undefined, true],
  ["demo.localhost", "127.0.0.1", undefined, true],
  ["evil.example:7080", "127.0.0.1", undefined, false],
  ["127.0.0.1.evil.example", "127.0.0.1", undefined, false],
  ["localhost@evil.example", "127.0.0.1", undefined, false],
  [undefined, "127.0.0.1", undefined, false],
  ["capstan.example", "127.0.0.1", "https://capstan.example", true],
  ["capstan.example", "0.0.0.0", undefined, true],
] as const) {
  test(`a page at ${listenHost}${ownOrigin === undefined ? "" : ` known as ${ownOrigin}`} is ${isAllowed ? "served" : "refused"} to ${host ?? "no name"}`, () => {
    assert.equal(isHostAllowed(host, { listenHost, ownOrigin }), isAllowed);
  });
}

test("a write needs the page's own header and comes from the page's own origin", () => {
  const header = { "x-capstan-request": "1" };
  assert.equal(isOwnWrite({ method: "GET", headers: {} }), true);
  assert.equal(isOwnWrite({ method: "PATCH", headers: {} }), false);
  assert.equal(isOwnWrite({ method: "PATCH", headers: header }), true);
  assert.equal(isOwnWrite({ method: "PATCH", headers: { ...header, "sec-fetch-site": "same-origin" } }), true);
  assert.equal(isOwnWrite({ method: "PATCH", headers: { ...header, "sec-fetch-site": "same-site" } }), false);
  assert.equal(isOwnWrite({ method: "DELETE", headers: { ...header, "sec-fetch-site": "cross-site" } }), false);
});

test("a cookie is found among others, by its whole name", () => {
  assert.equal(readCookie("a=1; capstan-70801=x; capstan-7080=y=z", "capstan-7080"), "y=z");
  assert.equal(readCookie("a=1", "capstan-7080"), undefined);
  assert.equal(readCookie(undefined, "capstan-7080"), undefined);
});

test("a secret keeps its keys and loses its values, copies in annotations included", () => {
  const secret = {
    apiVersion: "v1", kind: "Secret", type: "Opaque", data: { password: "aHVudGVyMg==" }, stringData: { other: "hunter3" },
    metadata: { name: "s", namespace: "default", annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{hunter4}", note: "kept" } },
  };
  const shown = withoutSecrets(SecretKind, secret);
  assert.doesNotMatch(JSON.stringify(shown), /hunter|aHVudGVy/);
  assert.deepEqual(shown["data"], { password: "(hidden)" });
  assert.deepEqual(shown["metadata"], { name: "s", namespace: "default", annotations: { note: "kept" } });
});
