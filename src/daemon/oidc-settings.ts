import { resolve } from "node:path";
import type { OidcRules } from "../api/access/oidc-tokens.ts";
import { signingAlgorithms } from "../api/access/signed-tokens.ts";
import { SettingsError } from "./settings-error.ts";

/** The flags that name an OpenID Connect provider, upstream's own. */
export const oidcFlags = {
  "oidc-issuer-url": { type: "string", value: "URL", help: "OpenID Connect provider whose ID tokens are taken" },
  "oidc-client-id": { type: "string", value: "ID", help: "whom its tokens must be for" },
  "oidc-username-claim": { type: "string", value: "NAME", help: "claim with the user's name (default sub)" },
  "oidc-username-prefix": { type: "string", value: "TEXT", help: "before user names; - for none (default the URL and #, none for email)" },
  "oidc-groups-claim": { type: "string", value: "NAME", help: "claim with the user's groups (default: no groups)" },
  "oidc-groups-prefix": { type: "string", value: "TEXT", help: "before group names" },
  "oidc-required-claim": { type: "string", value: "K=V,…", help: "claims a token must have" },
  "oidc-signing-algs": { type: "string", value: "A,…", help: "signatures taken (default RS256)" },
  "oidc-ca-file": { type: "string", value: "FILE", help: "CA of the provider's certificate (default: the system's)" },
} as const;

/** A provider, and the file with its CA where it has one of its own. */
export interface OidcSettings {
  readonly rules: OidcRules;
  readonly caFile?: string;
}

/** Reads the flags of the provider; undefined where there is none. Throws SettingsError. */
export function parseOidc(text: (name: keyof typeof oidcFlags) => string | undefined): OidcSettings | undefined {
  const issuer = text("oidc-issuer-url");
  const clientId = text("oidc-client-id");
  if (issuer === undefined || clientId === undefined) {
    const names = Object.keys(oidcFlags) as (keyof typeof oidcFlags)[];
    const given = names.find((name) => text(name) !== undefined);
    if (given === undefined) return undefined;
    throw new SettingsError(`--${given} needs both --oidc-issuer-url and --oidc-client-id`);
  }
  if (!/^https:\/\/[^\s?#]+$/.test(issuer)) throw new SettingsError(`--oidc-issuer-url ${issuer}: give an https:// URL without query`);
  const usernameClaim = text("oidc-username-claim") ?? "sub";
  const prefix = text("oidc-username-prefix") ?? (usernameClaim === "email" ? "-" : `${issuer}#`);
  const groupsClaim = text("oidc-groups-claim");
  const caFile = text("oidc-ca-file");
  return {
    rules: {
      issuer, clientId, usernameClaim, usernamePrefix: prefix === "-" ? "" : prefix, ...(groupsClaim === undefined ? {} : { groupsClaim }), groupsPrefix: text("oidc-groups-prefix") ?? "",
      requiredClaims: parseClaims(text("oidc-required-claim") ?? ""), algorithms: parseAlgorithms(text("oidc-signing-algs") ?? "RS256"),
    },
    ...(caFile === undefined ? {} : { caFile: resolve(caFile) }),
  };
}

function parseClaims(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(",").filter((pair) => pair !== "").map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new SettingsError(`--oidc-required-claim ${pair}: write NAME=VALUE`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  }));
}

function parseAlgorithms(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = names.find((name) => !signingAlgorithms.includes(name));
  if (unknown !== undefined || names.length === 0) throw new SettingsError(`--oidc-signing-algs ${text}: choose of ${signingAlgorithms.join(", ")}`);
  return names;
}
