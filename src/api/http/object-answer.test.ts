import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import type { StoredObject } from "../verbs.ts";
import { listAnswer, partBytes } from "./object-answer.ts";

/** An object of so many letters that copies itself, or one that is all there is. */
function stored(index: number, letters: number, copies: boolean): StoredObject {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `c-${index}`, resourceVersion: "1" }, data: { text: "x".repeat(letters) } };
  const bytes = Buffer.from(JSON.stringify(object));
  const copyTo = (target: Uint8Array, at: number) => {
    if (at + bytes.length > target.length) return undefined;
    target.set(bytes, at);
    return at + bytes.length;
  };
  return { namespace: "default", name: `c-${index}`, revision: 1, bytes: () => bytes, object: () => object, ...(copies ? { copyTo } : {}) };
}

const items = fc.array(fc.record({ letters: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 9_000 }) }, { weight: 1, arbitrary: fc.integer({ min: partBytes - 300, max: 2 * partBytes }) }), copies: fc.boolean() }), { maxLength: 40 });

for (const as of ["object", "partial-list"] as const) {
  test(`property: a list of ${as}s is whole, however its items lie in its parts`, async () => {
    await fc.assert(fc.asyncProperty(items, async (drawn) => {
      const all = drawn.map(({ letters, copies }, index) => stored(index, letters, copies));
      const answer = await listAnswer({ items: all, resourceVersion: "7" }, { kind: ConfigMapKind, format: { encoding: "json", as, metaVersion: "v1" }, includeObject: "Metadata", nowMs: 0 });
      assert.ok(answer.kind !== "stream");
      const parts = answer.kind === "body" ? [answer.body] : Array.from(answer.parts, (part) => Buffer.from(part));
      if (answer.kind === "parts") assert.ok(Buffer.concat(parts).length > partBytes, "what is short is one piece");
      const list = JSON.parse(Buffer.concat(parts).toString()) as { readonly metadata: unknown; readonly items: readonly { readonly metadata: { readonly name: string }; readonly data?: unknown }[] };
      assert.deepEqual(list.metadata, { resourceVersion: "7" });
      assert.deepEqual(list.items.map(({ metadata }) => metadata.name), all.map(({ name }) => name));
      if (as === "object") assert.deepEqual(list.items, all.map((one) => one.object()));
    }), { numRuns: 40 });
  });
}
