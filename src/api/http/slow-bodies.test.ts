import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { after, before, describe, test } from "node:test";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { openAsker } from "../../../test/api/asker.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { realClock } from "../../world/real/clock.ts";
import { bodyPatienceMs, bodyTimeoutMs, slowBodiesPerUserMax } from "./limits.ts";

const path = "/api/v1/namespaces/default/configmaps";
const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "slow-" } });

describe("bodies that come slowly", () => {
  let edge: LoopbackEdge;
  const sockets: TLSSocket[] = [];
  /** Ends the time of every slow body there is. */
  const due = new Set<() => void>();
  const endTime = () => { for (const run of due) run(); };
  before(async () => {
    // Patience ends at once, and a body's time when the test says.
    const after = (delayMs: number, run: () => void): (() => void) => {
      if (delayMs !== bodyTimeoutMs - bodyPatienceMs) return realClock.after(delayMs === bodyPatienceMs ? 1 : delayMs, run);
      due.add(run);
      return () => { due.delete(run); };
    };
    edge = await startLoopbackEdge(undefined, { clock: { ...realClock, after } });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await edge.close();
  });

  /** A connection that has sent the headers of a create, and nothing else. */
  async function begin(): Promise<{ readonly socket: TLSSocket; readonly heard: Promise<string> }> {
    const socket = connect({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ...edge.pki.admin, ALPNProtocols: ["http/1.1"] });
    sockets.push(socket);
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (chunk: Buffer) => { text += chunk.toString(); });
    const heard = once(socket, "close").then(() => text);
    await once(socket, "secureConnect");
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
    return { socket, heard };
  }

  test("as many as may are waited for while others are served, the rest are asked to come again, and each is cut off when its time is over", async () => {
    const slow = await Promise.all(Array.from({ length: slowBodiesPerUserMax + 5 }, () => begin()));
    const trickle = setInterval(() => { for (const { socket } of slow) if (socket.writable) socket.write("{"); }, 200);
    try {
      const asker = openAsker(edge);
      const startMs = performance.now();
      for (let count = 0; count < 50; count++) assert.equal((await asker.ask(path, { method: "POST", headers: { "content-type": "application/json" }, body })).code, 201);
      assert.ok(performance.now() - startMs < 5_000, "others wait for slow bodies");
      asker.close();
      while (due.size < slowBodiesPerUserMax) await realClock.sleep(5);
      endTime();
      const answers = await Promise.all(slow.map(({ heard }) => heard));
      const codes = answers.map((text) => text.split(" ")[1] ?? "");
      assert.deepEqual([codes.filter((code) => code === "408").length, codes.filter((code) => code === "429").length], [slowBodiesPerUserMax, 5]);
      assert.match(answers.find((text) => text.includes(" 408 ")) ?? "", /"message":"Timeout: the body of the request was not sent within 20s","reason":"Timeout","code":408/u);
    } finally {
      clearInterval(trickle);
    }
  });

  test("a body that comes in pieces, but in time, is taken", async () => {
    const { socket } = await begin();
    const answered = once(socket, "data") as Promise<[Buffer]>;
    for (const piece of body.match(/[^]{1,20}/g) ?? []) {
      await realClock.sleep(5);
      socket.write(piece);
    }
    assert.match((await answered)[0].toString(), /^HTTP\/1\.1 201 /);
  });

  test("over HTTP/2 a slow stream is cut off, and the connection goes on", async () => {
    const session: ClientHttp2Session = connectHttp2(`https://127.0.0.1:${edge.server.port}`, { ca: edge.pki.ca, ...edge.pki.admin });
    const slow: ClientHttp2Stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
    slow.write("{");
    slow.on("error", () => {});
    const answered = once(slow, "response");
    while (due.size === 0) await realClock.sleep(5);
    endTime();
    const [headers] = await answered as [Readonly<Record<string, unknown>>];
    assert.equal(headers[":status"], 408);
    slow.resume();
    await once(slow, "close");
    const next = session.request({ ":method": "GET", ":path": path });
    assert.equal((await once(next, "response") as [Readonly<Record<string, unknown>>])[0][":status"], 200);
    next.destroy();
    session.close();
  });
});
