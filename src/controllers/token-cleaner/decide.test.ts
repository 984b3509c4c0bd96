import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret } from "../../model/kinds/secret.ts";
import { msUntilExpired } from "./decide.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

function tokenOf(expiration: string, { type = "bootstrap.kubernetes.io/token", namespace = "kube-system", ...rest }: { readonly type?: string; readonly namespace?: string; readonly deletionTimestamp?: string } = {}): Secret {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "bootstrap-token-abcdef", namespace, ...rest }, type, data: { "token-id": "", expiration: Buffer.from(expiration).toString("base64") } };
}

const cases: readonly (readonly [title: string, secret: Secret, expected: number | undefined])[] = [
  ["one that lasts a minute more", tokenOf("2026-01-01T00:01:00Z"), 60_000],
  ["one of another zone", tokenOf("2026-01-01T01:01:00+01:00"), 60_000],
  ["one whose time has come", tokenOf("2026-01-01T00:00:00Z"), 0],
  ["one whose time has passed", tokenOf("2020-01-01T00:00:00Z"), 0],
  ["one whose time nobody can read", tokenOf("tomorrow"), 0],
  ["one for ever", tokenOf(""), undefined],
  ["one without data", { ...tokenOf(""), data: {} }, undefined],
  ["one of another type", tokenOf("2020-01-01T00:00:00Z", { type: "Opaque" }), undefined],
  ["one of another namespace", tokenOf("2020-01-01T00:00:00Z", { namespace: "default" }), undefined],
  ["one that goes already", tokenOf("2020-01-01T00:00:00Z", { deletionTimestamp: "2026-01-01T00:00:00Z" }), undefined],
];

for (const [title, secret, expected] of cases) {
  test(`a bootstrap token, ${title}, is removed ${expected === undefined ? "never" : `in ${expected} ms`}`, () => { assert.equal(msUntilExpired(secret, nowMs), expected); });
}
