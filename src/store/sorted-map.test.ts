import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SortedMap } from "./sorted-map.ts";

test("a sorted map holds, orders and counts what a plain map sorted by hand does", () => {
  fc.assert(fc.property(fc.array(fc.record({ number: fc.nat({ max: 3_000 }), isSet: fc.boolean() }), { minLength: 1_000, maxLength: 4_000, size: "max" }), fc.nat({ max: 3_000 }), (steps, start) => {
    const map = new SortedMap<number>();
    const model = new Map<string, number>();
    for (const [index, { number, isSet }] of steps.entries()) {
      if (isSet || index % 3 > 0) { map.set(`${number}`, index); model.set(`${number}`, index); }
      else assert.equal(map.delete(`${number}`), model.delete(`${number}`));
    }
    const sorted = [...model].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const from = map.place((key) => key < `${start}`);
    const to = map.place(() => true);
    const wanted = sorted.filter(([key]) => key >= `${start}`).map(([, value]) => value);
    assert.equal(map.size, model.size);
    assert.equal(map.count(from, to), wanted.length);
    assert.deepEqual([...map.values(from, to)], wanted);
  }), { numRuns: 20 });
});
