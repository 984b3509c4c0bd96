import { readFile } from "node:fs/promises";
import { IssuerKeys } from "../api/access/issuer-keys.ts";
import { oidcTokens } from "../api/access/oidc-tokens.ts";
import type { TokenSource } from "../api/access/token-owners.ts";
import { httpsDocuments } from "../api/http/https-documents.ts";
import type { World } from "../world/world.ts";
import type { OidcSettings } from "./oidc-settings.ts";
import { SettingsError } from "./settings-error.ts";

/** The users of an OpenID Connect provider. Nothing is asked of it before the first of its tokens. Throws SettingsError for a CA that cannot be read. */
export async function openOidc({ rules, caFile }: OidcSettings, world: Pick<World, "clock" | "log">): Promise<TokenSource> {
  const ca = caFile === undefined ? undefined : await readCa(caFile);
  return oidcTokens(rules, new IssuerKeys({ issuer: rules.issuer, read: httpsDocuments(world.clock, ca), world }), world.clock);
}

async function readCa(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  } catch (error) {
    throw new SettingsError(`--oidc-ca-file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new SettingsError(`--oidc-ca-file ${path} holds no certificate: give a PEM file`);
}
