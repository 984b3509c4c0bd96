import assert from "node:assert/strict";
import { test } from "node:test";
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
  await assert.rejects(begunStream(refused(), 3), ApiError);
  const controller = new AbortController();
  async function* quiet() { await new Promise<void>((resolve) => { controller.signal.addEventListener("abort", () => { resolve(); }); }); yield 1; yield 2; }
  const opened = await begunStream(quiet(), 3);
  controller.abort();
  const seen: number[] = [];
  for await (const item of opened) seen.push(item);
  assert.deepEqual(seen, [1, 2]);
});
