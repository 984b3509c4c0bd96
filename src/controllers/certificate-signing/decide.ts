import { parseCertificateRequest, readCertificateEndMs } from "../../model/certificate-request.ts";
import type { CertificateRequestFacts } from "../../model/certificate-request.ts";
import { isConditionTrue, parseTime } from "../../model/conditions.ts";
import type { CertificateSigningRequest } from "../../model/generated/certificates-v1.ts";
import { readOr } from "../../value/value-error.ts";

/** What becomes of a request for a certificate. */
export type SigningDecision =
  | { readonly kind: "sign"; readonly lifetimeMs: number }
  | { readonly kind: "fail"; readonly reason: string; readonly message: string }
  | { readonly kind: "remove" }
  | { readonly kind: "wait"; readonly afterMs: number };

const hourMs = 3_600_000;

/** Upstream's --cluster-signing-duration: a year is the longest, and what is given to who does not ask for less. */
const lifetimeMaxMs = 365 * 24 * hourMs;

/** Shorter lives are not given: twice the time a certificate begins in the past. */
const lifetimeMinMs = 600_000;

/** Requests are removed so long after their decision, and one nobody has looked at after a day. @see kubernetes pkg/controller/certificates/cleaner */
const decidedLifeMs = hourMs;
const pendingLifeMs = 24 * hourMs;

/** Signs, fails or removes a request, or waits for the time to remove it. Pure. */
export function decideSigning(request: CertificateSigningRequest, nowMs: number): SigningDecision {
  const leftMs = removalOf(request) - nowMs;
  if (leftMs <= 0) return { kind: "remove" };
  const { status: { conditions = [], certificate }, spec } = request;
  const check = signers.get(spec.signerName);
  const isAsked = isConditionTrue(conditions, "Approved") && !isConditionTrue(conditions, "Denied") && !isConditionTrue(conditions, "Failed") && certificate === undefined;
  if (!isAsked || check === undefined) return { kind: "wait", afterMs: leftMs };
  const problem = check(factsOf(spec.request), new Set(spec.usages ?? []));
  if (problem !== undefined) return { kind: "fail", reason: "SignerValidationFailure", message: problem };
  return { kind: "sign", lifetimeMs: Math.min(lifetimeMaxMs, Math.max(lifetimeMinMs, spec.expirationSeconds === undefined ? lifetimeMaxMs : spec.expirationSeconds * 1_000)) };
}

/** When a request goes, milliseconds since 1970. */
function removalOf({ metadata, status: { conditions = [], certificate } }: CertificateSigningRequest): number {
  if (conditions.length === 0) return (parseTime(metadata.creationTimestamp) ?? Infinity) + pendingLifeMs;
  const decided = conditions.flatMap((condition) => (parseTime(condition.lastUpdateTime) ?? Infinity) + decidedLifeMs);
  const endMs = certificate === undefined ? undefined : readCertificateEndMs(pemOf(certificate));
  return Math.min(...decided, endMs ?? Infinity);
}

function factsOf(request: string): CertificateRequestFacts | undefined {
  return readOr(() => parseCertificateRequest(pemOf(request)), () => undefined);
}

function pemOf(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}

/** What a signer demands of a request; answers what is wrong. */
type SignerCheck = (facts: CertificateRequestFacts | undefined, usages: ReadonlySet<string>) => string | undefined;

/** The signers of a cluster, by name. @see kubernetes pkg/apis/certificates/helpers.go */
const signers: ReadonlyMap<string, SignerCheck> = new Map<string, SignerCheck>([
  ["kubernetes.io/kube-apiserver-client", (facts, usages) => unreadable(facts) ?? clientUsageProblem(usages)],
  ["kubernetes.io/kube-apiserver-client-kubelet", (facts, usages) => unreadable(facts) ?? kubeletClientProblem(facts, usages)],
  ["kubernetes.io/kubelet-serving", (facts, usages) => unreadable(facts) ?? kubeletServingProblem(facts, usages)],
]);

function unreadable(facts: CertificateRequestFacts | undefined): string | undefined {
  return facts === undefined ? "the request cannot be read" : undefined;
}

const optionalClientUsages: ReadonlySet<string> = new Set(["digital signature", "key encipherment", "client auth"]);

function clientUsageProblem(usages: ReadonlySet<string>): string | undefined {
  const other = [...usages].find((usage) => !optionalClientUsages.has(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.has("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function kubeletClientProblem(facts: CertificateRequestFacts | undefined, usages: ReadonlySet<string>): string | undefined {
  if (!isOfNodes(facts)) return "subject organization is not system:nodes";
  const forbidden = ([["DNS", facts?.dnsNames], ["Email", facts?.emails], ["IP", facts?.addresses], ["URI", facts?.uris]] as const).find(([, names = []]) => names.length > 0);
  if (forbidden !== undefined) return `${forbidden[0]} subjectAltNames are not allowed`;
  return nodeNameProblem(facts) ?? usagesProblem(usages, "client auth");
}

function kubeletServingProblem(facts: CertificateRequestFacts | undefined, usages: ReadonlySet<string>): string | undefined {
  if (!isOfNodes(facts)) return "subject organization is not system:nodes";
  if ((facts?.dnsNames ?? []).length === 0 && (facts?.addresses ?? []).length === 0) return "DNS or IP subjectAltName is required";
  if ((facts?.emails ?? []).length > 0) return "Email subjectAltNames are not allowed";
  if ((facts?.uris ?? []).length > 0) return "URI subjectAltNames are not allowed";
  return usagesProblem(usages, "server auth") ?? nodeNameProblem(facts);
}

function isOfNodes(facts: CertificateRequestFacts | undefined): boolean {
  return facts?.organizations.length === 1 && facts.organizations[0] === "system:nodes";
}

function nodeNameProblem(facts: CertificateRequestFacts | undefined): string | undefined {
  return facts?.commonName.startsWith("system:node:") === true ? undefined : "subject common name does not begin with system:node:";
}

/** Keys of other algorithms than RSA encipher nothing. */
function usagesProblem(usages: ReadonlySet<string>, purpose: string): string | undefined {
  const needed = ["digital signature", "key encipherment", purpose].toSorted();
  const isRight = usages.has("digital signature") && usages.has(purpose) && [...usages].every((usage) => needed.includes(usage));
  return isRight ? undefined : `usages did not match [${needed.join(" ")}]`;
}
