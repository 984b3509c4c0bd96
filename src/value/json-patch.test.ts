import assert from "node:assert/strict";
import { test } from "node:test";
import { applyJsonPatch, patchOperationsMax } from "./json-patch.ts";
import type { Json } from "./json.ts";

const cases: readonly (readonly [title: string, before: Json, patch: Json, after: Json])[] = [
  ["add sets a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
  ["add inserts into a list", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
  ["add at - appends", [1], [{ op: "add", path: "/-", value: 2 }], [1, 2]],
  ["add at the root replaces all", { a: 1 }, [{ op: "add", path: "", value: 2 }], 2],
  ["remove takes a member away", { a: 1, b: 2 }, [{ op: "remove", path: "/a" }], { b: 2 }],
  ["remove takes an item away", [1, 2, 3], [{ op: "remove", path: "/1" }], [1, 3]],
  ["replace changes a value in place", { a: [1, 2] }, [{ op: "replace", path: "/a/0", value: 9 }], { a: [9, 2] }],
  ["replace at the root replaces all", { a: 1 }, [{ op: "replace", path: "", value: [] }], []],
  ["move takes a value elsewhere", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
  ["copy duplicates a value", { a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
  ["test passes for a deeply equal value", { a: { b: [1] } }, [{ op: "test", path: "/a", value: { b: [1] } }], { a: { b: [1] } }],
  ["escapes are read", { "a/b": 1, "m~n": 2 }, [{ op: "remove", path: "/a~1b" }, { op: "remove", path: "/m~0n" }], {}],
  ["replace adds a member that is not there", { a: 1 }, [{ op: "replace", path: "/b", value: 2 }], { a: 1, b: 2 }],
  ["a member that is not there is tested as null", { a: 1 }, [{ op: "test", path: "/b", value: null }], { a: 1 }],
  ["a member that is not there is copied as null", { a: 1 }, [{ op: "copy", from: "/b", path: "/c" }], { a: 1, c: null }],
  ["an index may have leading zeros", [1, 3], [{ op: "add", path: "/01", value: 2 }], [1, 2, 3]],
  ["a negative index counts from the end", [1, 2, 3], [{ op: "remove", path: "/-2" }], [1, 3]],
  ["an add at -1 appends", [1, 2], [{ op: "add", path: "/-1", value: 3 }], [1, 2, 3]],
  ["a replace at -1 changes the last item", [1, 2], [{ op: "replace", path: "/-1", value: 3 }], [1, 3]],
  ["an item that is null is there", [null], [{ op: "test", path: "/0", value: null }], [null]],
  ["members of the prototype are nobody's", {}, [{ op: "test", path: "/constructor", value: null }], {}],
  ["null is a value", { a: 1 }, [{ op: "replace", path: "/a", value: null }], { a: null }],
];

for (const [title, before, patch, after] of cases) {
  test(title, () => {
    const copy = structuredClone(before);
    assert.deepEqual(applyJsonPatch(before, patch), after);
    assert.deepEqual(before, copy);
  });
}

const refused: readonly (readonly [title: string, patch: Json])[] = [
  ["a missing path", [{ op: "remove", path: "/x" }]],
  ["a test that fails", [{ op: "test", path: "/a", value: 2 }]],
  ["an unknown op", [{ op: "merge", path: "/a", value: 2 }]],
  ["a missing value", [{ op: "add", path: "/a" }]],
  ["an index before the start", [{ op: "remove", path: "/l/-2" }]],
  ["a test past the end of a list", [{ op: "test", path: "/l/1", value: null }]],
  ["a replace at the end of a list", [{ op: "replace", path: "/l/-", value: null }]],
  ["a path below what is not there", [{ op: "add", path: "/x/y", value: 1 }]],
  ["a path below a scalar", [{ op: "add", path: "/a/y", value: 1 }]],
  ["a move of what is not there", [{ op: "move", from: "/x", path: "/y" }]],
  ["an index past the end", [{ op: "add", path: "/l/2", value: 1 }]],
  ["a move into itself", [{ op: "move", from: "/o", path: "/o/p" }]],
  ["a patch that is no list", { op: "remove" }],
  ["a path through the prototype", [{ op: "replace", path: "/constructor/name", value: 1 }]],
  ["too many operations", Array.from({ length: patchOperationsMax + 1 }, () => ({ op: "test", path: "/a", value: 1 }))],
];

for (const [title, patch] of refused) {
  test(`${title} is refused`, () => assert.throws(() => applyJsonPatch({ a: 1, l: [1], o: {} }, patch), { name: "ValueError" }));
}

test("__proto__ is a member like any other", () => {
  const patched = applyJsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);
  assert.equal(Object.getPrototypeOf(patched), Object.prototype);
  assert.equal(JSON.stringify(patched), '{"__proto__":{"polluted":true}}');
});
