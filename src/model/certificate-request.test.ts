import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { makeCertificateRequest } from "../../test/api/certificate-requests.ts";
import { readDer } from "../value/der.ts";
import { isValueError } from "../value/value-error.ts";
import { certificateRequestProblem, parseCertificateRequest, readCertificateEndMs } from "./certificate-request.ts";

const all = { subject: "CN=joe,O=devs,O=ops", names: [{ type: "dns", value: "a.example" }, { type: "ip", value: "10.0.0.7" }, { type: "email", value: "joe@a.example" }, { type: "url", value: "spiffe://a/b" }] } as const;

test("a request is read: who asks, and for which names", async () => {
  const { request } = await makeCertificateRequest(all);
  const { organizations, ...facts } = parseCertificateRequest(request);
  assert.deepEqual(facts, { commonName: "joe", dnsNames: ["a.example"], addresses: ["10.0.0.7"], emails: ["joe@a.example"], uris: ["spiffe://a/b"] });
  assert.deepEqual(organizations.toSorted(), ["devs", "ops"]);
  assert.deepEqual(parseCertificateRequest((await makeCertificateRequest({ subject: "O=Bücher" })).request), { commonName: "", organizations: ["Bücher"], dnsNames: [], addresses: [], emails: [], uris: [] });
});

test("the signature has to be that of the request's key, whatever kind of key it is", async () => {
  const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-512" };
  for (const algorithm of [{ name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }, { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" }, rsa]) {
    const { request } = await makeCertificateRequest({ ...all, algorithm });
    assert.equal(certificateRequestProblem(request), undefined);
    const [begin = "", ...lines] = request.trim().split("\n");
    const bytes = Buffer.from(lines.slice(0, -1).join(""), "base64");
    const at = bytes.indexOf("joe");
    bytes[at] = "J".charCodeAt(0);
    const forged = `${begin}\n${bytes.toString("base64")}\n${lines.at(-1)}\n`;
    assert.equal(parseCertificateRequest(forged).commonName, "Joe");
    assert.equal(certificateRequestProblem(forged), "x509: the signature of the request is not that of its key");
  }
});

test("what is no request is told, and breaks nothing", async () => {
  assert.equal(certificateRequestProblem("none"), "PEM block type must be CERTIFICATE REQUEST");
  const { request } = await makeCertificateRequest(all);
  const der = Buffer.from(request.split("\n").slice(1, -2).join(""), "base64");
  fc.assert(fc.property(fc.nat(der.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
    const changed = isCut ? der.subarray(0, at) : Buffer.concat([der.subarray(0, at), Buffer.from([byte]), der.subarray(at + 1)]);
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    assert.ok(["string", "undefined"].includes(typeof certificateRequestProblem(pem)));
    try {
      readDer(changed);
    } catch (error) {
      assert.ok(isValueError(error, "syntax"));
    }
  }), { numRuns: 300 });
  assert.equal(readCertificateEndMs(request), undefined);
  for (const text of ["MAA=", "A=", "====", "MIIB", ""]) {
    assert.equal(readCertificateEndMs(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`), undefined);
    assert.notEqual(certificateRequestProblem(`-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----`), undefined);
  }
});
