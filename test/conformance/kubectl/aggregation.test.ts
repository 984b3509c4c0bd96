import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CertificateMaker } from "../../../src/api/http/certificate-maker.ts";
import type { KeyPair } from "../../../src/api/http/certificates.ts";
import { runControllers } from "../../../src/control/runner.ts";
import { createApiAvailabilityController } from "../../../src/controllers/api-availability/controller.ts";
import { createApiRegistrationController } from "../../../src/controllers/api-registration/controller.ts";
import { customResourceDefinitionController } from "../../../src/controllers/custom-resource-definition/controller.ts";
import { namespaceController } from "../../../src/controllers/namespace/controller.ts";
import { hasOwnObjects } from "../../../src/model/kind.ts";
import { kinds } from "../../../src/model/kinds.ts";
import { openAsker } from "../../api/asker.ts";
import type { Asker } from "../../api/asker.ts";
import { serveExtension, zoo } from "../../api/extension-server.ts";
import type { ExtensionServer } from "../../api/extension-server.ts";
import { connectHere } from "../../api/listening.ts";
import { nodeThat } from "../../api/node.ts";
import { until } from "../../e2e/until.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { findKubectl } from "./kubectl.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";

const path = findKubectl();

/** A Service whose pod answers on this port, and the APIService that leads to it. */
function manifest(port: number, ca: string): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: zoo, namespace: default}
spec: {ports: [{name: https, port: 443, targetPort: ${port}}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: zoo-1, namespace: default, labels: {kubernetes.io/service-name: zoo}}
addressType: IPv4
ports: [{name: https, port: ${port}}]
endpoints: [{addresses: [10.0.0.9], nodeName: n1, targetRef: {kind: Pod, namespace: default, name: keeper, uid: u}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.zoo.example.com}
spec:
  group: zoo.example.com
  version: v1
  groupPriorityMinimum: 1500
  versionPriority: 15
  caBundle: ${Buffer.from(ca).toString("base64")}
  service: {namespace: default, name: zoo}
`;
}

const animal = (name: string, legs = 4) => JSON.stringify({ apiVersion: "zoo.example.com/v1", kind: "Animal", metadata: { name }, legs });

describe("kubectl with an API of another server", { skip: path === undefined ? "no kubectl on this machine" : false }, () => {
  let edge: LoopbackEdge;
  let kubectl: Program;
  let asker: Asker;
  let server: ExtensionServer;
  let authority: KeyPair;
  const ending = new AbortController();
  let stopped: Promise<void>;
  const condition = () => kubectl.ok(["get", "apiservice", "v1.zoo.example.com", "-o", "jsonpath={.status.conditions[0].status} {.status.conditions[0].reason} {.status.conditions[0].message}"]);
  const shown = async () => (await kubectl.ok(["get", "apiservice", "v1.zoo.example.com", "--no-headers"])).replaceAll(/ +/g, " ").split(" ").slice(0, -1).join(" ");
  before(async () => {
    edge = await startLoopbackEdge({ of: () => nodeThat({ connect: (_pod, port) => connectHere(port) }) });
    const run = runControllers({
      controllers: [customResourceDefinitionController(kinds), createApiRegistrationController(kinds), namespaceController(kinds.filter(hasOwnObjects), (name) => edge.aggregation.emptyNamespace(name)),
        createApiAvailabilityController({ kinds, probe: (service) => edge.aggregation.probe(service), isReady: () => true })],
      clientFor: () => edge.admin, world: edge.world, served: edge.verbs.kinds, signal: ending.signal,
    });
    stopped = run.stopped;
    kubectl = useProgram(path ?? "kubectl", edge.directory);
    asker = openAsker(edge);
    const maker = new CertificateMaker(edge.world);
    authority = await maker.authority();
    server = await serveExtension({ requestHeaderCa: edge.pki.frontProxy.ca, pair: await maker.issue(authority, { commonName: "zoo", hosts: ["zoo.default.svc"], usage: "server", lifetimeMs: 3_600_000 }) });
    await maker.close();
    await kubectl.ok(["apply", "-f", "-"], manifest(server.port, authority.cert));
    await kubectl.ok(["wait", "--for=condition=Available", "apiservice/v1.zoo.example.com", "--timeout=20s"]);
    await until(async () => (await kubectl.ok(["api-resources", "--api-group=zoo.example.com", "--no-headers"])) !== "", "discovery tells of it");
  });
  after(async () => { ending.abort(); await stopped; asker.close(); server.close(); await edge.close(); });

  test("every group and version served here has an APIService that is local and available", async () => {
    const lines = (await kubectl.ok(["get", "apiservices", "--no-headers"])).trimEnd().split("\n").map((line) => line.split(/ +/).slice(0, 3).join(" "));
    for (const name of ["v1.", "v1.apps", "v2.autoscaling", "v1.capstan.dev"]) assert.ok(lines.includes(`${name} Local True`), name);
    assert.equal(await shown(), "v1.zoo.example.com default/zoo True");
    assert.equal(await condition(), "True Passed all checks passed");
  });

  test("it is found, made, read, watched, explained and removed like any other", async () => {
    assert.match(await kubectl.ok(["api-resources", "--api-group=zoo.example.com"]), /animals +an +zoo\.example\.com\/v1 +true +Animal/);
    assert.ok((await kubectl.ok(["api-versions"])).includes("zoo.example.com/v1\n"));
    const watched = kubectl.until(["get", "animals", "--watch", "-o", "name"], (lines) => lines.includes("animal.zoo.example.com/later"));
    await until(async () => server.asked.some((line) => line.includes("watch=true")), "the watch is open");
    assert.equal(await kubectl.ok(["create", "-f", "-"], animal("cat")), "animal.zoo.example.com/cat created\n");
    assert.equal(await kubectl.ok(["create", "-f", "-"], animal("later")), "animal.zoo.example.com/later created\n");
    await watched;
    assert.equal(await kubectl.ok(["get", "an", "cat", "-o", "jsonpath={.legs}"]), "4");
    assert.equal(await kubectl.ok(["get", "animals", "-A", "-o", "name"]), "animal.zoo.example.com/cat\nanimal.zoo.example.com/later\n");
    assert.match(await kubectl.ok(["explain", "animal.legs"]), /FIELD: legs <integer>[\s\S]*How many it stands on\./);
    assert.equal(await kubectl.ok(["delete", "animal", "cat", "later"]), 'animal.zoo.example.com "cat" deleted\nanimal.zoo.example.com "later" deleted\n');
    assert.match((await kubectl.run(["get", "animal", "cat"])).stderr, /animals\.zoo\.example\.com "cat" not found/);
  });

  test("nobody without a right is let through, and whoever has one is known there by name, groups and nothing of their own telling", async () => {
    const before = server.asked.length;
    const denied = await kubectl.run(["get", "animals", "--as=jane"]);
    assert.match(denied.stderr, /animals\.zoo\.example\.com is forbidden: User "jane" cannot list resource "animals" in API group "zoo\.example\.com" in the namespace "default"/);
    assert.deepEqual(server.asked.slice(before).filter((line) => line.includes("animals")), []);
    await kubectl.ok(["create", "-f", "-"], JSON.stringify({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "zoo" }, rules: [{ apiGroups: [zoo.group], resources: ["animals", "whoami"], verbs: ["get", "list"] }] }));
    await kubectl.ok(["create", "clusterrolebinding", "zoo", "--clusterrole=zoo", "--user=jane", "--user=Jürgen"]);
    assert.equal(await kubectl.ok(["auth", "can-i", "list", "animals.zoo.example.com", "--as=jane"]), "yes\n");
    assert.equal((await kubectl.run(["get", "animals", "--as=jane"])).code, 0);
    assert.equal((await kubectl.run(["create", "-f", "-", "--as=jane"], animal("cat"))).code, 1);
    const headers = { "impersonate-user": "jane", "impersonate-group": "keepers", "impersonate-extra-acme.com%2ffloor": "3", "x-remote-user": "admin", "x-remote-group": "system:masters", "x-remote-extra-scopes": "all", "x-forwarded-for": "192.0.2.1" };
    assert.deepEqual((await asker.ask(`${zoo.path}/whoami`, { headers })).json(), {
      host: "zoo.default.svc", "x-forwarded-for": "192.0.2.1, 127.0.0.1", "x-remote-user": "jane", "x-remote-group": "keepers, system:authenticated", "x-remote-extra-acme.com%2ffloor": "3",
    });
    const umlaut = await asker.ask(`${zoo.path}/whoami`, { headers: { "impersonate-user": Buffer.from("Jürgen").toString("latin1") } });
    assert.equal(umlaut.code, 200, umlaut.text);
  });

  test("a namespace goes with what it has there", async () => {
    await kubectl.ok(["create", "namespace", "aviary"]);
    await kubectl.ok(["create", "-n", "aviary", "-f", "-"], animal("owl", 2));
    await kubectl.ok(["delete", "namespace", "aviary", "--timeout=20s"]);
    assert.equal(await kubectl.ok(["get", "animals", "-A", "-o", "name"]), "");
  });

  test("bodies and answers pass as they come, up to a bound", async () => {
    const large = "x".repeat(4 * 1024 * 1024);
    const passed = await asker.ask(`${zoo.path}/echo`, { method: "POST", body: large });
    assert.deepEqual([passed.code, passed.text.length], [200, large.length]);
    assert.equal((await asker.ask(`${zoo.path}/echo`, { method: "POST", headers: { "content-length": String(40 * 1024 * 1024) }, body: "" }).catch(() => ({ code: 413 }))).code, 413);
  });

  test("a group of ours is nobody else's, and an APIService of ours is set right again", async () => {
    await kubectl.ok(["patch", "apiservice", "v1.apps", "--type=merge", "-p", '{"spec":{"service":{"namespace":"default","name":"zoo"}}}']);
    assert.equal((await kubectl.run(["get", "deployments"])).code, 0);
    await until(async () => (await kubectl.ok(["get", "apiservice", "v1.apps", "-o", "jsonpath={.spec.service}{.status.conditions[0].reason}"])) === "Local", "it is local again");
    await kubectl.ok(["delete", "apiservice", "v1.batch"]);
    await until(async () => (await kubectl.run(["get", "apiservice", "v1.batch"])).code === 0, "it is back");
  });

  test("a definition has an APIService as long as it is served, and wins over one that leads elsewhere", async () => {
    const definition = (group: string) => JSON.stringify({
      apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `trees.${group}` },
      spec: { group, scope: "Namespaced", names: { plural: "trees", kind: "Tree" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }] },
    });
    await kubectl.ok(["create", "-f", "-"], definition("park.example.com"));
    await until(async () => (await kubectl.run(["get", "apiservice", "v1.park.example.com"])).stdout.includes("Local"), "it is registered");
    await kubectl.ok(["delete", "crd", "trees.park.example.com"]);
    await until(async () => (await kubectl.run(["get", "apiservice", "v1.park.example.com"])).code === 1, "it is registered no more");
    await kubectl.ok(["create", "-f", "-"], definition(zoo.group));
    await until(async () => (await condition()).startsWith("False ServedLocally zoo.example.com/v1 is served by this API server itself"), "it is ours");
    assert.equal((await kubectl.run(["get", "trees"])).code, 0);
    await kubectl.ok(["delete", "crd", `trees.${zoo.group}`]);
    await until(async () => (await condition()).startsWith("True Passed"), "it is the server's again");
  });

  test("a server that breaks is said to be gone, its discovery stale, and everything else works as before; it comes back", async () => {
    server.broken = { code: 500 };
    await kubectl.ok(["annotate", "apiservice", "v1.zoo.example.com", "look=now"]);
    await until(async () => (await shown()) === "v1.zoo.example.com default/zoo False (FailedDiscoveryCheck)", "it is said to be gone");
    assert.match(await condition(), /bad status from https:\/\/zoo\.default\.svc:443\/apis\/zoo\.example\.com\/v1: 500$/);
    await until(async () => (await asker.ask(`${zoo.path}/animals`)).code === 503, "requests are refused");
    assert.equal((await asker.ask(`${zoo.path}/animals`)).text, "service unavailable\n");
    const found = await asker.ask("/apis", { headers: { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" } });
    const { items } = found.json() as unknown as { readonly items: readonly { readonly metadata: { readonly name: string }; readonly versions: readonly { readonly freshness: string }[] }[] };
    assert.deepEqual(items.filter(({ versions }) => versions.some(({ freshness }) => freshness === "Stale")).map(({ metadata }) => metadata.name), [zoo.group]);
    assert.match(await kubectl.ok(["api-resources", "--cached=false"]), /deployments/);
    assert.match((await kubectl.run(["get", "--raw", `${zoo.path}/animals`])).stderr, /^Error from server \(ServiceUnavailable\): the server is currently unable to handle the request/);
    await kubectl.ok(["create", "namespace", "aviary"]);
    await kubectl.ok(["delete", "namespace", "aviary", "--wait=false"]);
    await until(async () => (await kubectl.ok(["get", "namespace", "aviary", "-o", "jsonpath={.status.conditions[?(@.type==\"NamespaceDeletionDiscoveryFailure\")].message}"])).includes("stale GroupVersion discovery: zoo.example.com/v1"), "the namespace waits for it");
    server.broken = undefined;
    await kubectl.ok(["annotate", "apiservice", "v1.zoo.example.com", "look=again", "--overwrite"]);
    await kubectl.ok(["wait", "--for=condition=Available", "apiservice/v1.zoo.example.com", "--timeout=20s"]);
    await until(async () => (await kubectl.run(["get", "animals"])).code === 0, "it is served again");
    await kubectl.ok(["annotate", "namespace", "aviary", "look=again"]);
    await until(async () => (await kubectl.run(["get", "namespace", "aviary"])).code === 1, "the namespace has gone");
  });

  test("a server whose certificate nobody vouches for is not asked, unless its certificate is not to be looked at", async () => {
    const change = (spec: unknown) => kubectl.ok(["patch", "apiservice", "v1.zoo.example.com", "--type=merge", "-p", JSON.stringify({ spec })]);
    await change({ caBundle: null });
    await until(async () => /^False FailedDiscoveryCheck .*x509: certificate signed by unknown authority$/.test(await condition()), "it is not asked");
    assert.equal((await asker.ask(`${zoo.path}/animals`)).code, 503);
    await change({ insecureSkipTLSVerify: true });
    await until(async () => (await condition()).startsWith("True Passed"), "it is asked");
    const asked = server.asked.length;
    await change({ caBundle: Buffer.from(authority.cert).toString("base64"), insecureSkipTLSVerify: null });
    await until(async () => server.asked.length > asked && (await condition()).startsWith("True Passed"), "it is asked as before");
  });
});
