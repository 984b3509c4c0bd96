import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { signWithCa } from "../../src/api/http/pki.ts";
import { informersUser } from "../../src/control/rules-of-controller.ts";
import { runControllers } from "../../src/control/runner.ts";
import { createCertificateSigningController } from "../../src/controllers/certificate-signing/controller.ts";
import { isApiError } from "../../src/model/api-error.ts";
import type { CertificateSigningRequest } from "../../src/model/generated/certificates-v1.ts";
import { CertificateSigningRequestKind } from "../../src/model/kinds/certificates.ts";
import type { JsonObject } from "../../src/value/json.ts";
import { openAsker } from "../api/asker.ts";
import { makeCertificateRequest } from "../api/certificate-requests.ts";
import type { WantedRequest } from "../api/certificate-requests.ts";
import { startLoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";
import { until } from "../e2e/until.ts";

const clientSigner = "kubernetes.io/kube-apiserver-client";
const hourMs = 3_600_000;

/** A wish by its name, before anybody has looked at it. */
function wish(name: string, request: string, spec: Partial<CertificateSigningRequest["spec"]> = {}): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name }, status: {},
    spec: { request: Buffer.from(request).toString("base64"), signerName: clientSigner, usages: ["client auth", "digital signature"], ...spec },
  };
}

const condition = (type: string) => ({ status: { conditions: [{ type, status: "True", reason: "Test", lastUpdateTime: new Date().toISOString() }] } });

describe("certificates that the cluster signs", () => {
  let edge: LoopbackEdge;
  const ending = new AbortController();
  let stopped: Promise<void>;
  before(async () => {
    edge = await startLoopbackEdge();
    const controller = createCertificateSigningController((request) => signWithCa({ directory: join(edge.directory, "pki"), world: edge.world }, request));
    // Its own rights are those of the bootstrap roles.
    const clientFor = (name: string) => edge.verbs.client({ name, groups: [name === informersUser ? "system:masters" : "system:authenticated"] });
    const run = runControllers({ controllers: [controller], clientFor, world: edge.world, served: edge.verbs.kinds, signal: ending.signal });
    stopped = run.stopped;
    await run.ready;
  });
  after(async () => { ending.abort(); await stopped; await edge.close(); });

  const statusOf = async (name: string) => (await edge.admin.get(CertificateSigningRequestKind, { namespace: "", name }))?.status;
  const approve = (name: string) => edge.admin.patch(CertificateSigningRequestKind, { namespace: "", name }, { type: "merge", body: condition("Approved") }, { subresource: "approval" });
  const signed = async (name: string, wanted: WantedRequest, spec: Partial<CertificateSigningRequest["spec"]> = {}) => {
    const { request, key } = await makeCertificateRequest(wanted);
    await edge.admin.create(CertificateSigningRequestKind, wish(name, request, spec));
    await approve(name);
    await until(async () => (await statusOf(name))?.certificate !== undefined, `${name} is signed`);
    return { cert: Buffer.from((await statusOf(name))?.certificate ?? "", "base64").toString(), key };
  };

  test("are those of their user, for the time that was asked for", async () => {
    const { cert, key } = await signed("joe", { subject: "CN=joe,O=devs" }, { expirationSeconds: 3_600 });
    const read = new X509Certificate(cert);
    assert.ok(read.verify(new X509Certificate(edge.pki.ca).publicKey));
    assert.deepEqual([read.ca, read.keyUsage], [false, ["1.3.6.1.5.5.7.3.2"]]);
    const leftMs = read.validToDate.getTime() - Date.now();
    assert.ok(leftMs > 0.9 * hourMs && leftMs <= hourMs, `${leftMs} ms`);
    const asker = openAsker({ server: edge.server, pki: { ...edge.pki, admin: { cert, key } } });
    const who = await asker.ask("/apis/authentication.k8s.io/v1/selfsubjectreviews", { method: "POST", headers: { "content-type": "application/json" }, body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' });
    const status = who.json()["status"] as unknown as { readonly userInfo: { readonly username: string; readonly groups: readonly string[] } };
    assert.deepEqual([status.userInfo.username, status.userInfo.groups], ["joe", ["devs", "system:authenticated"]]);
    assert.equal((await asker.ask("/api/v1/nodes")).code, 403);
    asker.close();
  });

  test("carry the names a server asked for, and keys of any kind", async () => {
    const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
    const names = [{ type: "dns", value: "a.example" }, { type: "ip", value: "10.0.0.7" }] as const;
    const usages = ["digital signature", "key encipherment", "server auth"];
    for (const [name, algorithm] of [["rsa", rsa], ["p384", { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" }]] as const) {
      const { cert } = await signed(name, { subject: "O=system:nodes,CN=system:node:a", names, algorithm }, { signerName: "kubernetes.io/kubelet-serving", usages });
      const read = new X509Certificate(cert);
      assert.deepEqual([read.subject, read.subjectAltName, read.keyUsage], ["O=system:nodes\nCN=system:node:a", "DNS:a.example, IP Address:10.0.0.7", ["1.3.6.1.5.5.7.3.1"]]);
      assert.ok(read.validToDate.getTime() > Date.now() + 300 * 24 * hourMs);
    }
  });

  test("are not given for what the signer does not take, which is told", async () => {
    const { request } = await makeCertificateRequest({ subject: "CN=joe" });
    await edge.admin.create(CertificateSigningRequestKind, wish("wrong", request, { usages: ["server auth"] }));
    await approve("wrong");
    await until(async () => (await statusOf("wrong"))?.conditions?.some(({ type }) => type === "Failed") === true, "the request has failed");
    const failed = (await statusOf("wrong"))?.conditions?.find(({ type }) => type === "Failed");
    assert.deepEqual([failed?.reason, failed?.message, (await statusOf("wrong"))?.certificate], ["SignerValidationFailure", "invalid usage for client certificate: server auth", undefined]);
  });

  test("are asked for by anybody with the right, but not as a master, and decided by who may approve and sign for the signer", async () => {
    const master = await makeCertificateRequest({ subject: "CN=joe,O=system:masters" });
    await assert.rejects(edge.admin.create(CertificateSigningRequestKind, wish("master", master.request)), { code: 403, message: 'certificatesigningrequests.certificates.k8s.io "master" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed' });
    const { request } = await makeCertificateRequest({ subject: "CN=joe" });
    await edge.admin.create(CertificateSigningRequestKind, wish("undecided", request));
    const user = { name: "system:serviceaccount:kube-system:certificate-controller", groups: ["system:authenticated"] };
    const ref = { namespace: "", name: "undecided" };
    const update = async (subresource: "approval" | "status", type: string) => {
      const old = await edge.admin.get(CertificateSigningRequestKind, ref);
      await edge.verbs.update({ user }, CertificateSigningRequestKind, ref, { ...old as unknown as JsonObject, ...condition(type) }, { subresource });
    };
    await assert.rejects(update("approval", "Approved"), (error) => isApiError(error, "Forbidden") && error.message.endsWith('user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"'));
    await update("status", "Failed");
    assert.deepEqual((await statusOf("undecided"))?.conditions?.map(({ type }) => type), ["Failed"]);
    await edge.admin.create(CertificateSigningRequestKind, wish("foreign", request, { signerName: "example.com/s" }));
    const foreign = await edge.admin.get(CertificateSigningRequestKind, { namespace: "", name: "foreign" });
    const fail = edge.verbs.update({ user }, CertificateSigningRequestKind, { namespace: "", name: "foreign" }, { ...foreign as unknown as JsonObject, ...condition("Failed") }, { subresource: "status" });
    await assert.rejects(fail, (error) => isApiError(error, "Forbidden") && error.message.endsWith('user not permitted to sign requests with signerName "example.com/s"'));
  });
});
