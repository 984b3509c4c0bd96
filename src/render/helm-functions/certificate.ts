import { createPublicKey, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { FunctionFault } from "../fault.ts";

/** What a certificate says. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly ips: readonly string[];
  readonly dnsNames: readonly string[];
  readonly days: number;
  readonly isAuthority: boolean;
  readonly fromMs: number;
  readonly serial: Uint8Array;
  readonly key: KeyObject;
  /** Who signs it; itself when undefined. */
  readonly issuer?: { readonly certificate: string; readonly key: KeyObject };
}

const dayMs = 86_400_000;
const oids = { commonName: "550403", keyUsage: "551d0f", extendedKeyUsage: "551d25", basicConstraints: "551d13", alternativeName: "551d11", serverAuth: "2b06010505070301", clientAuth: "2b06010505070302", sha256WithRsa: "2a864886f70d01010b", ed25519: "2b6570" };

/**
 * Writes and signs an X.509 certificate (RFC 5280) with the fields Sprig gives its own. Only keys whose signatures are no matter of chance sign: RSA and
 * Ed25519. Answers PEM. Throws FunctionFault.
 */
export function issueCertificate(request: CertificateRequest): string {
  const { key, issuer } = request;
  const signer = issuer?.key ?? key;
  if (signer.asymmetricKeyType !== "rsa" && signer.asymmetricKeyType !== "ed25519") throw new FunctionFault(`cannot sign with an ${signer.asymmetricKeyType ?? "unknown"} key: such signatures differ at each render; use an RSA or Ed25519 key`);
  const isRsa = signer.asymmetricKeyType === "rsa";
  const algorithm = sequence(oid(isRsa ? oids.sha256WithRsa : oids.ed25519), ...(isRsa ? [element(0x05)] : []));
  const subject = nameOf(request.commonName);
  const body = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.concat([Buffer.from([0x01]), request.serial])),
    algorithm,
    issuer === undefined ? subject : subjectOf(issuer.certificate),
    sequence(time(request.fromMs), time(request.fromMs + request.days * dayMs)),
    subject,
    createPublicKey(key).export({ type: "spki", format: "der" }),
    element(0xa3, sequence(...extensionsOf(request))),
  );
  const signature = sign(isRsa ? "sha256" : null, body, signer);
  const certificate = sequence(body, algorithm, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf({ isAuthority, ips, dnsNames }: CertificateRequest): readonly Buffer[] {
  // Digital signature and key encipherment; an authority signs certificates too.
  const usage = Buffer.from(isAuthority ? [2, 0xa4] : [5, 0xa0]);
  const names = [...dnsNames.map((name) => element(0x82, Buffer.from(name, "latin1"))), ...ips.map((ip) => element(0x87, addressOf(ip)))];
  return [
    extension(oids.keyUsage, element(0x03, usage), true),
    extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuth), oid(oids.clientAuth)), false),
    extension(oids.basicConstraints, isAuthority ? sequence(element(0x01, Buffer.from([0xff]))) : sequence(), true),
    ...(names.length === 0 ? [] : [extension(oids.alternativeName, sequence(...names), false)]),
  ];
}

function extension(id: string, value: Buffer, isCritical: boolean): Buffer {
  return sequence(oid(id), ...(isCritical ? [element(0x01, Buffer.from([0xff]))] : []), element(0x04, value));
}

/** One DER element: tag, length, content. */
function element(tag: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const hex = length.toString(16);
  const size = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, "hex"));
}

function nameOf(commonName: string): Buffer {
  return sequence(element(0x31, sequence(oid(oids.commonName), element(0x0c, Buffer.from(commonName, "utf8")))));
}

/** UTCTime up to 2049, GeneralizedTime behind it. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return new Date(ms).getUTCFullYear() < 2050 ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}

function addressOf(ip: string): Buffer {
  if (/^\d+(?:\.\d+){3}$/.test(ip)) return Buffer.from(ip.split(".").map(Number));
  const [head = "", tail] = ip.split("::");
  const groups = (text: string): readonly string[] => text.split(":").filter((group) => group !== "");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...Array.from<string>({ length: Math.max(0, 8 - front.length - back.length) }).fill("0"), ...back];
  if (all.length !== 8 || all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) throw new FunctionFault(`error parsing ip: ${ip}`);
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** The subject's own bytes: the sixth element of the body, after the version. */
function subjectOf(certificate: string): Buffer {
  const raw = new X509Certificate(certificate).raw;
  let at = contentAt(raw, contentAt(raw, 0));
  for (let i = 0; i < 5; i++) at = endOf(raw, at);
  return raw.subarray(at, endOf(raw, at));
}

function contentAt(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? 0;
  return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
}

function endOf(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? 0;
  const start = contentAt(bytes, at);
  return start + (length < 0x80 ? length : Number(`0x${bytes.subarray(at + 2, start).toString("hex")}`));
}
