import assert from "node:assert/strict";
import { test } from "node:test";
import { applyJsonPatch, patchOperationsMax } from "./json-patch.ts";
import type { Json } from "./json.ts";

const cases: readonly (readonly [title: string, before: Json, patch: Json, after: Json])[] = [
  ["add sets a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
  ["add inserts into a list", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
  ["add at - appends", [1], [{ op: "add", path: "/-", value: 2 }], [1, 2]],
  ["remove takes a member away", { a: 1, b: 2 }, [{ op: "remove", path: "/a" }], { b: 2 }],
  ["remove takes an item away", [1, 2, 3], [{ op: "remove", path: "/1" }], [1, 3]],
  ["replace changes a value in place", { a: [1, 2] }, [{ op: "replace", path: "/a/0", value: 9 }], { a: [9, 2] }],
  ["replace at the root replaces all", { a: 1 }, [{ op: "replace", path: "", value: [] }], []],
  ["replace at the root by no document changes nothing", { a: 1 }, [{ op: "replace", path: "", value: 3 }], { a: 1 }],
  ["the root is tested", { a: 1 }, [{ op: "test", path: "", value: { a: 1 } }], { a: 1 }],
  ["an add without a value adds null", { a: 1 }, [{ op: "add", path: "/b" }], { a: 1, b: null }],
  ["a replace without a value puts null", { a: 1 }, [{ op: "replace", path: "/a" }], { a: null }],
  ["what stands before the first slash is nobody's", { a: 1 }, [{ op: "add", path: "x/b", value: 2 }], { a: 1, b: 2 }],
  ["an escape that is none stays", {}, [{ op: "add", path: "/~2", value: 2 }], { "~2": 2 }],
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

const one = { op: "add", value: "v" };
const gone = "missing value";

/** As `kubectl patch --local --type=json` says it. */
const texts: readonly (readonly [operation: Json, message: string])[] = [
  [{ ...one, path: "" }, `add operation does not apply: doc is missing path: "": ${gone}`],
  [{ ...one, path: "a" }, `add operation does not apply: doc is missing path: "a": ${gone}`],
  [{ ...one, path: "/q/r" }, `add operation does not apply: doc is missing path: "/q/r": ${gone}`],
  [{ ...one, path: "/a/y" }, `add operation does not apply: doc is missing path: "/a/y": ${gone}`],
  [{ ...one, path: "/l/7" }, "error in add for path: '/l/7': Unable to access invalid index: 7: invalid index referenced"],
  [{ ...one, path: "/l/x" }, "error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax"],
  [one, `add operation failed to decode path: ${gone}`],
  [{ op: "remove", path: "" }, `remove operation does not apply: doc is missing path: "": ${gone}`],
  [{ op: "remove", path: "/q" }, `error in remove for path: '/q': Unable to remove nonexistent key: q: ${gone}`],
  [{ op: "remove", path: "/l/-" }, "error in remove for path: '/l/-': strconv.Atoi: parsing \"-\": invalid syntax"],
  [{ op: "replace", path: "/q/r", value: 1 }, `replace operation does not apply: doc is missing path: /q/r: ${gone}`],
  [{ op: "replace", path: "/l/7", value: 1 }, `replace operation does not apply: doc is missing key: /l/7: ${gone}`],
  [{ op: "test", path: "/q/r", value: 1 }, `test operation does not apply: is missing path: /q/r: ${gone}`],
  [{ op: "test", path: "/l/7", value: 1 }, "error in test for path: '/l/7': Unable to access invalid index: 7: invalid index referenced"],
  [{ op: "test", path: "/a" }, "testing value /a failed: test failed"],
  [{ op: "copy", from: "/q/r", path: "/n" }, `copy operation does not apply: doc is missing from path: /q/r: ${gone}`],
  [{ op: "copy", from: "", path: "/n" }, `copy operation does not apply: doc is missing from path: : ${gone}`],
  [{ op: "copy", from: "/l/7", path: "/n" }, "error in copy for from: '/l/7': Unable to access invalid index: 7: invalid index referenced"],
  [{ op: "copy", from: "/a", path: "/q/r" }, `copy operation does not apply: doc is missing destination path: /q/r: ${gone}`],
  [{ op: "copy", from: "/a", path: "/l/7" }, "error while adding value during copy: Unable to access invalid index: 7: invalid index referenced"],
  [{ op: "copy", path: "/n" }, `copy operation failed to decode from: operation, missing from field: ${gone}`],
  [{ op: "move", from: "/q", path: "/n" }, `error in move for path: 'q': Unable to remove nonexistent key: q: ${gone}`],
  [{ op: "move", from: "/a", path: "/l/7" }, "error in move for path: '/l/7': Unable to access invalid index: 7: invalid index referenced"],
  [{ op: "move", from: "/o", path: "/o/p" }, `move operation does not apply: doc is missing destination path: /o/p: ${gone}`],
  [{ op: "nix", path: "/a" }, "Unexpected kind: nix"],
  [{ path: "/a" }, "Unexpected kind: unknown"],
];

for (const [operation, message] of texts) {
  test(`${JSON.stringify(operation)} is refused: ${message}`, () => { assert.throws(() => applyJsonPatch({ a: 1, l: [1], o: {} }, [operation]), { name: "ValueError", code: "patch", message }); });
}

test("what is no patch is refused as such, and one that is too long", () => {
  for (const [patch, type] of [[{ op: "remove" }, "object into Go value of type jsonpatch.Patch"], [[3], "number into Go value of type jsonpatch.Operation"]] as const) {
    assert.throws(() => applyJsonPatch({}, patch), { code: "syntax", message: `json: cannot unmarshal ${type}` });
  }
  assert.throws(() => applyJsonPatch({}, Array.from({ length: patchOperationsMax + 1 }, () => ({ op: "test", path: "" }))), { code: "limit", message: "The allowed maximum operations in a JSON patch is 10000, got 10001" });
});

const refused: readonly (readonly [title: string, patch: Json])[] = [
  ["a missing path", [{ op: "remove", path: "/x" }]],
  ["a test that fails", [{ op: "test", path: "/a", value: 2 }]],
  ["an unknown op", [{ op: "merge", path: "/a", value: 2 }]],
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
