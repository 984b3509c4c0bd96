import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import { after, before, describe, test } from "node:test";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { bodySizeMaxBytes } from "./request-body.ts";

const path = "/api/v1/namespaces/default/configmaps";
const bodyOf = (name: string) => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

describe("a request's body", () => {
  let edge: LoopbackEdge;
  before(async () => { edge = await startLoopbackEdge(); });
  after(async () => edge.close());

  const open = async (): Promise<TLSSocket> => {
    const socket = connectTls({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ...edge.pki.admin, ALPNProtocols: ["http/1.1"] });
    await once(socket, "secureConnect");
    return socket;
  };
  /** All that comes until the server hangs up, or until it ends like this. */
  const read = (socket: TLSSocket, end = "\0") => new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (bytes: Buffer) => { text += bytes.toString(); if (text.endsWith(end)) resolve(text); });
    socket.on("close", () => { resolve(text); });
    socket.on("error", () => {});
  });
  const inHttp2 = async (headers: Readonly<Record<string, string>>, chunks: readonly (string | Buffer)[]) => {
    const session = connectHttp2(edge.server.address, { ca: edge.pki.ca, ...edge.pki.admin });
    const stream = session.request({ ":path": path, ...headers }, { endStream: false });
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    const [answer] = await once(stream, "response");
    const text = Buffer.concat(await stream.toArray()).toString();
    session.destroy();
    return { code: answer[":status"] as unknown, text };
  };

  test("is read in pieces, in HTTP/1.1 and HTTP/2, with and without a length", async () => {
    const socket = await open();
    const [first, second] = [bodyOf("chunked").slice(0, 20), bodyOf("chunked").slice(20)];
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${first.length.toString(16)}\r\n${first}\r\n`);
    socket.write(`${second.length.toString(16)}\r\n${second}\r\n0\r\n\r\n`);
    assert.match(await read(socket, "}\n"), /^HTTP\/1\.1 201 /);
    socket.destroy();
    assert.equal((await inHttp2({ ":method": "POST" }, [bodyOf("frames").slice(0, 9), bodyOf("frames").slice(9)])).code, 201);
    assert.equal((await inHttp2({ ":method": "POST", "content-length": String(bodyOf("length").length) }, [bodyOf("length")])).code, 201);
  });

  test("that is longer than allowed is refused before it is read, and as soon as it is; the connection ends, for what is left of it is no request", async () => {
    const told = await open();
    told.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${bodySizeMaxBytes + 1}\r\n\r\n`);
    const refusal = await read(told);
    assert.match(refusal, /^HTTP\/1\.1 413 /);
    assert.match(refusal, /^connection: close\r$/im);
    const untold = await open();
    untold.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    const answered = read(untold);
    const chunk = Buffer.alloc(65_536, 0x20);
    for (let sent = 0; sent <= bodySizeMaxBytes; sent += chunk.length) untold.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
    assert.match(await answered, /^HTTP\/1\.1 413 /);
    const framed = await inHttp2({ ":method": "POST" }, Array.from({ length: bodySizeMaxBytes / chunk.length + 1 }, () => chunk));
    assert.deepEqual([framed.code, (JSON.parse(framed.text) as { readonly message: string }).message], [413, `Request entity too large: limit is ${bodySizeMaxBytes}`]);
  });

  test("that ends too early writes nothing, and the seat is given back", async () => {
    const socket = await open();
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"apiVersion":`);
    const atWork = async () => /^apiserver_current_inflight_requests\{request_kind="mutating"\} (\d+)$/m.exec((await ask("/metrics")).text)?.[1];
    while (await atWork() !== "1") await new Promise((resolve) => { setImmediate(resolve); });
    socket.destroy();
    while (await atWork() !== "0") await new Promise((resolve) => { setImmediate(resolve); });
  });

  test("of a read means nothing, and the next request of the connection is taken", async () => {
    const socket = await open();
    const answered = read(socket, "}\n");
    socket.write(`GET ${path}/none HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n{}{`);
    assert.match(await answered, /^HTTP\/1\.1 404 /);
    const next = read(socket, "}\n");
    socket.write(`GET ${path}/none HTTP/1.1\r\nhost: x\r\n\r\n`);
    assert.match(await next, /^HTTP\/1\.1 404 /);
    socket.destroy();
  });

  const ask = async (from: string) => {
    const socket = await open();
    const answered = read(socket);
    socket.write(`GET ${from} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return { text: await answered };
  };
});
