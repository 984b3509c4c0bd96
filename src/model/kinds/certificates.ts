import { printAge } from "../../value/duration.ts";
import { certificateRequestProblem, readCertificateEndMs } from "../certificate-request.ts";
import { isConditionTrue } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { CertificateSigningRequest, ClusterTrustBundle, PodCertificateRequest } from "../generated/certificates-v1.ts";
import { checkPresent, duplicate, invalid, required } from "../checks.ts";
import { ageColumn, labelsText, nameColumn, textColumn } from "../columns.ts";
import { requestParts } from "./_certificate-approval.ts";
import { kindOf } from "./_kind-of.ts";

const apiVersion = "certificates.k8s.io/v1";

/** Upstream's shortest life of a certificate: ten minutes. */
const expirationSecondsMin = 600;

/** CertificateSigningRequest, `certificates.k8s.io/v1`. */
export const CertificateSigningRequestKind = kindOf<CertificateSigningRequest>({
  apiVersion, kind: "CertificateSigningRequest", plural: "certificatesigningrequests", namespaced: false, shortNames: ["csr"], hasStatus: true,
  columns: [
    nameColumn,
    ageColumn,
    textColumn("SignerName", ({ spec }) => signerOf(spec)),
    textColumn("Requestor", ({ spec }) => spec.username),
    textColumn("RequestedDuration", ({ spec }) => (spec.expirationSeconds === undefined ? "<none>" : printAge(spec.expirationSeconds * 1000))),
    textColumn("Condition", printCondition),
  ],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  subresources: requestParts,
  // What was asked for stays as it was, whatever is sent.
  prepare: (request, old) => (old === undefined ? request : { ...request, spec: old.spec }),
  validate: checkRequest,
  validateStatus: ({ status }, old) => checkIssued(status, old.status),
});

/** ClusterTrustBundle, `certificates.k8s.io/v1`. */
export const ClusterTrustBundleKind = kindOf<ClusterTrustBundle>({
  apiVersion, kind: "ClusterTrustBundle", plural: "clustertrustbundles", namespaced: false, needsRevision: true,
  columns: [nameColumn, textColumn("SignerName", ({ spec }) => signerOf(spec))],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
  checkName: (name) => (name.length <= 253 && /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/.test(name) ? [] : ["must be a name, or the signer's name with ':' for '/', then ':' and a name"]),
  validate: ({ spec }) => (spec.trustBundle.includes("-----BEGIN CERTIFICATE-----") ? [] : [invalid("spec.trustBundle", "<value omitted>", "at least one trust anchor must be provided")]),
  immutable: ["spec.signerName"],
});

/** PodCertificateRequest, `certificates.k8s.io/v1`. */
export const PodCertificateRequestKind = kindOf<PodCertificateRequest>({
  apiVersion, kind: "PodCertificateRequest", plural: "podcertificaterequests", namespaced: true, needsRevision: true, hasStatus: true,
  columns: [
    nameColumn,
    textColumn("PodName", ({ spec }) => spec.podName),
    textColumn("ServiceAccountName", ({ spec }) => spec.serviceAccountName),
    textColumn("NodeName", ({ spec }) => spec.nodeName),
    textColumn("SignerName", ({ spec }) => spec.signerName),
    textColumn("State", ({ status }) => (status.conditions ?? []).findLast(({ type }) => ["Issued", "Denied", "Failed"].includes(type))?.type ?? "Pending"),
    textColumn("UnverifiedUserAnnotations", ({ spec }) => labelsText(spec.unverifiedUserAnnotations)),
  ],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName, "spec.podName": ({ spec }) => spec.podName, "spec.nodeName": ({ spec }) => spec.nodeName },
  validate: ({ spec }) => (["signerName", "podName", "podUID", "serviceAccountName", "serviceAccountUID", "nodeName", "nodeUID"] as const).flatMap((field) => checkPresent(`spec.${field}`, spec[field])),
  immutable: ["spec"],
});

function signerOf({ signerName = "" }: { readonly signerName?: string }): string {
  return signerName === "" ? "<none>" : signerName;
}

function printCondition({ status: { conditions = [], certificate = "" } }: CertificateSigningRequest): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const word = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return `${word}${isConditionTrue(conditions, "Failed") ? ",Failed" : ""}${certificate === "" ? "" : ",Issued"}`;
}

/** @see kubernetes pkg/apis/certificates/validation */
function checkRequest({ spec, status }: CertificateSigningRequest, old?: CertificateSigningRequest): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { request, signerName } = saidOf(spec);
  // What was taken once is not looked at again: its check costs most of the request's time.
  const problem = old === undefined ? certificateRequestProblem(Buffer.from(request, "base64").toString("latin1")) : undefined;
  if (problem !== undefined) errors.push(invalid("spec.request", request, problem));
  const { usages = [] } = spec;
  if (usages.length === 0) errors.push(required("spec.usages"));
  usages.forEach((usage, index) => {
    if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  });
  if (!/^[^/]+\.[^/]+\/[^/]+$/.test(signerName)) errors.push(invalid("spec.signerName", signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
  if (signerName === "kubernetes.io/legacy-unknown") errors.push(invalid("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"));
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < expirationSecondsMin) {
    errors.push(invalid("spec.expirationSeconds", spec.expirationSeconds, `may not specify a duration less than ${expirationSecondsMin} seconds (10 minutes)`));
  }
  return [...errors, ...checkIssued(status, old?.status)];
}

/** What clients must say and may have left out, which nothing before demands in these words. */
function saidOf(spec: Partial<CertificateSigningRequest["spec"]>): { readonly request: string; readonly signerName: string } {
  return { request: spec.request ?? "", signerName: spec.signerName ?? "" };
}

/** A certificate is one, and stays the one it is. */
function checkIssued({ certificate }: CertificateSigningRequest["status"], old: CertificateSigningRequest["status"] | undefined): readonly FieldError[] {
  if (certificate === old?.certificate) return [];
  if (certificate === undefined || old?.certificate !== undefined) return [{ type: "Forbidden", path: "status.certificate", detail: "updates may not modify existing certificate content" }];
  const isCertificate = readCertificateEndMs(Buffer.from(certificate, "base64").toString("latin1")) !== undefined;
  return isCertificate ? [] : [invalid("status.certificate", "<certificate data>", "must contain at least one CERTIFICATE PEM block")];
}
