import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { after, before, describe, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { connectHere, listen } from "../../../../test/api/listening.ts";
import { nodeThat } from "../../../../test/api/node.ts";
import { configMap, pod } from "../../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../../test/conformance/kubectl/loopback-edge.ts";
import { ConfigMapKind } from "../../../model/kinds/config-map.ts";
import { NamespaceKind } from "../../../model/kinds/namespace.ts";
import { PodKind } from "../../../model/kinds/pod.ts";
import { createAuthority, issueCertificate } from "../certificates.ts";

/** What came over a socket, or why there was none. */
interface Heard {
  readonly code: number;
  readonly protocol: string;
  /** Texts as they are, bytes in hexadecimal. */
  readonly messages: readonly string[];
  /** The body of a refusal. */
  readonly text: string;
}

const configMaps = "/api/v1/namespaces/sockets/configmaps";

/** What a program that takes no upgrade of these paths answers. */
const refusals: Readonly<Record<string, string>> = { "/refused": "403 Forbidden", "/plain": "200 OK" };

/** Says what it was asked, and then back what it hears. */
function echoing<S extends Server>(server: S): S {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered].at(-1) ?? false });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url = "", headers } = request;
    const refusal = refusals[url];
    if (refusal !== undefined) { socket.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 9\r\n\r\nno socket`); return; }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.send(`${url} for ${String(headers.host)} by ${String(headers.authorization)} as ${String(headers["x-forwarded-uri"])} with ${String(headers["sec-websocket-protocol"])}`);
      opened.on("message", (data: Buffer) => { opened.send(data); });
    });
  });
  return server;
}

describe("what is told over WebSockets", () => {
  let edge: LoopbackEdge;
  const programs: Server[] = [];
  const ports: number[] = [];
  const hear = (path: string, { headers = {}, protocols = [], until = () => false, say }: { readonly headers?: Readonly<Record<string, string>>; readonly protocols?: readonly string[]; readonly until?: (messages: readonly string[]) => boolean; readonly say?: readonly string[] } = {}) => new Promise<Heard>((resolve, reject) => {
    const socket = new WebSocket(`wss://127.0.0.1:${edge.server.port}${path}`, [...protocols], { ca: edge.pki.ca, headers, ...edge.pki.admin });
    const messages: string[] = [];
    socket.on("open", () => { for (const text of say ?? []) socket.send(text); });
    socket.on("message", (data: Buffer, isBinary) => {
      messages.push(isBinary ? data.toString("hex") : data.toString());
      if (until(messages)) socket.close();
    });
    socket.on("close", () => { resolve({ code: 101, protocol: socket.protocol, messages, text: "" }); });
    socket.on("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => { text += chunk.toString(); });
      response.on("end", () => { resolve({ code: response.statusCode ?? 0, protocol: "", messages, text }); });
    });
    socket.on("error", reject);
  });

  before(async () => {
    edge = await startLoopbackEdge({ of: () => nodeThat({ connect: (_pod, port) => connectHere(ports[port - 1] ?? 0) }) });
    const authority = await createAuthority(edge.world);
    const { key, cert } = await issueCertificate(authority, { commonName: "somebody", hosts: ["elsewhere"], usage: "server", lifetimeMs: 60_000 }, edge.world);
    programs.push(echoing(createServer()), echoing(createSecureServer({ key, cert })));
    for (const program of programs) ports.push(await listen(program));
    await edge.admin.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "sockets" }, spec: {}, status: {} });
    for (const name of ["a", "b"]) await edge.admin.create(ConfigMapKind, configMap(name, {}, { namespace: "sockets" }));
    await edge.admin.create(PodKind, pod("web", { nodeName: "n" }, { namespace: "sockets" }));
  });
  after(async () => {
    await edge.close();
    for (const program of programs) { program.closeAllConnections(); program.close(); }
  });

  test("what happens later is told when it happens, and what the client says is not heard", async () => {
    const heard = hear(`/api/v1/watch/namespaces/sockets/configmaps?resourceVersion=${edge.store.revision}`, { say: ["hello"], until: (messages) => messages.length === 1 });
    await edge.admin.create(ConfigMapKind, configMap("late", {}, { namespace: "sockets" }));
    assert.match((await heard).messages[0] ?? "", /^\{"type":"ADDED".*"late"/);
    await edge.admin.remove(ConfigMapKind, { namespace: "sockets", name: "late" });
  });

  test("events in protobuf are messages of bytes, each without a length", async () => {
    const { messages } = await hear(`${configMaps}?watch=1&timeoutSeconds=1`, { headers: { accept: "application/vnd.kubernetes.protobuf" } });
    assert.equal(messages.length, 2);
    // Field 1 of a WatchEvent: ADDED.
    for (const bytes of messages) assert.match(bytes, /^0a054144444544/);
  });

  test("a revision that is gone is told as an event, and a wrong request refused before", async () => {
    await edge.store.compact(edge.store.revision);
    const { messages } = await hear(`${configMaps}?watch=1&resourceVersion=1&timeoutSeconds=1`);
    assert.match(messages[0] ?? "", /^\{"type":"ERROR".*"code":410/);
    assert.equal((await hear(`${configMaps}?watch=1&resourceVersion=x`)).code, 400);
    const denied = await hear(`${configMaps}?watch=1`, { headers: { "impersonate-user": "nobody" } });
    assert.deepEqual([denied.code, /cannot watch resource/.test(denied.text)], [403, true]);
    assert.equal((await hear(configMaps)).code, 400, "a list is no stream");
    assert.equal((await hear(`${configMaps}?watch=1`, { protocols: ["one", "two"] })).code, 400);
  });

  test("a protocol of the client's is agreed to, and a token among them is nobody's business", async () => {
    const until = (messages: readonly string[]) => messages.length === 2;
    assert.equal((await hear(`${configMaps}?watch=1`, { protocols: ["anything"], until })).protocol, "anything");
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from("secret").toString("base64url")}`;
    assert.equal((await hear(`${configMaps}?watch=1`, { protocols: [token, "anything"], until })).protocol, "anything");
    const { messages } = await hear("/api/v1/namespaces/sockets/pods/web:1/proxy/echo", { protocols: [token, "x"], until: (heard) => heard.length === 1 });
    assert.match(messages[0] ?? "", / with x$/);
  });

  for (const [name, title] of [["web:1", "a program in a pod"], ["https:web:2", "a program that speaks TLS"]] as const) {
    test(`an upgrade is passed on to ${title}, and both speak as they like`, async () => {
      const path = `/api/v1/namespaces/sockets/pods/${name}/proxy`;
      const { text, messages, protocol } = await hear(`${path}/echo?a=b`, { protocols: ["x", "y"], say: ["hello"], until: (heard) => heard.length === 2 });
      assert.equal(text, "");
      assert.deepEqual(messages, [`/echo?a=b for localhost by undefined as ${path}/echo with x, y`, Buffer.from("hello").toString("hex")]);
      assert.equal(protocol, "y");
    });
  }

  test("what a program refuses is its own to say, and one that knows no upgrade is an error", async () => {
    const refused = await hear("/api/v1/namespaces/sockets/pods/web:1/proxy/refused");
    assert.deepEqual([refused.code, refused.text], [403, "no socket"]);
    const plain = await hear("/api/v1/namespaces/sockets/pods/web:1/proxy/plain");
    assert.equal(plain.code, 503);
    assert.match(plain.text, /invalid upgrade response: status code 200/);
    assert.equal((await hear("/api/v1/namespaces/sockets/pods/web:1/proxy/echo", { headers: { "impersonate-user": "nobody" } })).code, 403);
    assert.equal((await hear("/api/v1/nodes/n/proxy/exec/a/b/c")).code, 404);
  });
});
