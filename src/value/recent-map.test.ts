import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecentMap } from "./recent-map.ts";

type Step = readonly [what: "set" | "get" | "delete", key: number, size: number];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.tuple(fc.constantFrom("set" as const, "get" as const, "delete" as const), fc.nat(12), fc.integer({ min: 1, max: 9 })), { maxLength: 120 });

test("what was used last is kept, with its newest value, and the bounds hold", () => {
  fc.assert(fc.property(steps, fc.integer({ min: 2, max: 10 }), (taken, entriesMax) => {
    const sizeMax = 60;
    const map = new RecentMap<number, { readonly size: number }>({ entriesMax, sizes: { max: sizeMax, of: ({ size }) => size } });
    const model = new Map<number, { readonly size: number }>();
    for (const [what, key, size] of taken) {
      const known = model.get(key);
      const found = map.get(key);
      if (found !== undefined) assert.equal(found, known);
      model.delete(key);
      if (what === "delete") assert.equal(map.delete(key), found !== undefined);
      if (what === "get" && found !== undefined) model.set(key, found);
      if (what === "set") {
        const value = { size };
        map.set(key, value);
        model.set(key, value);
      }
      assert.ok(map.count <= entriesMax);
      assert.ok(map.size <= sizeMax);
      let room = sizeMax / 2 - 9;
      for (const [recent, value] of [...model].toReversed().slice(0, entriesMax >> 1)) {
        room -= value.size;
        if (room < 0) break;
        assert.equal(map.get(recent), value, `${recent} was used lately`);
      }
    }
  }), { numRuns: 300 });
});

test("without sizes only entries count", () => {
  const map = new RecentMap<string, string>({ entriesMax: 4 });
  for (const key of ["a", "b", "c", "d"]) map.set(key, key);
  assert.deepEqual([map.count, map.size, map.get("a")], [4, 0, "a"]);
  map.set("e", "e");
  assert.deepEqual(["a", "b", "e"].map((key) => map.get(key)), ["a", undefined, "e"]);
});
