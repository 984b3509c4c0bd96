import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { makeCertificateRequest } from "../../../test/api/certificate-requests.ts";
import type { WantedRequest } from "../../../test/api/certificate-requests.ts";
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "../../model/generated/certificates-v1.ts";
import { decideSigning } from "./decide.ts";

const createdMs = Date.parse("2026-01-01T00:00:00Z");
const hourMs = 3_600_000;
const condition = (type: string, status = "True"): CertificateSigningRequestCondition => ({ type, status, reason: "Test", lastUpdateTime: "2026-01-01T00:00:00Z" });
const approved = [condition("Approved")];

interface Wish {
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
  readonly conditions?: readonly CertificateSigningRequestCondition[];
  readonly certificate?: string;
}

function wish(request: string, { signerName = "kubernetes.io/kube-apiserver-client", usages = ["client auth"], expirationSeconds, conditions, certificate }: Wish = {}): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { request: Buffer.from(request).toString("base64"), signerName, usages, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) },
    status: { ...(conditions === undefined ? {} : { conditions }), ...(certificate === undefined ? {} : { certificate }) },
  };
}

describe("a request for a certificate", () => {
  let joe = "";
  before(async () => { joe = (await makeCertificateRequest({ subject: "CN=joe" })).request; });

  test("is signed when it is approved, for as long as it asks within bounds", () => {
    const lives: readonly (readonly [number | undefined, number])[] = [[undefined, 365 * 24 * hourMs], [7_200, 2 * hourMs], [60, hourMs / 6], [1e9, 365 * 24 * hourMs]];
    for (const [expirationSeconds, lifetimeMs] of lives) {
      assert.deepEqual(decideSigning(wish(joe, { conditions: approved, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) }), createdMs), { kind: "sign", lifetimeMs });
    }
  });

  test("waits when it is not approved, is denied, failed or issued, or another signer's", () => {
    const certificate = Buffer.from("x").toString("base64");
    for (const [change, afterMs] of [
      [{}, 24 * hourMs], [{ conditions: [...approved, condition("Denied")] }, hourMs], [{ conditions: [...approved, condition("Failed")] }, hourMs],
      [{ conditions: [condition("Approved", "False")] }, hourMs], [{ conditions: approved, certificate }, hourMs], [{ conditions: approved, signerName: "example.com/s" }, hourMs],
    ] as const) assert.deepEqual(decideSigning(wish(joe, change), createdMs), { kind: "wait", afterMs });
  });

  test("is removed an hour after its decision, and a day after its creation without one", () => {
    for (const [change, lifeMs] of [[{}, 24 * hourMs], [{ conditions: [condition("Denied")] }, hourMs], [{ conditions: approved }, hourMs]] as const) {
      assert.deepEqual(decideSigning(wish(joe, change), createdMs + lifeMs), { kind: "remove" });
      assert.notEqual(decideSigning(wish(joe, change), createdMs + lifeMs - 1).kind, "remove");
    }
  });

  const nodes = "O=system:nodes,CN=system:node:a";
  const kubelet = { signerName: "kubernetes.io/kube-apiserver-client-kubelet", usages: ["digital signature", "client auth"] };
  const serving = { signerName: "kubernetes.io/kubelet-serving", usages: ["key encipherment", "digital signature", "server auth"] };
  const dns = [{ type: "dns", value: "a" }] as const;
  const rows: readonly (readonly [WantedRequest, Wish, string | undefined])[] = [
    [{ subject: "CN=joe" }, { usages: ["client auth", "key encipherment", "digital signature"] }, undefined],
    [{ subject: "CN=joe" }, { usages: ["client auth", "server auth"] }, "invalid usage for client certificate: server auth"],
    [{ subject: "CN=joe" }, { usages: ["digital signature"] }, "missing required usage for client certificate: client auth"],
    [{ subject: nodes }, kubelet, undefined],
    [{ subject: nodes }, { ...kubelet, usages: [...kubelet.usages, "key encipherment"] }, undefined],
    [{ subject: nodes }, { ...kubelet, usages: ["client auth"] }, "usages did not match [client auth digital signature key encipherment]"],
    [{ subject: "CN=system:node:a" }, kubelet, "subject organization is not system:nodes"],
    [{ subject: "O=system:nodes,O=b,CN=system:node:a" }, kubelet, "subject organization is not system:nodes"],
    [{ subject: "O=system:nodes,CN=a" }, kubelet, "subject common name does not begin with system:node:"],
    [{ subject: nodes, names: dns }, kubelet, "DNS subjectAltNames are not allowed"],
    [{ subject: nodes, names: [{ type: "email", value: "a@b.c" }] }, kubelet, "Email subjectAltNames are not allowed"],
    [{ subject: nodes, names: dns }, serving, undefined],
    [{ subject: nodes, names: [{ type: "ip", value: "10.0.0.1" }] }, serving, undefined],
    [{ subject: nodes }, serving, "DNS or IP subjectAltName is required"],
    [{ subject: nodes, names: [...dns, { type: "url", value: "spiffe://a" }] }, serving, "URI subjectAltNames are not allowed"],
    [{ subject: nodes, names: dns }, { ...serving, usages: ["client auth"] }, "usages did not match [digital signature key encipherment server auth]"],
    [{ subject: "O=system:nodes,CN=a", names: dns }, serving, "subject common name does not begin with system:node:"],
  ];
  for (const [wanted, change, problem] of rows) {
    test(`of ${wanted.subject} for ${(change.usages ?? []).join(", ")} from ${change.signerName ?? "the client signer"} is ${problem === undefined ? "signed" : `failed: ${problem}`}`, async () => {
      const { request } = await makeCertificateRequest(wanted);
      const decision = decideSigning(wish(request, { ...change, conditions: approved }), createdMs);
      assert.deepEqual(decision.kind === "fail" ? [decision.reason, decision.message] : [decision.kind], problem === undefined ? ["sign"] : ["SignerValidationFailure", problem]);
    });
  }
});
