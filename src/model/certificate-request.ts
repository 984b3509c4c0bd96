import { createPublicKey, verify } from "node:crypto";
import { derTags, printOid, readDer, readDerValue, readPem } from "../value/der.ts";
import type { DerValue } from "../value/der.ts";
import { isValueError, ValueError } from "../value/value-error.ts";

/** What a PKCS#10 request asks for, as far as anybody decides by it. */
export interface CertificateRequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  /** As text. */
  readonly addresses: readonly string[];
}

interface ParsedRequest {
  readonly facts: CertificateRequestFacts;
  readonly signed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** Object identifiers of RFC 5280 and RFC 2985. */
const oids = { commonName: "2.5.4.3", organization: "2.5.4.10", extensionRequest: "1.2.840.113549.1.9.14", alternativeNames: "2.5.29.17" } as const;

/** Kinds of GeneralName, as tagged. @see RFC 5280 section 4.2.1.6 */
const nameTags = { email: 0x81, dns: 0x82, uri: 0x86, address: 0x87 } as const;

/** The tag of BMPString. */
const wideTextTag = 0x1e;

/** The digest of each signature algorithm that is taken; null where the key itself says it. SHA-1 is not safe any more. */
const digests: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384", "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/** Reads a request in PEM. Throws ValueError "syntax". @see RFC 2986 section 4 */
export function parseCertificateRequest(pem: string): CertificateRequestFacts {
  return parse(pem).facts;
}

/** What is wrong with a request in PEM, its signature included: who asks must have the key. Undefined for one that may be signed. */
export function certificateRequestProblem(pem: string): string | undefined {
  try {
    const { signed, publicKey, algorithm, signature } = parse(pem);
    const digest = digests[algorithm];
    if (digest === undefined) return `x509: cannot verify signature: algorithm ${algorithm} is not taken`;
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    return verify(digest, signed, key, signature) ? undefined : "x509: the signature of the request is not that of its key";
  } catch (error) {
    if (isValueError(error)) return error.message;
    return "x509: the public key of the request cannot be read";
  }
}

/** When a certificate in PEM ends, milliseconds since 1970; undefined for what is none. */
export function readCertificateEndMs(pem: string): number | undefined {
  const bytes = readPem(pem, "CERTIFICATE");
  if (bytes === undefined) return undefined;
  try {
    const [body] = readDer(readDerValue(bytes).content);
    const validity = body === undefined ? undefined : readDer(body.content).filter(({ tag }) => tag === derTags.sequence)[2];
    const end = validity === undefined ? undefined : readDer(validity.content)[1];
    return end === undefined ? undefined : parseDerTime(end);
  } catch (error) {
    if (isValueError(error)) return undefined;
    throw error;
  }
}

function parse(pem: string): ParsedRequest {
  const bytes = readPem(pem, "CERTIFICATE REQUEST");
  if (bytes === undefined) throw new ValueError("syntax", "PEM block type must be CERTIFICATE REQUEST");
  const [info, algorithm, signature] = readDer(readDerValue(bytes).content);
  if (info?.tag !== derTags.sequence || algorithm === undefined || signature?.tag !== derTags.bitString) throw malformed();
  const [, subject, publicKey, ...more] = readDer(info.content);
  if (subject?.tag !== derTags.sequence || publicKey?.tag !== derTags.sequence) throw malformed();
  const names = namesOf(subject);
  const alternatives = more.flatMap((attributes) => readDer(attributes.content)).flatMap(extensionsOf).flatMap(alternativeNamesOf);
  const texts = (tag: number) => alternatives.filter((name) => name.tag === tag).map(({ content }) => textOf(content));
  return {
    facts: {
      commonName: names.findLast(({ type }) => type === oids.commonName)?.text ?? "",
      organizations: names.filter(({ type }) => type === oids.organization).map(({ text }) => text),
      emails: texts(nameTags.email), dnsNames: texts(nameTags.dns), uris: texts(nameTags.uri),
      addresses: alternatives.filter(({ tag }) => tag === nameTags.address).map(({ content }) => printAddress(content)),
    },
    signed: info.whole, publicKey: publicKey.whole,
    algorithm: printOid(readDer(algorithm.content)[0]?.content ?? new Uint8Array(0)),
    // The first byte counts unused bits.
    signature: signature.content.subarray(1),
  };
}

function malformed(): ValueError {
  return new ValueError("syntax", "asn1: the request is no PKCS#10 request");
}

/** The attributes of a distinguished name, in its order. */
function namesOf(name: DerValue): readonly { readonly type: string; readonly text: string }[] {
  return readDer(name.content).flatMap((part) => readDer(part.content)).flatMap((attribute) => {
    const [type, value] = readDer(attribute.content);
    return type === undefined || value === undefined ? [] : [{ type: printOid(type.content), text: value.tag === wideTextTag ? utf16Of(value.content) : textOf(value.content) }];
  });
}

/** The extensions an attribute of a request asks for. */
function extensionsOf(attribute: DerValue): readonly DerValue[] {
  const [type, values] = readDer(attribute.content);
  if (type === undefined || values === undefined || printOid(type.content) !== oids.extensionRequest) return [];
  return readDer(values.content).flatMap((list) => readDer(list.content));
}

function alternativeNamesOf(extension: DerValue): readonly DerValue[] {
  const parts = readDer(extension.content);
  const value = parts.find(({ tag }) => tag === derTags.octetString);
  if (value === undefined || printOid(parts[0]?.content ?? new Uint8Array(0)) !== oids.alternativeNames) return [];
  return readDer(value.content).flatMap((names) => readDer(names.content));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** BMPString: two bytes a letter, the high one first. */
function utf16Of(bytes: Uint8Array): string {
  return Array.from({ length: bytes.length >> 1 }, (_none, index) => String.fromCharCode(((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0))).join("");
}

function printAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: 8 }, (_none, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16)).join(":");
}

/** UTCTime has two digits of the year, from 1950 on; GeneralizedTime four. */
function parseDerTime({ tag, content }: DerValue): number | undefined {
  const text = textOf(content);
  const full = tag === derTags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}
