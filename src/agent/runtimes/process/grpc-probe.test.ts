import assert from "node:assert/strict";
import { createServer } from "node:http2";
import type { Http2Server } from "node:http2";
import { after, before, describe, test } from "node:test";
import { askGrpc, printCheck, servingOf } from "./grpc-probe.ts";

/** What the server says of each service: a message and a status, or a status alone. */
const answers: Readonly<Record<string, { readonly message?: readonly number[]; readonly status: string; readonly text?: string }>> = {
  "": { message: [8, 1], status: "0" },
  down: { message: [8, 2], status: "0" },
  silent: { message: [], status: "0" },
  strange: { status: "5", text: "unknown service" },
  other: { status: "12", text: "unknown method" },
};

const outcomes: readonly (readonly [service: string, isSuccess: boolean, output: string])[] = [
  ["", true, "service healthy"],
  ["down", false, 'service unhealthy (responded with "NOT_SERVING")'],
  ["silent", false, 'service unhealthy (responded with "UNKNOWN")'],
  ["strange", false, "error: health rpc probe failed: code 5: unknown service"],
  ["other", false, "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method"],
];

function listen(server: Http2Server): Promise<number> {
  return new Promise((resolve) => { server.listen(0, "127.0.0.1", () => { const at = server.address(); resolve(typeof at === "object" && at !== null ? at.port : 0); }); });
}

describe("a gRPC probe", () => {
  const server = createServer();
  let port = 0;
  before(async () => {
    server.on("stream", (stream, headers) => {
      const said: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => { said.push(chunk); });
      stream.on("end", () => {
        const service = Buffer.concat(said).subarray(7).toString();
        if (service === "hang") return;
        assert.deepEqual([headers[":path"], headers["content-type"]], ["/grpc.health.v1.Health/Check", "application/grpc"]);
        const { message, status, text = "" } = answers[service] ?? { status: "2" };
        const ending = { "grpc-status": status, "grpc-message": text };
        if (message === undefined) { stream.respond({ ":status": 200, "content-type": "application/grpc", ...ending }, { endStream: true }); return; }
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => { stream.sendTrailers(ending); });
        stream.end(Uint8Array.of(0, 0, 0, 0, message.length, ...message));
      });
    });
    port = await listen(server);
  });
  after(() => { server.close(); });

  for (const [service, isSuccess, output] of outcomes) {
    test(`of the service ${JSON.stringify(service)} says ${output}`, async () => {
      assert.deepEqual(await askGrpc({ kind: "grpc", host: "127.0.0.1", port, service }, AbortSignal.timeout(10_000)), { isSuccess, output });
    });
  }

  test("ends in time where nothing is answered", async () => {
    const ending = new AbortController();
    const asked = askGrpc({ kind: "grpc", host: "127.0.0.1", port, service: "hang" }, ending.signal);
    ending.abort();
    assert.deepEqual(await asked, { isSuccess: false, output: `error: failed to connect service "127.0.0.1:${port}": context deadline exceeded` });
  });

  test("fails where nobody listens", async () => {
    const other = createServer();
    const free = await listen(other);
    await new Promise((resolve) => { other.close(resolve); });
    const { isSuccess, output } = await askGrpc({ kind: "grpc", host: "127.0.0.1", port: free, service: "" }, AbortSignal.timeout(10_000));
    assert.equal(isSuccess, false);
    assert.match(output, /ECONNREFUSED/);
  });
});

test("a long name is written with its whole length", () => {
  const name = "x".repeat(300);
  const printed = printCheck(name);
  assert.equal(printed.readUInt32BE(1), 303);
  assert.deepEqual([...printed.subarray(5, 8)], [0x0a, 0xac, 0x02]);
  assert.equal(printed.subarray(8).toString(), name);
});

test("what is no answer serves nothing", () => {
  for (const bytes of [[], [0, 0, 0], [1, 0, 0, 0, 2, 8, 1], [0, 0, 0, 0, 2, 16, 1]]) assert.equal(servingOf(Uint8Array.from(bytes)), 0);
});
