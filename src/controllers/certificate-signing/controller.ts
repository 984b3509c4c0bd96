import type { RequestToSign } from "../../api/http/certificates.ts";
import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import type { CertificateSigningRequest } from "../../model/generated/certificates-v1.ts";
import { CertificateSigningRequestKind } from "../../model/kinds/certificates.ts";
import { refOf } from "../../model/object.ts";
import { printTime } from "../../world/clock.ts";
import { decideSigning } from "./decide.ts";

/** Has the cluster's CA sign a request; resolves to the certificate, PEM. */
export type SignRequest = (request: RequestToSign) => Promise<string>;

/** Signs approved requests of the cluster's own signers, and removes those that are over. @see kubernetes pkg/controller/certificates/{signer,cleaner} */
export function createCertificateSigningController(sign: SignRequest): Controller<CertificateSigningRequest> {
  return {
    name: "certificate-controller",
    user: "system:serviceaccount:kube-system:certificate-controller",
    kind: CertificateSigningRequestKind,
    reads: [CertificateSigningRequestKind],
    writes: [{ kind: CertificateSigningRequestKind, part: "existence" }, { kind: CertificateSigningRequestKind, part: "status" }],
    rights: [{ apiGroups: [CertificateSigningRequestKind.group], resources: ["signers"], resourceNames: ["kubernetes.io/*"], verbs: ["sign"] }],
    async reconcile(_ref, request, { writer, world }) {
      if (request === undefined || request.metadata.deletionTimestamp !== undefined) return { kind: "done" };
      const nowMs = world.clock.nowMs();
      const decision = decideSigning(request, nowMs);
      switch (decision.kind) {
        case "wait": return { kind: "wait", afterMs: decision.afterMs, reason: "to be removed" };
        case "sign": {
          const certificate = await sign({ request: Buffer.from(request.spec.request, "base64").toString("latin1"), usages: request.spec.usages ?? [], lifetimeMs: decision.lifetimeMs });
          await writer.updateStatus(CertificateSigningRequestKind, { ...request, status: { ...request.status, certificate: Buffer.from(certificate).toString("base64") } });
          return { kind: "done" };
        }
        case "fail": {
          const time = printTime(nowMs);
          const failed = { type: "Failed", status: "True", reason: decision.reason, message: decision.message, lastUpdateTime: time, lastTransitionTime: time };
          await writer.updateStatus(CertificateSigningRequestKind, { ...request, status: { ...request.status, conditions: [...request.status.conditions ?? [], failed] } });
          return { kind: "done" };
        }
        case "remove": break;
      }
      try {
        await writer.remove(CertificateSigningRequestKind, refOf(request), { preconditions: { uid: request.metadata.uid ?? "" } });
      } catch (error) {
        if (!isApiError(error, "NotFound")) throw error;
      }
      return { kind: "done" };
    },
  };
}
