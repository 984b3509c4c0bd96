import type { JSONWebKeySet } from "jose";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { JsonObject } from "../../value/json.ts";
import { describeSigningKey, readSignedToken, signToken } from "./signed-tokens.ts";

/** The keys the cluster signs the tokens of ServiceAccounts with. */
export interface TokenKeys {
  sign(claims: JsonObject): Promise<string>;
  /** The claims of a token that these keys signed; undefined for every other. */
  read(token: string): Promise<JsonObject | undefined>;
  /** What others check tokens with. */
  readonly publicKeys: JSONWebKeySet;
}

/** A new P-256 key, PEM. */
export function makeTokenKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * Reads private keys from PEM, one after the other: the first signs, all check. A new key is put in front of the old one, which goes when its last
 * token has expired.
 */
export async function parseTokenKeys(pem: string): Promise<TokenKeys> {
  const blocks = pem.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g) ?? [];
  const keys = await Promise.all(blocks.map((block) => {
    const key = createPrivateKey(block);
    return describeSigningKey(key, createPublicKey(key));
  }));
  const [first] = keys;
  if (first === undefined) throw new Error("there is no private key to sign tokens with");
  const publicKeys: JSONWebKeySet = { keys: keys.map(({ publicKey }) => publicKey) };
  return { publicKeys, sign: (claims) => signToken(claims, first), read: (token) => readSignedToken(token, publicKeys) };
}
