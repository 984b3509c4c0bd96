import assert from "node:assert/strict";
import { test } from "node:test";
import { printCanonicalJson } from "./canonical-json.ts";
import { fnv1a32, safeEncode, sha256 } from "./digest.ts";
import { isEqual } from "./equal.ts";
import { parseFieldPath, parsePointer, printFieldPath, printPointer, readField, withField, withoutField } from "./field-path.ts";
import { deepFreeze } from "./freeze.ts";
import { applyMergePatch, generateMergePatch } from "./merge-patch.ts";

test("digests are those the standards name", () => {
  assert.equal(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(fnv1a32("foobar"), 0xbf9cf968);
  assert.equal(safeEncode("0123456789"), "456789bcdf");
});

test("canonical JSON sorts members at every depth", () => {
  assert.equal(printCanonicalJson({ b: [{ d: 1, c: undefined, a: null }], a: "x" }), '{"a":"x","b":[{"a":null,"d":1}]}');
});

test("equality ignores order and undefined members, but not null", () => {
  assert.equal(isEqual({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(isEqual({ a: 1 }, { a: 1, b: null }), false);
  assert.equal(isEqual([1, 2], [2, 1]), false);
  assert.equal(isEqual({}, { toString: 1 }), false);
  assert.equal(isEqual(JSON.parse('{"__proto__":{}}'), {}), false);
  assert.equal(isEqual(JSON.parse('{"__proto__":null}'), JSON.parse('{"__proto__":null}')), true);
  assert.equal(isEqual({}, []), false);
  assert.equal(isEqual({ a: { c: 1, b: 2 } }, { a: { b: 2, c: 1 } }), true);
});

test("frozen values are frozen at every depth", () => {
  assert.ok(Object.isFrozen(deepFreeze({ a: [{}] }).a[0]));
});

test("a merge patch merges, deletes by null and leaves its arguments alone", () => {
  const target = deepFreeze({ a: { b: 1, c: 2 }, l: [1] });
  assert.deepEqual(applyMergePatch(target, deepFreeze({ a: { b: null, d: { e: 1 } }, l: [2] })), { a: { c: 2, d: { e: 1 } }, l: [2] });
  const after = { a: { c: 3 }, l: [1] };
  assert.deepEqual(applyMergePatch(target, generateMergePatch(target, after) ?? null), after);
  assert.equal(generateMergePatch(target, target), undefined);
});

test("paths are read and printed in Kubernetes' form", () => {
  assert.deepEqual(parseFieldPath(".spec.containers[0].image"), ["spec", "containers", 0, "image"]);
  assert.deepEqual(parseFieldPath("metadata.labels[example.com/a]"), ["metadata", "labels", "example.com/a"]);
  assert.deepEqual(parseFieldPath("metadata.annotations['a.b']"), ["metadata", "annotations", "a.b"]);
  assert.equal(printFieldPath(["spec", "ports", 1, "x", "a.b/c"]), "spec.ports[1].x[a.b/c]");
  assert.throws(() => parseFieldPath("a..b"), { code: "syntax" });
});

test("JSON pointers are read and printed with their escapes", () => {
  assert.deepEqual(parsePointer("/a~1b/0/m~0n"), ["a/b", "0", "m~n"]);
  assert.equal(printPointer(["a/b", 0, "m~n"]), "/a~1b/0/m~0n");
  assert.equal(readField({ "a/b": [{ "m~n": 5 }] }, parsePointer("/a~1b/0/m~0n")), 5);
});

test("setting and removing a field copies only the way there", () => {
  const value = deepFreeze({ spec: { list: [{ a: 1 }] }, other: {} });
  assert.deepEqual(withField(value, "spec.list[0].b.c", 2), { spec: { list: [{ a: 1, b: { c: 2 } }] }, other: {} });
  assert.deepEqual(withoutField(value, "spec.list[0].a"), { spec: { list: [{}] }, other: {} });
  assert.equal(withoutField(value, "spec.none"), value);
  assert.equal(readField(value, "spec.toString"), undefined);
  assert.throws(() => withField(value, "spec.list[3]", 1), { code: "patch" });
});
