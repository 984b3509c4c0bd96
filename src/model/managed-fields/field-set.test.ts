import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { differenceOf, hasField, intersectionOf, isEmptySet, keyElement, parseFieldSet, pathsOf, printFieldPath, printFieldSet, setOfPath, unionOf, withoutSubtrees } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import { elementOfItem, keyFieldsOf } from "./atom.ts";
import type { Json } from "../../value/json.ts";

type Operation = (a: FieldSet, b: FieldSet) => FieldSet;
const leaf: FieldSet = {};

/** A set from paths such as `a.b`; every path is a field of its own. */
function setOf(...paths: readonly string[]): FieldSet {
  return paths.map((path) => setOfPath(path.split(".").map((name) => `f:${name}`))).reduce(unionOf, {});
}

function textsOf(set: FieldSet): readonly string[] {
  return pathsOf(set).map((path) => path.map((element) => element.slice(2)).join("."));
}

const operations: readonly (readonly [title: string, operation: Operation, a: readonly string[], b: readonly string[], expected: readonly string[]])[] = [
  ["a union has what either has", unionOf, ["a"], ["b"], ["a", "b"]],
  ["a union with nothing is the set", unionOf, ["a", "a.b"], [], ["a", "a.b"]],
  ["a union of nothing is the other", unionOf, [], ["a.b"], ["a.b"]],
  ["a union keeps a node and what is below it", unionOf, ["a"], ["a.b"], ["a", "a.b"]],
  ["a union keeps what is below a node and it", unionOf, ["a.b"], ["a"], ["a", "a.b"]],
  ["a union joins branches", unionOf, ["a.b", "a.c.d"], ["a.c", "a.e"], ["a.b", "a.c", "a.e", "a.c.d"]],
  ["a difference leaves what the other lacks", differenceOf, ["a", "b"], ["b"], ["a"]],
  ["a difference with itself is empty", differenceOf, ["a", "a.b", "c.d"], ["a", "a.b", "c.d"], []],
  ["a difference takes a node and leaves what is below", differenceOf, ["a", "a.b"], ["a"], ["a.b"]],
  ["a difference takes what is below and leaves the node", differenceOf, ["a", "a.b"], ["a.b"], ["a"]],
  ["a difference takes nothing of what only leads to its fields", differenceOf, ["a", "a.b"], ["a.c"], ["a", "a.b"]],
  ["a difference takes nothing of a leaf by what is below it", differenceOf, ["a"], ["a.b"], ["a"]],
  ["a difference cuts empty branches", differenceOf, ["a.b.c", "d"], ["a.b.c"], ["d"]],
  ["an intersection has what both have", intersectionOf, ["a", "b"], ["b", "c"], ["b"]],
  ["an intersection of a node and what is below it is empty", intersectionOf, ["a"], ["a.b"], []],
  ["an intersection keeps nodes and leaves apart", intersectionOf, ["a", "a.b", "a.c"], ["a", "a.c", "a.d"], ["a", "a.c"]],
  ["an intersection of branches keeps no node on the way", intersectionOf, ["a", "a.b.c"], ["a.b.c"], ["a.b.c"]],
  ["subtrees go with all below them", withoutSubtrees, ["a", "a.b", "a.b.c", "d"], ["a.b"], ["a", "d"]],
  ["subtrees that are not there take nothing", withoutSubtrees, ["a", "b.c"], ["b.d", "e"], ["a", "b.c"]],
  ["a whole branch goes", withoutSubtrees, ["a.b", "a.c"], ["a"], []],
];

for (const [title, operation, a, b, expected] of operations) {
  test(title, () => { assert.deepEqual(textsOf(operation(setOf(...a), setOf(...b))).toSorted(), expected.toSorted()); });
}

const parsed: readonly (readonly [title: string, json: unknown, expected: FieldSet | undefined])[] = [
  ["a tree is read", { "f:a": { ".": {}, "f:b": {} } }, { "f:a": { ".": {}, "f:b": {} } }],
  ["keys are sorted", { 'k:{"protocol":"TCP","containerPort":80}': {} }, { 'k:{"containerPort":80,"protocol":"TCP"}': {} }],
  ["blanks in keys go", { 'k:{ "name": "x" }': {} }, { 'k:{"name":"x"}': {} }],
  ["values are read", { 'v:"x"': {}, "v:3": {} }, { 'v:"x"': {}, "v:3": {} }],
  ["indexes are read", { "i:0": {}, "i:12": {} }, { "i:0": {}, "i:12": {} }],
  ["an unknown element is refused", { "x:a": {} }, undefined],
  ["an element without kind is refused", { a: {} }, undefined],
  ["a key that is no object is refused", { "k:3": {} }, undefined],
  ["a key that is no JSON is refused", { "k:{": {} }, undefined],
  ["a value that is no JSON is refused", { "v:x": {} }, undefined],
  ["an index that is no number is refused", { "i:x": {} }, undefined],
  ["a leaf that is no object is refused", { "f:a": true }, undefined],
  ["a list is refused", [], undefined],
  ["something below a dot is refused", { "f:a": { ".": { "f:b": {} } } }, undefined],
];

for (const [title, json, expected] of parsed) test(`parsing: ${title}`, () => { assert.deepEqual(parseFieldSet(json as never), expected); });

test("printing orders names, keys, values and indexes, each by text", () => {
  const set = { "i:1": leaf, "v:2": leaf, 'k:{"a":1}': leaf, "f:b": leaf, "f:a": { "f:x": leaf, ".": leaf } };
  assert.equal(JSON.stringify(printFieldSet(set)), '{"f:a":{".":{},"f:x":{}},"f:b":{},"k:{\\"a\\":1}":{},"v:2":{},"i:1":{}}');
});

test("a path prints as upstream's", () => {
  assert.equal(printFieldPath(["f:spec", 'k:{"containerPort":80,"protocol":"TCP"}', "f:name"]), '.spec[containerPort=80,protocol="TCP"].name');
  assert.equal(printFieldPath(["f:metadata", "f:finalizers", 'v:"a/b"']), '.metadata.finalizers[="a/b"]');
  assert.equal(printFieldPath(["f:x", "i:3"]), ".x[3]");
});

test("keys of several fields are sorted by name", () => {
  assert.equal(keyElement({ protocol: "TCP", containerPort: 80 }), 'k:{"containerPort":80,"protocol":"TCP"}');
});

test("a field is found by its path", () => {
  const set = setOf("a.b", "c");
  assert.deepEqual([["f:a", "f:b"], ["f:a"], ["f:c"], ["f:c", "f:d"], []].map((path) => hasField(set, path)), [true, false, true, false, false]);
});

const anySet = fc.array(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }).map((names) => names.join(".")), { maxLength: 12 }).map((paths) => setOf(...paths));
const asTexts = (set: FieldSet) => new Set(textsOf(set));

test("union, difference and intersection are those of the sets of paths", () => {
  fc.assert(fc.property(anySet, anySet, (a, b) => {
    const [left, right] = [asTexts(a), asTexts(b)];
    assert.deepEqual(asTexts(unionOf(a, b)), new Set([...textsOf(unionOf(a, b))].filter((path) => left.has(path) || right.has(path))));
    assert.equal(asTexts(unionOf(a, b)).size, left.union(right).size);
    assert.deepEqual([...asTexts(differenceOf(a, b))].toSorted(), [...left.difference(right)].toSorted());
    assert.deepEqual([...asTexts(intersectionOf(a, b))].toSorted(), [...left.intersection(right)].toSorted());
    assert.ok(isEmptySet(differenceOf(a, a)));
    assert.deepEqual(parseFieldSet(printFieldSet(a)), a);
  }));
});

test("property: the element of an item is the one of its key fields alone", () => {
  const names = fc.uniqueArray(fc.constantFrom("name", "port", "10", "9", "a\"b", "protocol"), { minLength: 1, maxLength: 3 });
  const value = fc.constantFrom<Json>("web", "a \"b\"", 80, 0, true, { of: "key" });
  fc.assert(fc.property(names, fc.dictionary(fc.constantFrom("name", "port", "10", "9", "a\"b", "protocol", "other"), value, { noNullPrototype: true }), fc.option(value, { nil: undefined }), (keys, item, fallback) => {
    const list = { kind: "list", keys: keyFieldsOf(keys, () => fallback), item: { kind: "leaf" } } as const;
    const key = Object.fromEntries(keys.flatMap((name) => { const member = item[name] ?? fallback; return member === undefined ? [] : [[name, member] as const]; }));
    assert.equal(elementOfItem(list, item), keyElement(key));
  }));
});
