import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createSecureServer, request as askRaw } from "node:https";
import { after, before, describe, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { openAsker } from "../../../test/api/asker.ts";
import type { Asker } from "../../../test/api/asker.ts";
import { connectHere, listen } from "../../../test/api/listening.ts";
import { nodeThat } from "../../../test/api/node.ts";
import { pod } from "../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { createAuthority, issueCertificate } from "./certificates.ts";

const page = '<a href="/x">to</a>';
const base = "/api/v1/namespaces/proxy/pods";

/** Some answers of the pod's program, by path; to others it tells what it was asked. */
const answers: Readonly<Record<string, { readonly code?: number; readonly headers: Readonly<Record<string, string>>; readonly body: string | Uint8Array }>> = {
  "/page": { headers: { "content-type": "text/html; charset=utf-8" }, body: page },
  "/gzip": { headers: { "content-type": "text/html", "content-encoding": "gzip" }, body: gzipSync(page) },
  "/deflate": { headers: { "content-type": "text/html", "content-encoding": "deflate" }, body: deflateSync(page) },
  "/text": { headers: { "content-type": "text/plain", "access-control-allow-origin": "*" }, body: page },
  "/moved": { code: 302, headers: { location: "/there" }, body: "" },
};

const answer: RequestListener = (request, response) => {
  const { method = "", url = "", headers: asked } = request;
  if (url === "/echo") { request.pipe(response); return; }
  if (url === "/hang-up") { request.socket.destroy(); return; }
  const { code = 200, headers, body } = answers[url] ?? { headers: { "content-type": "text/plain" }, body: `${method} ${url} as ${String(asked["x-forwarded-uri"])}` };
  response.writeHead(code, { ...headers }).end(body);
};

describe("the proxy to a pod", () => {
  let edge: LoopbackEdge;
  let asker: Asker;
  let servers: readonly Server[];
  let ports: readonly number[];
  before(async () => {
    edge = await startLoopbackEdge({ of: () => nodeThat({ connect: (_pod, port) => connectHere(port) }) });
    const authority = await createAuthority(edge.world);
    const pair = await issueCertificate(authority, { commonName: "somebody", hosts: ["elsewhere"], usage: "server", lifetimeMs: 60_000 }, edge.world);
    servers = [createServer(answer), createSecureServer({ key: pair.key, cert: pair.cert }, answer)];
    ports = await Promise.all(servers.map(listen));
    await edge.admin.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "proxy" }, spec: {}, status: {} });
    await edge.admin.create(PodKind, pod("web", { nodeName: "n1" }, { namespace: "proxy" }));
    asker = openAsker(edge);
  });
  after(async () => {
    asker.close();
    for (const server of servers) { server.closeAllConnections(); server.close(); }
    await edge.close();
  });

  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    test(`${method} passes`, async () => {
      const path = `${base}/web:${String(ports[0])}/proxy/some/path`;
      const reply = await asker.ask(`${path}?x=1`, { method });
      assert.deepEqual([reply.code, reply.text], [200, `${method} /some/path?x=1 as ${path}`]);
    });
  }

  test("only who has every verb may send OPTIONS", async () => {
    const reply = await asker.ask(`${base}/web:${String(ports[0])}/proxy/`, { method: "OPTIONS", headers: { "impersonate-user": "jane" } });
    assert.equal(reply.code, 403);
  });

  test("a program that speaks TLS is asked by https, whoever its certificate is for", async () => {
    assert.equal((await asker.ask(`${base}/https:web:${String(ports[1])}/proxy/text`)).text, page);
    assert.equal((await asker.ask(`${base}/https:web:${String(ports[0])}/proxy/text`)).code, 503);
  });

  for (const method of ["GET", "HEAD"]) {
    test(`${method} without a slash at the end is sent to the path with one`, async () => {
      const path = `${base}/web:${String(ports[0])}/proxy`;
      const reply = await asker.ask(`${path}?a=b`, { method });
      assert.deepEqual([reply.code, reply.headers.location, reply.text], [301, `${path}/?a=b`, ""]);
    });
  }

  test("other methods need no slash", async () => {
    const path = `${base}/web:${String(ports[0])}/proxy`;
    assert.equal((await asker.ask(`${path}?a=b`, { method: "POST" })).text, `POST /?a=b as ${path}`);
  });

  for (const path of ["page", "gzip", "deflate"]) {
    test(`the links of a page lead through the proxy: ${path}`, async () => {
      const prefix = `${base}/web:${String(ports[0])}/proxy`;
      const reply = await asker.ask(`${prefix}/${path}`);
      assert.deepEqual([reply.text, reply.headers["content-encoding"]], [`<a href="${prefix}/x">to</a>`, undefined]);
    });
  }

  test("a body passes as it comes, however long, and so does the answer", async () => {
    const sent = askRaw({ host: "127.0.0.1", port: edge.server.port, path: `${base}/web:${String(ports[0])}/proxy/echo`, method: "POST", ca: edge.pki.ca, ...edge.pki.admin });
    sent.write("first");
    const [answered] = await once(sent, "response") as [IncomingMessage];
    const [piece] = await once(answered, "data") as [Buffer];
    assert.equal(piece.toString(), "first", "the answer begins before the request has ended");
    let length = 0;
    answered.on("data", (chunk: Buffer) => { length += chunk.length; });
    sent.end(Buffer.alloc(5_000_000));
    await once(answered, "end");
    assert.equal(length, 5_000_000);
    const whole = await asker.ask(`${base}/web:${String(ports[0])}/proxy/echo`, { method: "PUT", body: "known length" });
    assert.equal(whole.text, "known length");
    const refused = await asker.ask(`${base}/none:1/proxy/echo`, { method: "POST", body: "x".repeat(100_000) });
    assert.deepEqual([refused.code, refused.headers.connection], [404, "close"]);
  });

  test("a client or a program that goes away in the middle of a body ends that request alone", async () => {
    const gone = askRaw({ host: "127.0.0.1", port: edge.server.port, path: `${base}/web:${String(ports[0])}/proxy/echo`, method: "POST", ca: edge.pki.ca, ...edge.pki.admin });
    gone.on("error", () => undefined);
    gone.write("some");
    const [answered] = await once(gone, "response") as [IncomingMessage];
    answered.on("error", () => undefined);
    gone.destroy();
    const hungUp = await asker.ask(`${base}/web:${String(ports[0])}/proxy/hang-up`, { method: "POST", body: Buffer.alloc(1_000_000) });
    assert.equal(hungUp.code, 503);
    assert.equal((await asker.ask(`${base}/web:${String(ports[0])}/proxy/echo`, { method: "PUT", body: "again" })).text, "again");
  });

  test("what is no page passes as it is, and allows no other origin", async () => {
    const reply = await asker.ask(`${base}/web:${String(ports[0])}/proxy/text`);
    assert.deepEqual([reply.text, reply.headers["access-control-allow-origin"]], [page, undefined]);
  });

  test("where a program sends its client is found through the proxy", async () => {
    const prefix = `${base}/web:${String(ports[0])}/proxy`;
    const reply = await asker.ask(`${prefix}/moved`);
    assert.deepEqual([reply.code, reply.headers.location], [302, `${prefix}/there`]);
  });
});
