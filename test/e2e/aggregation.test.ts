import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createAuthority, issueCertificate } from "../../src/api/http/certificates.ts";
import { realChance } from "../../src/world/real/chance.ts";
import { realClock } from "../../src/world/real/clock.ts";
import { findKubectl } from "../conformance/kubectl/kubectl.ts";
import { useProgram } from "../conformance/program.ts";
import type { Program } from "../conformance/program.ts";
import { root } from "../tidy/sources.ts";
import { TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

const path = findKubectl();
const port = 8443;

/** A pod that answers for an API, believes whom the cluster says it may, and is found by its Service. */
async function manifests(): Promise<string> {
  const world = { clock: realClock, chance: realChance };
  const authority = await createAuthority(world);
  const { key, cert } = await issueCertificate(authority, { commonName: "zoo", hosts: ["zoo.kube-system.svc"], usage: "server", lifetimeMs: 3_600_000 }, world);
  const metadata = { name: "zoo", namespace: "kube-system", labels: { app: "zoo" } };
  const items = [
    { apiVersion: "v1", kind: "Secret", metadata, stringData: { key, cert } },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: "zoo" }, ports: [{ port: 443, targetPort: port }] } },
    { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{
      name: "zoo", image: "none", command: ["node", join(root, "test", "e2e", "extension-pod.ts")], readinessProbe: { tcpSocket: { port } },
      env: [
        { name: "PORT", value: String(port) },
        { name: "TLS_KEY", valueFrom: { secretKeyRef: { name: "zoo", key: "key" } } }, { name: "TLS_CERT", valueFrom: { secretKeyRef: { name: "zoo", key: "cert" } } },
        { name: "REQUEST_HEADER_CA", valueFrom: { configMapKeyRef: { name: "extension-apiserver-authentication", key: "requestheader-client-ca-file" } } },
      ],
    }] } },
    { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.zoo.example.com" }, spec: {
      group: "zoo.example.com", version: "v1", groupPriorityMinimum: 1_000, versionPriority: 10, caBundle: Buffer.from(authority.cert).toString("base64"), service: { namespace: "kube-system", name: "zoo" },
    } },
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

describe("an API that a pod answers for", { skip: path === undefined ? "no kubectl on this machine" : false }, () => {
  let daemon: TestDaemon;
  let kubectl: Program;
  const available = () => kubectl.ok(["wait", "--for=condition=Available", "apiservice/v1.zoo.example.com", "--timeout=30s"]);
  const animals = async () => (await kubectl.run(["get", "animals", "-o", "name"])).stdout;
  before(async () => {
    daemon = await TestDaemon.start(["--no-demo", "--redis", "none", "--runtime", "process"]);
    kubectl = useProgram(path ?? "kubectl", daemon.home, { kubeconfig: daemon.kubeconfig });
  });
  after(async () => { await daemon.close(); });

  test("is there when its pod is, outlives the daemon, and is said to be gone when its pod has gone", async () => {
    await kubectl.ok(["apply", "-f", "-"], await manifests());
    await available();
    await until(async () => (await kubectl.run(["create", "-f", "-"], JSON.stringify({ apiVersion: "zoo.example.com/v1", kind: "Animal", metadata: { name: "cat" } }))).code === 0, "an animal is made");
    assert.equal(await animals(), "animal.zoo.example.com/cat\n");
    await daemon.kill();
    await daemon.start();
    await until(async () => await animals() === "animal.zoo.example.com/cat\n", "it is found again");
    await kubectl.ok(["delete", "pod", "zoo", "-n", "kube-system"]);
    await until(async () => (await kubectl.ok(["get", "apiservice", "v1.zoo.example.com", "-o", "jsonpath={.status.conditions[0].reason}"])) === "MissingEndpoints", "its pod is missed");
    assert.match((await kubectl.run(["get", "--raw", "/apis/zoo.example.com/v1/animals"])).stderr, /the server is currently unable to handle the request/);
  });
});
