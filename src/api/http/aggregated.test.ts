import assert from "node:assert/strict";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { after, before, describe, test } from "node:test";
import { openAsker } from "../../../test/api/asker.ts";
import type { Asker } from "../../../test/api/asker.ts";
import { serveExtension, zoo } from "../../../test/api/extension-server.ts";
import type { ExtensionServer } from "../../../test/api/extension-server.ts";
import { service } from "../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { until } from "../../../test/e2e/until.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import { APIServiceKind } from "../../model/kinds/api-extensions.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { createAuthority, issueCertificate } from "./certificates.ts";
import type { KeyPair } from "./certificates.ts";
import { elsewherePerServerMax } from "./limits.ts";

describe("an API of another server", () => {
  let edge: LoopbackEdge;
  let asker: Asker;
  let authority: KeyPair;
  const servers: ExtensionServer[] = [];
  let server: ExtensionServer;

  /** Another server, reached by a name outside of the cluster, for one more version. */
  async function serve(version: string, { isOld = false, hosts = ["zoo.default.svc"] }: { readonly isOld?: boolean; readonly hosts?: readonly string[] } = {}): Promise<ExtensionServer> {
    const pair = await issueCertificate(authority, { commonName: "zoo", hosts, usage: "server", lifetimeMs: 3_600_000 }, edge.world);
    const made = await serveExtension({ pair, requestHeaderCa: edge.pki.frontProxy.ca, version, isOld });
    servers.push(made);
    await edge.admin.create(APIServiceKind, {
      apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: `${version}.${zoo.group}` }, status: {},
      spec: { group: zoo.group, version, groupPriorityMinimum: 1_500, versionPriority: 15, caBundle: Buffer.from(authority.cert).toString("base64"), service: { namespace: "default", name: "zoo", port: made.port } },
    });
    await say(version, "True");
    return made;
  }

  async function say(version: string, status: "True" | "False"): Promise<void> {
    const found = await edge.admin.get(APIServiceKind, { namespace: "", name: `${version}.${zoo.group}` });
    assert.ok(found !== undefined);
    const told: APIService = { ...found, status: { conditions: [{ type: "Available", status }] } };
    await edge.admin.updateStatus(APIServiceKind, told);
    await until(async () => edge.aggregation.find(zoo.group, version)?.isAvailable === (status === "True"), "it is known");
  }

  before(async () => {
    edge = await startLoopbackEdge();
    authority = await createAuthority(edge.world);
    await edge.admin.create(ServiceKind, service("zoo", { type: "ExternalName", externalName: "localhost" }));
    server = await serve("v1");
    asker = openAsker(edge);
  });
  after(async () => {
    asker.close();
    for (const one of servers) one.close();
    await edge.close();
  });

  /** Asks for an upgrade, says something, and answers all that came until it is met. */
  async function upgrade(path: string, headers: readonly string[], isAll: (text: string) => boolean): Promise<string> {
    const socket: TLSSocket = connect({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ALPNProtocols: ["http/1.1"], ...edge.pki.admin });
    let text = "";
    await new Promise<void>((resolve, reject) => {
      socket.on("data", (chunk: Buffer) => { text += chunk.toString(); if (isAll(text)) resolve(); });
      socket.on("error", reject);
      socket.on("close", () => { resolve(); });
      socket.write([`GET ${path} HTTP/1.1`, "Host: x", "Connection: Upgrade", "Upgrade: echo", ...headers, "", "hello"].join("\r\n"));
    });
    socket.destroy();
    return text;
  }

  test("an upgrade becomes a stream to it, in the name of who asks", async () => {
    const text = await upgrade(`${zoo.path}/namespaces/default/animals/cat/call`, ["X-Remote-User: root"], (all) => all.includes("says: "));
    assert.match(text, /^HTTP\/1\.1 101 /);
    assert.match(text, /kubernetes-admin says: /);
    assert.ok(server.asked.includes(`UPGRADE ${zoo.path}/namespaces/default/animals/cat/call`));
  });

  test("nobody without a right gets one", async () => {
    assert.match(await upgrade(`${zoo.path}/namespaces/default/animals/cat/call`, ["Impersonate-User: jane"], () => false), /^HTTP\/1\.1 403 [\s\S]*cannot get resource \\"animals\/call\\" in API group \\"zoo\.example\.com\\"/);
    assert.equal((await asker.ask(`${zoo.path}/namespaces/default/animals`, { headers: { "impersonate-user": "system:anonymous" } })).code, 403);
  });

  test("a connection it hung up on is made anew", async () => {
    for (let round = 0; round < 3; round++) {
      assert.equal((await asker.ask(`${zoo.path}/animals`)).code, 200);
      server.hangUp();
    }
  });

  for (const path of [`${zoo.path}/../../../api/v1/secrets`, `${zoo.path}/%2e%2e/v2/animals`, `${zoo.path}//animals`, `${zoo.path}/animals%2fcat`, `${zoo.path}/%zz`]) {
    test(`${path}, which may be read in two ways, is not passed on`, async () => {
      const asked = server.asked.length;
      assert.equal((await asker.ask(path)).code, 404);
      assert.deepEqual(server.asked.slice(asked).filter((line) => !line.includes("/openapi/v3") && line !== "GET /apis"), []);
    });
  }

  test("one that speaks the older discovery is told of in the newer, too", async () => {
    await serve("v1beta1", { isOld: true });
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
    await until(async () => {
      const { items } = (await asker.ask("/apis", { headers: { accept } })).json() as unknown as { readonly items: readonly { readonly metadata: { readonly name: string }; readonly versions: readonly { readonly version: string; readonly freshness: string; readonly resources: readonly { readonly resource: string }[] }[] }[] };
      const versions = items.find(({ metadata }) => metadata.name === zoo.group)?.versions ?? [];
      return versions.map(({ version, freshness, resources }) => [version, freshness, ...resources.map(({ resource }) => resource)].join(" ")).join() === "v1 Current animals,v1beta1 Current animals";
    }, "both are known");
    const group = (await asker.ask(`/apis/${zoo.group}`)).json() as unknown as { readonly versions: readonly { readonly version: string }[]; readonly preferredVersion: { readonly version: string } };
    assert.deepEqual([group.versions.map(({ version }) => version), group.preferredVersion.version], [["v1", "v1beta1"], "v1"]);
    assert.ok((await asker.ask("/openapi/v3")).text.includes(`"apis/${zoo.group}/v1":{"serverRelativeURL":"/openapi/v3/apis/${zoo.group}/v1?hash=ABC"}`));
    assert.equal((await asker.ask(`/openapi/v3/apis/${zoo.group}/v1?hash=ABC`)).code, 200);
  });

  test("one whose certificate is for another name is not believed", async () => {
    await serve("v2", { hosts: ["elsewhere.default.svc"] });
    const { code, text } = await asker.ask(`/apis/${zoo.group}/v2/animals`);
    assert.deepEqual([code, text], [503, "error trying to reach service: tls: failed to verify certificate: x509: certificate is valid for elsewhere.default.svc, not zoo.default.svc\n"]);
  });

  test("nothing is asked of one that is said to be gone", async () => {
    await say("v1", "False");
    const asked = server.asked.filter((line) => line.includes("animals")).length;
    const { code, headers, text } = await asker.ask(`${zoo.path}/animals`);
    assert.deepEqual([code, headers["content-type"], text], [503, "text/plain; charset=utf-8", "service unavailable\n"]);
    assert.match(await upgrade(`${zoo.path}/animals`, [], () => false), /^HTTP\/1\.1 503 [\s\S]*service unavailable/);
    assert.equal(server.asked.filter((line) => line.includes("animals")).length, asked);
    await say("v1", "True");
  });

  test("those who wait for one that hangs are bounded, and nobody else waits with them", async () => {
    server.broken = "hang";
    const waiting = openAsker(edge);
    // Its discovery is asked for at any time.
    const asked = () => server.asked.filter((line) => line.endsWith("/animals")).length;
    const before = asked();
    const hung = Array.from({ length: elsewherePerServerMax }, () => waiting.ask(`${zoo.path}/animals`).then(({ code }) => code, () => "gone"));
    await until(async () => asked() === before + elsewherePerServerMax, "all wait");
    assert.equal((await asker.ask(`${zoo.path}/animals`)).code, 429);
    assert.equal((await asker.ask("/api/v1/namespaces/default/pods")).code, 200);
    assert.equal((await asker.ask(`/apis/${zoo.group}`)).code, 200);
    waiting.close();
    assert.deepEqual(new Set(await Promise.all(hung)), new Set(["gone"]));
    server.broken = undefined;
    await until(async () => (await asker.ask(`${zoo.path}/animals`)).code === 200, "there is room again");
  });
});
