import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { View } from "./view.ts";

const keys = ["/a/", "/a/x", "/a/x/1", "/a/x/2", "/a/xy", "/a/y/1", "/b/1", "/b/2/3"];
const prefixes = ["/", "/a/", "/a/x/", "/a/x", "/a/y/", "/b/", "/c/"];

test("a list asked for again shows every change since", () => {
  const step = fc.record({ key: fc.constantFrom(...keys), isPut: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const view = new View();
    const live = new Set<string>();
    for (const { key, isPut } of steps) {
      if (!isPut && !live.has(key)) continue;
      view.apply({ revision: view.revision + 1, operations: [isPut ? { kind: "put", key, value: new Uint8Array([view.revision]) } : { kind: "remove", key }] });
      if (isPut) live.add(key);
      else live.delete(key);
      for (const prefix of prefixes) {
        const page = view.list(prefix);
        assert.deepEqual(page.entries.map((entry) => entry.key), [...live].filter((name) => name.startsWith(prefix)).toSorted());
        assert.deepEqual(page.entries, page.entries.map((entry) => view.get(entry.key)));
        assert.deepEqual([page.revision, page.remaining], [view.revision, 0]);
      }
    }
  }));
});
