import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../value/json.ts";
import { userOfClaims } from "./oidc-tokens.ts";
import type { OidcRules } from "./oidc-tokens.ts";

const issuer = "https://id.example.com";
const nowMs = Date.parse("2026-01-01T00:00:00Z");
const nowSeconds = nowMs / 1000;
const rules: OidcRules = { issuer, clientId: "capstan", usernameClaim: "sub", usernamePrefix: `${issuer}#`, groupsPrefix: "", requiredClaims: {}, algorithms: ["RS256"] };
const claims: JsonObject = { iss: issuer, aud: "capstan", sub: "ada", exp: nowSeconds + 60, groups: ["dev", "ops"], email: "ada@example.com", email_verified: true };
const named = { ...rules, usernamePrefix: "" };

const known: readonly (readonly [title: string, claims: JsonObject, rules: OidcRules, name: string, groups: readonly string[]])[] = [
  ["a subject stands behind its issuer", claims, rules, `${issuer}#ada`, []],
  ["a prefix of one's own", claims, { ...rules, usernamePrefix: "oidc:" }, "oidc:ada", []],
  ["another claim", claims, { ...named, usernameClaim: "email" }, "ada@example.com", []],
  ["groups", claims, { ...named, groupsClaim: "groups" }, "ada", ["dev", "ops"]],
  ["groups with a prefix", claims, { ...named, groupsClaim: "groups", groupsPrefix: "oidc:" }, "ada", ["oidc:dev", "oidc:ops"]],
  ["one group as text", { ...claims, groups: "dev" }, { ...named, groupsClaim: "groups" }, "ada", ["dev"]],
  ["a group twice is one", { ...claims, groups: ["dev", "dev"] }, { ...named, groupsClaim: "groups" }, "ada", ["dev"]],
  ["groups of another form are none", { ...claims, groups: { dev: true } }, { ...named, groupsClaim: "groups" }, "ada", []],
  ["no groups are none", claims, { ...named, groupsClaim: "roles" }, "ada", []],
  ["groups of the cluster itself are passed over", { ...claims, groups: ["system:masters", "dev"] }, { ...named, groupsClaim: "groups" }, "ada", ["dev"]],
  ["a group of that name with a prefix is another", { ...claims, groups: ["system:masters"] }, { ...named, groupsClaim: "groups", groupsPrefix: "oidc:" }, "ada", ["oidc:system:masters"]],
  ["one of several audiences", { ...claims, aud: ["other", "capstan"] }, named, "ada", []],
  ["claims that are required and there", { ...claims, hd: "example.com", acr: "2" }, { ...named, requiredClaims: { hd: "example.com", acr: "2" } }, "ada", []],
  ["a clock a little ahead", { ...claims, nbf: nowSeconds + 200 }, named, "ada", []],
  ["an address nobody speaks of as verified", { ...claims, email_verified: undefined }, { ...named, usernameClaim: "email" }, "ada@example.com", []],
];

for (const [title, given, by, name, groups] of known) {
  test(`a user is known: ${title}`, () => assert.deepEqual(userOfClaims(given, by, nowMs), { user: { name, groups } }));
}

const unknown: readonly (readonly [title: string, claims: JsonObject, rules: OidcRules, reason: RegExp])[] = [
  ["a token of another issuer", { ...claims, iss: "https://other.example.com" }, named, /different provider/],
  ["a token for another", { ...claims, aud: "other" }, named, /expected audience "capstan"/],
  ["a token for others", { ...claims, aud: ["other"] }, named, /expected audience/],
  ["a token for nobody", { ...claims, aud: undefined }, named, /expected audience/],
  ["an expired token", { ...claims, exp: nowSeconds }, named, /token is expired/],
  ["a token without an end", { ...claims, exp: undefined }, named, /token is expired/],
  ["an end as text", { ...claims, exp: "2999-01-01" }, named, /token is expired/],
  ["a token that does not hold yet", { ...claims, nbf: nowSeconds + 400 }, named, /not before/],
  ["a token without the name", { ...claims, sub: undefined }, named, /parse username claims "sub": claim not present/],
  ["a name that is no text", { ...claims, sub: 7 }, named, /claim not present/],
  ["an address that is not verified", { ...claims, email_verified: false }, { ...named, usernameClaim: "email" }, /email not verified/],
  ["a required claim that is missing", claims, { ...named, requiredClaims: { hd: "example.com" } }, /required claim hd is missing/],
  ["a required claim of another value", { ...claims, hd: "other.com" }, { ...named, requiredClaims: { hd: "example.com" } }, /required claim hd/],
  ["a name of the cluster itself", { ...claims, sub: "system:admin" }, named, /--oidc-username-prefix/],
];

for (const [title, given, by, reason] of unknown) {
  test(`a user is not known: ${title}`, () => {
    const found = userOfClaims(given, by, nowMs);
    assert.match("reason" in found ? found.reason : "known", reason);
  });
}
