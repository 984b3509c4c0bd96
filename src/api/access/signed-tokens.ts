/** The door to jose: signing JSON Web Tokens and checking their signatures. Times and audiences are the callers' to check. */
import type { JSONWebKeySet, JWK } from "jose";
import type { KeyObject } from "node:crypto";
import { parseJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";

/** Signatures taken, all asymmetric: who can check a token cannot make one. */
export const signingAlgorithms: readonly string[] = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

/** A key that signs, and what the world may know of it. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly publicKey: JWK;
}

/** Describes a private key: P-256 signs with ES256, RSA with RS256. Throws for another. */
export async function describeSigningKey(key: KeyObject, publicKey: KeyObject): Promise<SigningKey> {
  const { calculateJwkThumbprint, exportJWK } = await import("jose");
  const algorithm = key.asymmetricKeyType === "rsa" ? "RS256" : key.asymmetricKeyType === "ec" ? "ES256" : undefined;
  if (algorithm === undefined) throw new Error(`a ${key.asymmetricKeyType ?? "secret"} key cannot sign tokens; use P-256 or RSA`);
  const jwk = await exportJWK(publicKey);
  return { key, algorithm, publicKey: { ...jwk, use: "sig", alg: algorithm, kid: await calculateJwkThumbprint(jwk) } };
}

/** A signed token, compact. */
export async function signToken(claims: JsonObject, { key, algorithm, publicKey }: SigningKey): Promise<string> {
  const { CompactSign } = await import("jose");
  const header = { alg: algorithm, ...(publicKey.kid === undefined ? {} : { kid: publicKey.kid }) };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}

/** The claims of a token that one of the keys signed; undefined for every other. */
export async function readSignedToken(token: string, keys: JSONWebKeySet, algorithms: readonly string[] = signingAlgorithms): Promise<JsonObject | undefined> {
  const { compactVerify, createLocalJWKSet, errors } = await import("jose");
  try {
    const { payload } = await compactVerify(token, createLocalJWKSet(keys), { algorithms: [...algorithms] });
    return parseClaims(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** The claims of a token nobody has checked: to find out who should. */
export function peekClaims(token: string): JsonObject | undefined {
  const [, payload, signature] = token.split(".");
  return payload === undefined || signature === undefined ? undefined : parseClaims(Buffer.from(payload, "base64url"));
}

/** The header of a token nobody has checked: to find the key that should. */
export function peekHeader(token: string): JsonObject | undefined {
  return parseClaims(Buffer.from(token.split(".")[0] ?? "", "base64url"));
}

function parseClaims(bytes: Uint8Array): JsonObject | undefined {
  return parseJsonObject(new TextDecoder().decode(bytes));
}
