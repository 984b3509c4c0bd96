import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { test } from "node:test";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { streamsPerUserMax } from "./limits.ts";
import { openPki } from "./pki.ts";
import { connect } from "./remote-client.ts";

test("closing the edge ends open watches and lets go of every connection", async () => {
  const edge = await startLoopbackEdge();
  const client = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "certificate", ...edge.pki.admin } });
  const { resourceVersion } = await client.list(ConfigMapKind);
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of client.watch(ConfigMapKind, { resourceVersion }, new AbortController().signal)) if (event.type !== "BOOKMARK") seen.push(event.type);
  })();
  const session = connectHttp2(edge.server.address, { ca: edge.pki.ca, ...edge.pki.admin });
  session.on("error", () => {});
  await once(session, "connect");
  await client.create(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } });
  while (seen.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
  await edge.close();
  await watching.catch(() => undefined);
  if (!session.closed) await once(session, "close");
  await client.close();
  assert.deepEqual(seen, ["ADDED"]);
});

test("a watch whose client hangs up is ended on the server", async () => {
  const edge = await startLoopbackEdge();
  try {
    const socket = connectTls({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ...edge.pki.admin });
    await once(socket, "secureConnect");
    socket.write("GET /api/v1/configmaps?watch=true HTTP/1.1\r\nhost: x\r\n\r\n");
    const [head] = await once(socket, "data") as [Buffer];
    assert.match(head.toString(), /^HTTP\/1\.1 200 OK/);
    const client = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "certificate", ...edge.pki.admin } });
    const streams = async () => /^apiserver_longrunning_requests\{[^}]*verb="WATCH"[^}]*\} (\d+)$/m.exec(await metricsOf(edge.server.port, edge.pki))?.[1];
    assert.equal(await streams(), "1");
    socket.destroy();
    while (await streams() !== "0") await new Promise((resolve) => { setImmediate(resolve); });
    await client.close();
  } finally {
    await edge.close();
  }
});

test("a renewed certificate serves new connections, which are known as before", async () => {
  const edge = await startLoopbackEdge();
  try {
    const renewed = await openPki({ directory: join(edge.directory, "pki"), hosts: ["renewed.example"], world: edge.world });
    assert.notEqual(renewed.serving.cert, edge.pki.serving.cert);
    edge.server.useCertificate(renewed.serving);
    const client = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "certificate", ...edge.pki.admin } });
    assert.ok((await client.list(ConfigMapKind)).resourceVersion !== "");
    await client.close();
    const socket = connectTls({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca });
    await once(socket, "secureConnect");
    assert.match(socket.getPeerCertificate().subjectaltname ?? "", /renewed\.example/);
    socket.destroy();
  } finally {
    await edge.close();
  }
});

test("a user who holds all places is asked to come back", async () => {
  const edge = await startLoopbackEdge();
  const session = connectHttp2(edge.server.address, { ca: edge.pki.ca, ...edge.pki.admin });
  const others = Array.from({ length: 4 }, () => connectHttp2(edge.server.address, { ca: edge.pki.ca, ...edge.pki.admin }));
  try {
    const answer = async (connection: typeof session, path: string) => {
      const stream = connection.request({ ":path": path });
      const [headers] = await once(stream, "response") as [Readonly<Record<string, unknown>>];
      return { headers, stream };
    };
    const perConnection = streamsPerUserMax / 5;
    for (const connection of [session, ...others]) {
      const watches = await Promise.all(Array.from({ length: perConnection }, () => answer(connection, "/api/v1/configmaps?watch=true")));
      assert.ok(watches.every(({ headers }) => headers[":status"] === 200));
    }
    const { headers } = await answer(session, "/api/v1/configmaps?watch=true");
    assert.deepEqual([headers[":status"], headers["retry-after"]], [429, "1"]);
    assert.equal((await answer(session, "/api/v1/configmaps")).headers[":status"], 200);
  } finally {
    for (const connection of [session, ...others]) connection.destroy();
    await edge.close();
  }
});

test("plain HTTP on the TLS port is cut off and harms nobody", async () => {
  const edge = await startLoopbackEdge();
  try {
    const { connect: connectTcp } = await import("node:net");
    const socket = connectTcp(edge.server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "close");
    assert.match(await metricsOf(edge.server.port, edge.pki), /capstan_store_revision/);
  } finally {
    await edge.close();
  }
});

test("a client certificate of another CA is nobody", async () => {
  const [edge, other] = [await startLoopbackEdge(), await startLoopbackEdge()];
  try {
    const stranger = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "certificate", ...other.pki.admin } });
    await assert.rejects(stranger.list(ConfigMapKind), /Unauthorized/);
    const mistaken = connect({ server: edge.server.address, ca: other.pki.ca, credentials: { kind: "certificate", ...edge.pki.admin } });
    await assert.rejects(mistaken.list(ConfigMapKind), /cannot be reached/);
    await stranger.close();
    await mistaken.close();
  } finally {
    await edge.close();
    await other.close();
  }
});

async function metricsOf(port: number, pki: { readonly ca: string; readonly admin: { readonly key: string; readonly cert: string } }): Promise<string> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.ca, ...pki.admin });
  const stream = session.request({ ":path": "/metrics" });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  session.close();
  return text;
}
