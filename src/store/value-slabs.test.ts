import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { slabBytesMin, slabValueBytesMax, ValueSlabs } from "./value-slabs.ts";

const lengths = fc.oneof(fc.integer({ min: 0, max: slabValueBytesMax }), fc.constantFrom(0, 1, slabValueBytesMax, slabValueBytesMax + 1));

test("a kept value stays as it was, whatever is kept and released around it", () => {
  fc.assert(fc.property(fc.array(fc.record({ length: lengths, stays: fc.boolean() }), { maxLength: 200 }), (steps) => {
    const slabs = new ValueSlabs();
    const kept = steps.map(({ length, stays }, index) => {
      const given = new Uint8Array(length).fill(index);
      const value = slabs.keep(given);
      if (length <= slabValueBytesMax) given.fill(0xff);
      if (!stays) slabs.release(value);
      return { value, length, index };
    });
    for (const { value, length, index } of kept) assert.ok(Buffer.compare(value, new Uint8Array(length).fill(index)) === 0);
  }));
});

test("a slab goes with its last value, and none is kept of a large one", () => {
  const slabs = new ValueSlabs();
  const values = Array.from({ length: 8 * 4 }, () => slabs.keep(new Uint8Array(slabValueBytesMax)));
  assert.equal(slabs.count, 4);
  for (const value of values) slabs.release(value);
  // The one that is being filled stays.
  assert.equal(slabs.count, 1);
  slabs.release(slabs.keep(new Uint8Array(slabValueBytesMax + 1)));
  assert.equal(slabs.count, 1);
});

test("a part of a larger piece of memory is copied, however large it is", () => {
  const piece = new Uint8Array(slabValueBytesMax * 4);
  const value = new ValueSlabs().keep(piece.subarray(1, slabValueBytesMax * 2));
  assert.notEqual(value.buffer, piece.buffer);
});

test("values are scattered once enough slabs are mostly free, and no more when those are empty", () => {
  const slabs = new ValueSlabs();
  let values = Array.from({ length: 8 * 40 }, () => slabs.keep(new Uint8Array(slabValueBytesMax)));
  assert.equal(slabs.isScattered, false);
  for (const [index, value] of values.entries()) if (index % 2 === 0) slabs.release(value);
  values = values.filter((_, index) => index % 2 === 1);
  assert.equal(slabs.isScattered, true);
  const before = slabs.count;
  for (const value of values) {
    if (!slabs.isSparse(value)) continue;
    slabs.keep(value);
    slabs.release(value);
  }
  assert.equal(slabs.isScattered, false);
  assert.ok(slabs.count < before, `${slabs.count} slabs are left of ${before}`);
});

test("slabs grow with what is kept, so that a small store has little memory that nobody uses", () => {
  const sizesOf = (count: number): ReadonlySet<number> => {
    const slabs = new ValueSlabs();
    return new Set(Array.from({ length: count }, () => slabs.keep(new Uint8Array(slabValueBytesMax)).buffer.byteLength));
  };
  assert.deepEqual(sizesOf(100), new Set([slabBytesMin]));
  assert.ok([...sizesOf(4_000)].every((bytes, index) => index === 0 ? bytes === slabBytesMin : bytes > slabBytesMin));
});
