import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pooledBytes, pooledBytesMax, pooledText } from "./byte-pool.ts";

const texts = fc.oneof(fc.string({ unit: "binary" }), fc.integer({ min: 0, max: pooledBytesMax }).map((length) => "é".repeat(length)), fc.constant("lone \ud800"));

test("texts and bytes taken one after the other are whole, and none changes another", () => {
  fc.assert(fc.property(fc.array(fc.oneof(texts, fc.integer({ min: 0, max: 2 * pooledBytesMax })), { maxLength: 60 }), (wanted) => {
    const taken = wanted.map((each, index) => (typeof each === "string" ? pooledText(each) : pooledBytes(each).fill(index % 256)));
    for (const [index, each] of wanted.entries()) {
      const bytes = taken[index];
      const expected = typeof each === "string" ? new TextEncoder().encode(each) : new Uint8Array(each).fill(index % 256);
      assert.ok(bytes !== undefined && Buffer.compare(bytes, expected) === 0);
    }
  }));
});

test("bytes are zeroed", () => {
  for (let round = 0; round < 40; round++) assert.ok(pooledBytes(pooledBytesMax).every((byte) => byte === 0));
});
