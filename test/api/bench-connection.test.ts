import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpConnection } from "../../bench/http-connection.ts";
import { startLoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";

test("who asks over a benchmark's connection that ended meanwhile is told so, each time", async () => {
  const edge = await startLoopbackEdge();
  const connection = await HttpConnection.open({ host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ...edge.pki.admin });
  assert.equal((await connection.ask("GET", "/version")).status, 200);
  await edge.close();
  const ended = /the server closed the connection|ECONNRESET/;
  await assert.rejects(connection.ask("GET", "/version"), ended);
  await assert.rejects(connection.ask("GET", "/version"), ended);
  connection.close();
});
