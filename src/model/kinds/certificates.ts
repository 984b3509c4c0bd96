import { printAge } from "../../value/duration.ts";
import { isConditionTrue } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { CertificateSigningRequest, ClusterTrustBundle, PodCertificateRequest } from "../generated/certificates-v1.ts";
import { checkPresent, invalid, required } from "../checks.ts";
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
  validate: checkRequest,
  immutable: ["spec"],
});

/** ClusterTrustBundle, `certificates.k8s.io/v1`. */
export const ClusterTrustBundleKind = kindOf<ClusterTrustBundle>({
  apiVersion, kind: "ClusterTrustBundle", plural: "clustertrustbundles", namespaced: false,
  columns: [nameColumn, textColumn("SignerName", ({ spec }) => signerOf(spec))],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
  checkName: (name) => (name.length <= 253 && /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/.test(name) ? [] : ["must be a name, or the signer's name with ':' for '/', then ':' and a name"]),
  validate: ({ spec }) => (spec.trustBundle.includes("-----BEGIN CERTIFICATE-----") ? [] : [invalid("spec.trustBundle", "<value omitted>", "at least one trust anchor must be provided")]),
  immutable: ["spec.signerName"],
});

/** PodCertificateRequest, `certificates.k8s.io/v1`. */
export const PodCertificateRequestKind = kindOf<PodCertificateRequest>({
  apiVersion, kind: "PodCertificateRequest", plural: "podcertificaterequests", namespaced: true, hasStatus: true,
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

function checkRequest({ spec }: CertificateSigningRequest): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!Buffer.from(spec.request, "base64").toString("latin1").includes("-----BEGIN CERTIFICATE REQUEST-----")) {
    errors.push(invalid("spec.request", spec.request, "PEM block type must be CERTIFICATE REQUEST"));
  }
  if ((spec.usages ?? []).length === 0) errors.push(required("spec.usages"));
  if (!/^[^/]+\.[^/]+\/[^/]+$/.test(spec.signerName)) errors.push(invalid("spec.signerName", spec.signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < expirationSecondsMin) {
    errors.push(invalid("spec.expirationSeconds", spec.expirationSeconds, `may not specify a duration less than ${expirationSecondsMin} seconds (10 minutes)`));
  }
  return errors;
}
