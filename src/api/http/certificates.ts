import type { webcrypto } from "node:crypto";
import { parseCertificateRequest } from "../../model/certificate-request.ts";
import type { Clock } from "../../world/clock.ts";
import type { Chance } from "../../world/chance.ts";

/** What a certificate takes from the world: when it begins, and its number. */
export interface CertificateWorld {
  readonly clock: Pick<Clock, "nowMs">;
  readonly chance: Pick<Chance, "bytes">;
}

/** A key and its certificate, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** What a new certificate is for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** Host names and IP addresses a serving certificate answers to. */
  readonly hosts?: readonly string[];
  readonly usage: "server" | "client";
  readonly lifetimeMs: number;
}

/** What a certificate signing request is signed for. */
export interface RequestToSign {
  /** PKCS#10, PEM. */
  readonly request: string;
  /** Usages by the words of the API: `client auth`, `digital signature`. */
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
}

const dayMs = 86_400_000;

/** The CA outlives every certificate it signs: ten years, as kubeadm's. */
export const caLifetimeMs = 3_650 * dayMs;

/** Serving and client certificates: one year, as kubeadm's. */
export const leafLifetimeMs = 365 * dayMs;

/** Random bytes of a serial number. */
export const serialBytes = 16;

/** Certificates begin a little in the past, for clients whose clock is behind. */
const backdateMs = 300_000;

/** Lives shorter than this are counted from now on rather than from the beginning in the past. */
const shortLifetimeMs = 28_800_000;

/** Bits of a key's usage, and the object identifiers of extended ones. @see RFC 5280 sections 4.2.1.3 and 4.2.1.12 */
const keyUsages: Readonly<Record<string, number>> = {
  signing: 1, "digital signature": 1, "content commitment": 2, "key encipherment": 4, "data encipherment": 8, "key agreement": 16, "cert sign": 32, "crl sign": 64, "encipher only": 128, "decipher only": 256,
};
const extendedUsages: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0", "server auth": "1.3.6.1.5.5.7.3.1", "client auth": "1.3.6.1.5.5.7.3.2", "code signing": "1.3.6.1.5.5.7.3.3", "email protection": "1.3.6.1.5.5.7.3.4", "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5", "ipsec tunnel": "1.3.6.1.5.5.7.3.6", "ipsec user": "1.3.6.1.5.5.7.3.7", timestamping: "1.3.6.1.5.5.7.3.8", "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3", "netscape sgc": "2.16.840.1.113730.4.1",
};

/** Kinds of GeneralName of a certificate: ours are names and addresses. */
type HostName = { readonly type: "dns" | "ip"; readonly value: string };

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** The X.509 library, loaded only when a certificate has to be made. Its decorators need reflect-metadata first. */
async function loadX509() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** The name of the CA that signs what clients and servers of the cluster show. */
export const clusterAuthority = "capstan-ca";

/** Makes a CA of our own. */
export async function createAuthority(world: CertificateWorld, name = clusterAuthority): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const nowMs = world.clock.nowMs();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: printSerial(world.chance), name: `CN=${name}`, keys, signingAlgorithm: keyAlgorithm,
    notBefore: new Date(nowMs - backdateMs), notAfter: new Date(nowMs + caLifetimeMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await printKey(keys.privateKey), cert: `${cert.toString("pem")}\n` };
}

/** Makes a key and has the CA sign a certificate for it. */
export async function issueCertificate(authority: KeyPair, request: CertificateRequest, world: CertificateWorld): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const issuer = new x509.X509Certificate(authority.cert);
  const nowMs = world.clock.nowMs();
  const hosts = (request.hosts ?? []).map(hostName);
  const usage = request.usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: printSerial(world.chance), issuer: issuer.subjectName, publicKey: keys.publicKey, signingKey: await parseKey(authority.key), signingAlgorithm: keyAlgorithm,
    subject: [...(request.organizations ?? []).map((name) => ({ O: [name] })), { CN: [request.commonName] }],
    notBefore: new Date(nowMs - backdateMs), notAfter: new Date(Math.min(nowMs + request.lifetimeMs, issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts)]),
    ],
  });
  return { key: await printKey(keys.privateKey), cert: `${cert.toString("pem")}\n` };
}

/**
 * Has the CA sign what a request asks for: its key, its subject and its names, and nothing else of it. PEM.
 *
 * @see kubernetes pkg/controller/certificates/authority/policies.go PermissiveSigningPolicy
 */
export async function signRequest(authority: KeyPair, { request, usages, lifetimeMs }: RequestToSign, world: CertificateWorld): Promise<string> {
  const x509 = await loadX509();
  const asked = new x509.Pkcs10CertificateRequest(request);
  const issuer = new x509.X509Certificate(authority.cert);
  const { dnsNames, addresses, emails, uris } = parseCertificateRequest(request);
  const names = [
    ...dnsNames.map((value) => ({ type: "dns", value }) as const), ...emails.map((value) => ({ type: "email", value }) as const),
    ...addresses.map((value) => ({ type: "ip", value }) as const), ...uris.map((value) => ({ type: "url", value }) as const),
  ];
  const bits = usages.reduce((sum, usage) => sum | (keyUsages[usage] ?? 0), 0);
  const extended = [...new Set(usages.flatMap((usage) => extendedUsages[usage] ?? []))];
  const nowMs = world.clock.nowMs();
  const endMs = nowMs + lifetimeMs - (lifetimeMs < shortLifetimeMs ? 0 : backdateMs);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: printSerial(world.chance), issuer: issuer.subjectName, subject: asked.subjectName, publicKey: asked.publicKey, signingKey: await parseKey(authority.key), signingAlgorithm: keyAlgorithm,
    notBefore: new Date(nowMs - backdateMs), notAfter: new Date(Math.min(endMs, issuer.notAfter.getTime())),
    extensions: [
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the flags' sum is one of their type, which no operator says
      ...(bits === 0 ? [] : [new x509.KeyUsagesExtension(bits, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return `${cert.toString("pem")}\n`;
}

/** Numbers and colons make an address, everything else is a name. */
function hostName(host: string): HostName {
  return { type: /^[\d.]+$/.test(host) || host.includes(":") ? "ip" : "dns", value: host };
}

/** Random bytes, positive as RFC 5280 demands. */
function printSerial(chance: Pick<Chance, "bytes">): string {
  const bytes = Buffer.from(chance.bytes(serialBytes));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString("hex");
}

async function printKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey("pkcs8", key));
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

async function parseKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, ""), "base64");
  return crypto.subtle.importKey("pkcs8", bytes, keyAlgorithm, false, ["sign"]);
}
