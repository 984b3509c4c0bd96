import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../../test/api/api.ts";
import { configMap } from "../../../test/api/objects.ts";
import { ApiError } from "../../model/api-error.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import type { StoredEvent, StoredObject } from "../verbs.ts";
import { begunStream } from "./begun-stream.ts";
import { watchFrames } from "./watch-stream.ts";

function stored(name: string, revision: number): StoredObject {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default", resourceVersion: String(revision) } };
  return { namespace: "default", name, revision, bytes: () => new TextEncoder().encode(JSON.stringify(object)), object: () => object };
}

async function read(batches: AsyncIterable<readonly StoredEvent[]>, as: "object" | "table" | "partial") {
  const frames = watchFrames(batches, { kind: ConfigMapKind, format: { encoding: "json", as, metaVersion: "v1" }, includeObject: "Metadata", nowMs: () => 0 });
  let text = "";
  for await (const chunk of frames) text += new TextDecoder().decode(chunk);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function* batches(): AsyncGenerator<readonly StoredEvent[]> {
  yield [{ type: "ADDED", stored: stored("a", 1) }, { type: "MODIFIED", stored: stored("a", 2) }];
  yield [{ type: "BOOKMARK", resourceVersion: "9" }];
  throw new ApiError("Expired", "too old resource version: 1 (5)");
}

test("events become lines, the last refusal an ERROR", async () => {
  const lines = await read(batches(), "object");
  assert.deepEqual(lines.map((line) => line.type), ["ADDED", "MODIFIED", "BOOKMARK", "ERROR"]);
  assert.equal(lines[2].object.metadata.resourceVersion, "9");
  assert.deepEqual([lines[3].object.code, lines[3].object.reason], [410, "Expired"]);
});

test("the bookmark behind the initial events says so, in every form", async () => {
  async function* begun(): AsyncGenerator<readonly StoredEvent[]> { yield [{ type: "BOOKMARK", resourceVersion: "9", isInitialEventsEnd: true }]; }
  const mark = { "k8s.io/initial-events-end": "true" };
  for (const as of ["object", "partial"] as const) assert.deepEqual((await read(begun(), as))[0].object.metadata.annotations, mark);
  assert.deepEqual((await read(begun(), "table"))[0].object.rows[0].object.metadata.annotations, mark);
});

test("only the first table of a watch has column definitions", async () => {
  const lines = await read(batches(), "table");
  assert.ok(Array.isArray(lines[0].object.columnDefinitions));
  assert.equal(lines[1].object.columnDefinitions, null);
  assert.equal(lines[2].object.rows[0].object.metadata.resourceVersion, "9");
});

async function* refused(): AsyncGenerator<number> {
  if (batches.length === 0) throw new ApiError("Forbidden", "no");
  yield 1;
}

test("a stream that refuses at once is thrown, one that is quiet is opened, one that speaks is whole", async () => {
  await assert.rejects(begunStream(refused(), { turns: 3 }), ApiError);
  const controller = new AbortController();
  async function* quiet() { await new Promise<void>((resolve) => { controller.signal.addEventListener("abort", () => { resolve(); }); }); yield 1; yield 2; }
  const opened = await begunStream(quiet(), { turns: 3 });
  controller.abort();
  const seen: number[] = [];
  for await (const item of opened) seen.push(item);
  assert.deepEqual(seen, [1, 2]);
});

test("everybody who watches the same objects is told every change, and frames are made once for all", async () => {
  const { verbs, client, caller, store } = await testApi();
  const ending = new AbortController();
  const changes = 40;
  const readers = Array.from({ length: 20 }, async (_, number) => {
    // One in four asks for some objects only, and is told as if alone.
    const selector = number % 4 === 0 ? { labelSelector: "side=odd" } : {};
    const events = verbs.watch(caller, ConfigMapKind, { namespace: "default", resourceVersion: String(store.revision), ...selector }, ending.signal);
    const frames: Uint8Array[] = [];
    const wanted = number % 4 === 0 ? changes / 2 : changes;
    for await (const frame of watchFrames(events, { kind: ConfigMapKind, format: { encoding: "json", as: "object", metaVersion: "v1" }, includeObject: "Metadata", nowMs: () => 0 })) {
      frames.push(frame);
      if (Buffer.concat(frames).toString().split("\n").length > wanted) break;
    }
    return frames;
  });
  for (let change = 0; change < changes; change++) {
    await client.create(ConfigMapKind, configMap(`c-${change}`, {}, { labels: { side: change % 2 === 0 ? "even" : "odd" } }));
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  const told = await Promise.all(readers);
  ending.abort();
  const namesOf = (frames: readonly Uint8Array[]) => Buffer.concat(frames).toString().trim().split("\n").map((line) => (JSON.parse(line) as { readonly object: { readonly metadata: { readonly name: string } } }).object.metadata.name);
  const all = Array.from({ length: changes }, (_, change) => `c-${change}`);
  told.forEach((frames, number) => { assert.deepEqual(namesOf(frames), number % 4 === 0 ? all.filter((_, change) => change % 2 === 1) : all); });
  assert.equal(new Set([1, 2, 3, 5].map((number) => told[number]?.[0])).size, 1);
});
