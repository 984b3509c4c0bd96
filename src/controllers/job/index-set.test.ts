import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countIndexes, countShared, firstMissing, hasIndex, indexSetOf, parseIndexes, printIndexes, unionOf } from "./index-set.ts";

test("indexes are printed as upstream prints them", () => {
  for (const [indexes, text] of [[[], ""], [[3], "3"], [[1, 0], "0,1"], [[5, 4, 3, 1, 7, 8], "1,3-5,7,8"]] as const) {
    assert.equal(printIndexes(indexSetOf(indexes)), text);
  }
});

test("what does not read, or is not the job's, is left out", () => {
  for (const [text, completions, indexes] of [["1,x,3-5,-2,7-", 10, "1,3-5"], ["2-20", 4, "2,3"], ["5", 4, ""], ["0,1,2", 4, "0-2"], [undefined, 4, ""]] as const) {
    assert.equal(printIndexes(parseIndexes(text, completions)), indexes);
  }
});

const someIndexes = fc.uniqueArray(fc.nat(40));

test("a set of indexes is what a set is, and reads back as it was printed", () => {
  fc.assert(fc.property(someIndexes, someIndexes, fc.nat(10), (a, b, count) => {
    const [one, other] = [indexSetOf(a), indexSetOf(b)];
    const both = new Set([...a, ...b]);
    assert.deepEqual(parseIndexes(printIndexes(one), 100), one);
    assert.deepEqual(unionOf(one, other), indexSetOf(both));
    assert.equal(countIndexes(unionOf(one, other)), both.size);
    assert.equal(countShared(one, other), a.filter((index) => b.includes(index)).length);
    const all = Array.from({ length: 45 }, (_, index) => index);
    assert.deepEqual(all.filter((index) => hasIndex(one, index)), a.toSorted((x, y) => x - y));
    assert.deepEqual(firstMissing(one, count, 45), all.filter((index) => !a.includes(index)).slice(0, count));
  }), { numRuns: 100 });
});
