import type { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** What a request asks for. */
export interface WantedRequest {
  /** As `CN=joe,O=devs`. */
  readonly subject: string;
  readonly names?: readonly { readonly type: "dns" | "ip" | "email" | "url"; readonly value: string }[];
  /** P-256 when absent. */
  readonly algorithm?: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams & { readonly hash: string };
}

/** A request in PEM and its key, PEM in PKCS#8. */
export async function makeCertificateRequest({ subject, names = [], algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } }: WantedRequest): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject, keys, signingAlgorithm: algorithm, extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])],
  });
  const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { request: `${made.toString("pem")}\n`, key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
}
