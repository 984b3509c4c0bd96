import type { CertificateSigningRequest } from "../../model/generated/certificates-v1.ts";
import { parseCertificateRequest } from "../../model/certificate-request.ts";
import { CertificateSigningRequestKind } from "../../model/kinds/certificates.ts";
import type { ApiObject } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { printTime } from "../../world/clock.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { mastersGroup } from "../authorizer.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";

/** The signer whose certificates the API takes for any user. */
const clientSigner = "kubernetes.io/kube-apiserver-client";

/** Every condition of a request says when it came and when it was last written. @see kubernetes pkg/registry/certificates/certificates/strategy.go populateConditionTimestamps */
export const certificateConditions: Admission = {
  name: "CertificateConditions",
  handles: ({ kind, operation, subresource }) => kind === CertificateSigningRequestKind && operation === "update" && (subresource === "approval" || subresource === "status"),
  admit(object, { old, staging }) {
    const status = statusOf(object);
    if (status?.conditions === undefined) return object;
    const before = statusOf(old)?.conditions ?? [];
    const now = printTime(staging.facts.nowMs);
    const conditions = status.conditions.map((condition) => {
      const known = before.find(({ type }) => type === condition.type);
      const lastTransitionTime = condition.lastTransitionTime ?? (known?.status === condition.status ? known.lastTransitionTime : undefined) ?? now;
      return { ...condition, lastUpdateTime: condition.lastUpdateTime ?? now, lastTransitionTime };
    });
    return { ...object, status: { ...status, conditions } };
  },
};

/** Who approves or denies a request may `approve` for its signer. @see kubernetes plugin/pkg/admission/certificates/approval */
export const certificateApproval: Admission = {
  name: "CertificateApproval",
  handles: ({ kind, operation, subresource }) => kind === CertificateSigningRequestKind && operation === "update" && subresource === "approval",
  validate(object, request) {
    demandSigner(object, request, "approve");
  },
};

/** Who puts a certificate or a condition into a request may `sign` for its signer. @see kubernetes plugin/pkg/admission/certificates/signing */
export const certificateSigning: Admission = {
  name: "CertificateSigning",
  handles: ({ kind, operation, subresource }) => kind === CertificateSigningRequestKind && operation === "update" && subresource === "status",
  validate(object, request) {
    const [before, after] = [statusOf(request.old), statusOf(object)];
    if (before?.certificate !== after?.certificate || !isEqual(before?.conditions ?? [], after?.conditions ?? [])) demandSigner(object, request, "sign");
  },
};

/** Nobody becomes a master by a certificate. @see kubernetes plugin/pkg/admission/certificates/subjectrestriction */
export const certificateSubject: Admission = {
  name: "CertificateSubjectRestriction",
  handles: ({ kind, operation, subresource }) => kind === CertificateSigningRequestKind && operation === "create" && subresource === undefined,
  validate(object, { kind, ref }) {
    if (!isOfKind<CertificateSigningRequest>(CertificateSigningRequestKind, object) || object.spec.signerName !== clientSigner) return;
    const { organizations } = parseCertificateRequest(Buffer.from(object.spec.request, "base64").toString("latin1"));
    if (organizations.includes(mastersGroup)) throw forbidden(kind, ref.name, `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`);
  },
};

function statusOf(object: ApiObject | undefined): CertificateSigningRequest["status"] | undefined {
  return object !== undefined && isOfKind<CertificateSigningRequest>(CertificateSigningRequestKind, object) ? object.status : undefined;
}

/** The right is one to the signer's name, or to all names of its domain. */
function demandSigner(object: ApiObject, { kind, ref, user, authorizer }: AdmissionRequest, verb: "approve" | "sign"): void {
  if (!isOfKind<CertificateSigningRequest>(CertificateSigningRequestKind, object)) return;
  const { signerName } = object.spec;
  const names = [signerName, `${signerName.split("/")[0] ?? ""}/*`];
  if (names.some((name) => authorizer.isAllowed(user, { verb, group: kind.group, resource: "signers", name }))) return;
  throw forbidden(kind, ref.name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}
