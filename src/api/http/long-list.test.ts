import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { HttpConnection } from "../../../bench/http-connection.ts";
import type { ApiAddress } from "../../../bench/http-connection.ts";
import { partBytes } from "./object-answer.ts";

const count = 60;
const path = "/api/v1/namespaces/default/configmaps";

describe("a list longer than one part", () => {
  let edge: LoopbackEdge;
  let address: ApiAddress;
  before(async () => {
    edge = await startLoopbackEdge();
    address = { host: "127.0.0.1", port: edge.server.port, ca: edge.pki.ca, ...edge.pki.admin };
    const connection = await HttpConnection.open(address);
    for (let i = 0; i < count; i++) {
      const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: `m-${String(i).padStart(2, "0")}` }, data: { text: `${i} `.padEnd(7_000 + i * 97, "x") } });
      assert.equal((await connection.ask("POST", path, body)).status, 201);
    }
    connection.close();
  });
  after(async () => edge.close());

  /** The list over HTTP/2, where windows are smaller than parts. */
  const read = async (headers: Readonly<Record<string, string>>) => {
    const session = connect(`https://127.0.0.1:${address.port}`, { ca: address.ca, cert: address.cert, key: address.key });
    const stream = session.request({ ":path": path, ...headers });
    const [answer] = await once(stream, "response");
    const bytes = Buffer.concat(await stream.toArray());
    session.destroy();
    return { bytes, encoding: answer["content-encoding"] as unknown };
  };

  test("is whole: every object once, in order, with its revision and its data", async () => {
    const { bytes, encoding } = await read({});
    assert.ok(bytes.length > 3 * partBytes);
    assert.equal(encoding, undefined);
    const list = JSON.parse(bytes.toString());
    const made = list.items.filter((item: { readonly metadata: { readonly name: string } }) => item.metadata.name.startsWith("m-"));
    assert.deepEqual(made.map((item: { readonly data: { readonly text: string } }) => item.data.text), Array.from({ length: count }, (_, i) => `${i} `.padEnd(7_000 + i * 97, "x")));
    assert.deepEqual(list.items.map((item: { readonly metadata: { readonly resourceVersion: string } }) => Number(item.metadata.resourceVersion) > 0), list.items.map(() => true));
  });

  test("is the same compressed, and over HTTP/1.1", async () => {
    const { bytes } = await read({});
    const compressed = await read({ "accept-encoding": "gzip" });
    assert.equal(compressed.encoding, "gzip");
    assert.ok(gunzipSync(compressed.bytes).equals(bytes));
    const connection = await HttpConnection.open(address);
    assert.equal((await connection.ask("GET", `${path}/m-01`)).status, 200);
    const answer = await connection.ask("GET", path);
    // Each chunk is counted with its line end, the last one too.
    assert.ok(answer.bodyBytes >= bytes.length && answer.bodyBytes <= bytes.length + 2 * (Math.ceil(bytes.length / partBytes) + 1));
    assert.equal((await connection.ask("GET", `${path}/m-02`)).status, 200);
    connection.close();
  });

  test("that nobody reads on leaves the others alone", async () => {
    const left = await HttpConnection.open(address);
    const asked = left.ask("GET", path).catch(() => {});
    left.close();
    void asked;
    const { bytes } = await read({});
    assert.ok(bytes.length > 3 * partBytes);
  });
});
