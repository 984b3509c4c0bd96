import type { JsonObject } from "../../value/json.ts";
import type { Clock } from "../../world/clock.ts";
import type { UserInfo } from "../client.ts";
import { textOf, textsOf } from "../shape.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { peekClaims, peekHeader, readSignedToken } from "./signed-tokens.ts";
import type { TokenSource } from "./token-owners.ts";

/** How the tokens of an OpenID Connect provider name users; the members are upstream's `--oidc-*` flags. */
export interface OidcRules {
  readonly issuer: string;
  /** Tokens for others are not taken. */
  readonly clientId: string;
  readonly usernameClaim: string;
  /** Before each user's name; "" for none. */
  readonly usernamePrefix: string;
  /** The claim with the groups; no groups when absent. */
  readonly groupsClaim?: string;
  readonly groupsPrefix: string;
  /** Claims a token must have, with these values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly algorithms: readonly string[];
}

/** How far a provider's clock may be ahead of ours, as go-oidc has it. What has expired has expired. */
const earlyMs = 300_000;

/** Names that only the cluster itself gives: no provider makes an administrator of `system:masters`. */
const reservedPrefix = "system:";

/** What a token says of its user, or why it is nobody's. */
export type OidcUser = { readonly user: UserInfo } | { readonly reason: string };

/** Knows the ID tokens of one provider, by its keys. */
export function oidcTokens(rules: OidcRules, keys: IssuerKeys, clock: Pick<Clock, "nowMs">): TokenSource {
  return {
    async authenticate(token) {
      if (textOf(peekClaims(token) ?? {}, "iss") !== rules.issuer) return undefined;
      const known = await keys.find(textOf(peekHeader(token) ?? {}, "kid"));
      if (known === undefined) return { reason: "oidc: the keys of the issuer cannot be read" };
      const claims = await readSignedToken(token, known, rules.algorithms);
      if (claims === undefined) return { reason: "oidc: verify token: failed to verify id token signature" };
      const found = userOfClaims(claims, rules, clock.nowMs());
      return "user" in found ? { user: found.user, audiences: [] } : found;
    },
  };
}

/**
 * The user a checked token's claims name. Pure.
 *
 * @see kubernetes apiserver plugin/pkg/authenticator/token/oidc/oidc.go
 */
export function userOfClaims(claims: JsonObject, rules: OidcRules, nowMs: number): OidcUser {
  const problem = problemOf(claims, rules, nowMs);
  if (problem !== undefined) return { reason: `oidc: ${problem}` };
  const name = `${rules.usernamePrefix}${textOf(claims, rules.usernameClaim)}`;
  if (name.startsWith(reservedPrefix)) return { reason: `oidc: no user of a provider may have a name that begins with ${reservedPrefix}; set --oidc-username-prefix` };
  return { user: { name, groups: groupsOf(claims, rules) } };
}

function problemOf(claims: JsonObject, rules: OidcRules, nowMs: number): string | undefined {
  const { exp, nbf, aud } = claims;
  if (textOf(claims, "iss") !== rules.issuer) return "verify token: id token issued by a different provider";
  if (!(aud === rules.clientId || textsOf(claims, "aud").includes(rules.clientId))) return `verify token: expected audience ${JSON.stringify(rules.clientId)}`;
  if (typeof exp !== "number" || exp * 1000 <= nowMs) return "verify token: token is expired";
  if (typeof nbf === "number" && nbf * 1000 > nowMs + earlyMs) return "verify token: current time before the nbf (not before) time";
  if (textOf(claims, rules.usernameClaim) === "") return `parse username claims ${JSON.stringify(rules.usernameClaim)}: claim not present`;
  // A name anybody can write into an account is nobody's until it is verified.
  if (rules.usernameClaim === "email" && claims["email_verified"] !== undefined && claims["email_verified"] !== true) return "email not verified";
  const missing = Object.entries(rules.requiredClaims).find(([name, value]) => textOf(claims, name) !== value);
  return missing === undefined ? undefined : `required claim ${missing[0]} is missing or has another value`;
}

function groupsOf(claims: JsonObject, { groupsClaim, groupsPrefix }: OidcRules): readonly string[] {
  const value = groupsClaim === undefined ? undefined : claims[groupsClaim];
  const names = typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];
  return [...new Set(names.map((name) => `${groupsPrefix}${name}`))].filter((name) => !name.startsWith(reservedPrefix));
}
