import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { hasErrorCode } from "../../world/error-code.ts";
import type { Chance } from "../../world/chance.ts";
import type { Clock } from "../../world/clock.ts";
import { frontProxyName } from "../aggregation/front-proxy.ts";
import { makeTokenKey } from "../access/token-keys.ts";
import { CertificateMaker } from "./certificate-maker.ts";
import { leafLifetimeMs } from "./certificates.ts";
import type { CertificateRequest, KeyPair, RequestToSign } from "./certificates.ts";

/** The daemon's keys and certificates, as they lie in `DIR/pki`. */
export interface Pki {
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly serving: KeyPair;
  /** The administrator: `kubernetes-admin` in `system:masters`. */
  readonly admin: KeyPair;
  /** What the API server shows of itself to the servers of aggregated APIs, and the CA they know it by: one of its own, so that no other client passes for it. */
  readonly frontProxy: { readonly ca: string; readonly client: KeyPair };
  /** What tokens of ServiceAccounts are signed with: private keys, PEM, the newest first. */
  readonly tokenKeys: string;
  /** When the next of them should be renewed, milliseconds since 1970; open the PKI again then. */
  readonly renewAtMs: number;
}

/** Where the keys lie and what they must answer to. */
export interface PkiOptions {
  /** `DIR/pki`. */
  readonly directory: string;
  /** Names and addresses beyond localhost and the cluster's own, such as the host listened on. */
  readonly hosts: readonly string[];
  readonly world: { readonly clock: Clock; readonly chance: Chance };
}

/** Names every serving certificate answers to: loopback, and what pods call the API. */
export const servingHosts: readonly string[] = [
  "localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
];

/** A certificate is renewed when less than this part of its life is left. */
const renewFraction = 1 / 3;

/** Reads the keys and certificates of a directory; makes what is missing, nearly expired or not for these hosts. Each file appears whole or not at all. */
export async function openPki(options: PkiOptions): Promise<Pki> {
  const maker = new CertificateMaker(options.world);
  try {
    return await openWith(maker, options);
  } finally {
    await maker.close();
  }
}

async function openWith(maker: CertificateMaker, { directory, hosts, world }: PkiOptions): Promise<Pki> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await openPair(directory, "ca", () => true, () => maker.authority());
  const isGood = (pair: KeyPair) => isUsable(pair, authority, world.clock.nowMs());
  const issue = (request: CertificateRequest) => maker.issue(authority, request);
  const wanted = [...new Set([...servingHosts, ...hosts.filter((host) => host !== "" && host !== "0.0.0.0" && host !== "::")])];
  const serving = await openPair(directory, "serving", (pair) => isGood(pair) && coversHosts(pair, wanted), () => (
    issue({ commonName: "capstan-api", hosts: wanted, usage: "server", lifetimeMs: leafLifetimeMs })));
  const admin = await openPair(directory, "admin", isGood, () => (
    issue({ commonName: "kubernetes-admin", organizations: ["system:masters"], usage: "client", lifetimeMs: leafLifetimeMs })));
  const frontProxy = await openFrontProxy(maker, directory, world);
  const tokenKeys = await openTokenKeys(join(directory, "service-accounts.key"));
  return {
    ca: authority.cert, serving, admin, frontProxy: { ca: frontProxy.authority.cert, client: frontProxy.client }, tokenKeys,
    renewAtMs: Math.min(...[serving, admin, frontProxy.client].map(renewalOf)),
  };
}

/** The CA tells who is behind a request only: a lost one is made anew, and servers of aggregated APIs read of it. */
async function openFrontProxy(maker: CertificateMaker, directory: string, world: PkiOptions["world"]): Promise<{ readonly authority: KeyPair; readonly client: KeyPair }> {
  const authority = await openPair(directory, "front-proxy-ca", () => true, () => maker.authority("front-proxy-ca"));
  const client = await openPair(directory, "front-proxy-client", (pair) => isUsable(pair, authority, world.clock.nowMs()), () => (
    maker.issue(authority, { commonName: frontProxyName, usage: "client", lifetimeMs: leafLifetimeMs })));
  return { authority, client };
}

/** Signs what clients ask for with the CA of `directory`, whose key is in memory for as long as that takes. Resolves to the certificate, PEM; rejects where there is no CA. */
export async function signWithCa({ directory, world }: Pick<PkiOptions, "directory" | "world">, request: RequestToSign): Promise<string> {
  const [key, cert] = await Promise.all([readFile(join(directory, "ca.key"), "utf8"), readFile(join(directory, "ca.crt"), "utf8")]);
  const maker = new CertificateMaker(world);
  try {
    return await maker.sign({ key, cert }, request);
  } finally {
    await maker.close();
  }
}

async function openPair(directory: string, name: string, isGood: (pair: KeyPair) => boolean, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const paths = { key: join(directory, `${name}.key`), cert: join(directory, `${name}.crt`) };
  const [key, cert] = await Promise.all([readIfThere(paths.key), readIfThere(paths.cert)]);
  if (key !== undefined && cert !== undefined && isPair({ key, cert }) && isGood({ key, cert })) return { key, cert };
  // A CA that is broken must not be replaced silently: everything it signed would be worthless.
  if (name === "ca" && (key !== undefined || cert !== undefined)) {
    if (key === undefined || cert === undefined || !isPair({ key, cert })) throw new Error(`${paths.key} and ${paths.cert} are no pair; restore them, or remove both to make a new CA (every kubeconfig then has to be written anew)`);
  }
  const made = await make();
  await writePrivateFile(paths.key, made.key);
  await writePrivateFile(paths.cert, made.cert);
  return made;
}

/** True when the key belongs to the certificate; a crash between the two files leaves halves that do not. */
function isPair({ key, cert }: KeyPair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isUsable(pair: KeyPair, authority: KeyPair, nowMs: number): boolean {
  const cert = new X509Certificate(pair.cert);
  return nowMs >= cert.validFromDate.getTime() && nowMs < renewalOf(pair) && cert.verify(new X509Certificate(authority.cert).publicKey);
}

function renewalOf(pair: KeyPair): number {
  const cert = new X509Certificate(pair.cert);
  const endMs = cert.validToDate.getTime();
  return endMs - (endMs - cert.validFromDate.getTime()) * renewFraction;
}

function coversHosts(pair: KeyPair, hosts: readonly string[]): boolean {
  const cert = new X509Certificate(pair.cert);
  return hosts.every((host) => (isIP(host) === 0 ? cert.checkHost(host) : cert.checkIP(host)) !== undefined);
}

/** Reads the keys tokens are signed with, or makes one. */
async function openTokenKeys(path: string): Promise<string> {
  const known = await readIfThere(path);
  const pem = known ?? makeTokenKey();
  if (known === undefined) await writePrivateFile(path, pem);
  return pem;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Writes a file only its owner may read; it appears whole, under its name, or not at all. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    // An older draft may have had other rights.
    await chmod(draft, 0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
