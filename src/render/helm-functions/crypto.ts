import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, scryptSync, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { FunctionFault } from "../fault.ts";
import { goFunction } from "../template/function.ts";
import type { FunctionContext, GoFunction } from "../template/function.ts";
import { isList, Struct } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { bcryptHash } from "./bcrypt.ts";
import { issueCertificate } from "./certificate.ts";
import { bytesOf, integerOf, textsOf } from "./convert.ts";
import { derivePassword } from "./derived-password.ts";
import { ecKey, ed25519Key, rsaKey } from "./pinned-keys.ts";

/** Bits of the keys Sprig makes: for certificates, and for genPrivateKey. */
const certificateKeyBits = 2_048;
const privateKeyBits = 4_096;
const serialBytes = 15;

/** Checksums, keys, certificates, passwords. Chance comes from the release's pinned stream, and certificates begin at its pinned time. */
export const cryptoFunctions: readonly GoFunction[] = [
  ...(["sha1", "sha256", "sha512"] as const).map((algorithm) => goFunction(`${algorithm}sum`, ["string"], ([text]) => createHash(algorithm).update(text).digest("hex"))),
  goFunction("adler32sum", ["string"], ([text]) => adler32(text)),
  goFunction("bcrypt", ["string"], ([text], context) => bcryptHash(text, context.randomBytes(16))),
  goFunction("htpasswd", ["string", "string"], ([user, password], context) => (user.includes(":") ? `invalid username: ${user}` : `${user}:${bcryptHash(password, context.randomBytes(16))}`)),
  goFunction("derivePassword", ["any", "string", "string", "string", "string"], ([counter, type, password, user, site]) => derivePassword({ counter: Number(integerOf(counter)), type, password, user, site }, { scryptSync, createHmac })),
  goFunction("genPrivateKey", ["string"], ([type], context) => printKey(keyOf(type, context))),
  goFunction("buildCustomCert", ["string", "string"], ([certificate, key]) => customPair(certificate, key)),
  goFunction("genCA", ["string", "int"], ([name, days], context) => issue({ name, days, isAuthority: true }, context)),
  goFunction("genCAWithKey", ["string", "int", "string"], ([name, days, key], context) => issue({ name, days, isAuthority: true, key }, context)),
  goFunction("genSelfSignedCert", ["string", "any", "any", "int"], ([name, ips, dnsNames, days], context) => issue({ name, ips, dnsNames, days }, context)),
  goFunction("genSelfSignedCertWithKey", ["string", "any", "any", "int", "string"], ([name, ips, dnsNames, days, key], context) => issue({ name, ips, dnsNames, days, key }, context)),
  goFunction("genSignedCert", ["string", "any", "any", "int", "any"], ([name, ips, dnsNames, days, authority], context) => issue({ name, ips, dnsNames, days, authority }, context)),
  goFunction("genSignedCertWithKey", ["string", "any", "any", "int", "any", "string"], ([name, ips, dnsNames, days, authority, key], context) => issue({ name, ips, dnsNames, days, authority, key }, context)),
  goFunction("encryptAES", ["string", "string"], ([password, text], context) => encrypt(password, text, context.randomBytes(16))),
  goFunction("decryptAES", ["string", "string"], ([password, text]) => decrypt(password, text)),
];

const adlerModulus = 65_521;

/** Adler-32, in decimal as Sprig prints it. */
function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of bytesOf(text)) {
    a = (a + byte) % adlerModulus;
    b = (b + a) % adlerModulus;
  }
  return String(b * 65_536 + a);
}

function keyOf(type: string, context: FunctionContext): KeyObject {
  switch (type) {
    case "": case "rsa": return rsaKey(privateKeyBits, context);
    case "ecdsa": return ecKey(context);
    case "ed25519": return ed25519Key(context);
    default: throw new FunctionFault(`cannot make a private key of type ${type}; it makes rsa, ecdsa and ed25519`);
  }
}

function printKey(key: KeyObject): string {
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : key.asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
  return String(key.export({ format: "pem", type }));
}

function readKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new FunctionFault("cannot read the private key as PEM");
  }
}

function pairOf(certificate: string, key: string): Struct {
  return new Struct("sprig.certificate", { fields: { Cert: certificate, Key: key } });
}

interface Wanted {
  readonly name: string;
  readonly days: number;
  readonly ips?: GoValue;
  readonly dnsNames?: GoValue;
  readonly isAuthority?: boolean;
  readonly key?: string;
  readonly authority?: GoValue;
}

function issue({ name, days, ips, dnsNames, isAuthority = false, key: given, authority }: Wanted, context: FunctionContext): Struct {
  const key = given === undefined ? rsaKey(certificateKeyBits, context) : readKey(given);
  const certificate = issueCertificate({
    commonName: name, days, isAuthority, key, ips: list(ips, "ips"), dnsNames: list(dnsNames, "dnsnames"), fromMs: context.nowMs, serial: context.randomBytes(serialBytes),
    ...(authority === undefined ? {} : { issuer: issuerOf(authority) }),
  });
  return pairOf(certificate, printKey(key));
}

function list(value: GoValue, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isList(value)) throw new FunctionFault(`error parsing ${what}: not a list`);
  return textsOf(value);
}

function issuerOf(authority: GoValue): { readonly certificate: string; readonly key: KeyObject } {
  const { Cert: certificate, Key: key } = authority instanceof Struct ? authority.fields : {};
  if (typeof certificate !== "string" || typeof key !== "string") throw new FunctionFault("needs a certificate authority, as genCA or buildCustomCert give it");
  return { certificate, key: readKey(key) };
}

function customPair(certificate: string, key: string): Struct {
  const [certificatePem = "", keyPem = ""] = [certificate, key].map((text) => Buffer.from(text, "base64").toString("utf8"));
  try {
    // Read only to refuse what is none.
    void new X509Certificate(certificatePem).subject;
  } catch {
    throw new FunctionFault("unable to decode certificate");
  }
  readKey(keyPem);
  return pairOf(certificatePem, keyPem);
}

/** The password itself, cut or filled up with zeros to 32 bytes, is the key, as in Sprig. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32);
  Buffer.from(password, "utf8").copy(key);
  return key;
}

function encrypt(password: string, text: string, iv: Uint8Array): string {
  const cipher = createCipheriv("aes-256-cbc", aesKey(password), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}

function decrypt(password: string, text: string): string {
  const bytes = Buffer.from(text, "base64");
  try {
    const decipher = createDecipheriv("aes-256-cbc", aesKey(password), bytes.subarray(0, 16));
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString("utf8");
  } catch {
    throw new FunctionFault("cannot decrypt the text with this password");
  }
}
