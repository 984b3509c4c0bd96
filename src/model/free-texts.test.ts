import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { withField } from "../value/field-path.ts";
import type { Json } from "../value/json.ts";
import { anyText, freeTextsIn, isLike, outlineOf } from "./free-texts.ts";
import type { FreeTexts } from "./free-texts.ts";

const free: FreeTexts = { a: anyText, list: { b: (text) => String(text.length) }, c: { a: anyText } };

const members = fc.constantFrom("a", "b", "c", "list", "d");
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.constantFrom<Json>("x", "y", "long", null, true, false, 0, 7, ""), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(members, tie("value"), { noNullPrototype: true })),
})).value;

const likeness = (one: Json, other: Json): { readonly isAlike: boolean; readonly texts: readonly string[] } => {
  const texts: string[] = [];
  return { isAlike: isLike(one, other, { free, texts }), texts };
};

test("two values are alike when putting the free texts of one into the other makes it the first, and their classes are the same", () => {
  fc.assert(fc.property(value, value, fc.constantFrom("x", "y", "long"), (one, other, text) => {
    const places = freeTextsIn(one, free);
    const changed = places.reduce<Json>((made, { path }) => withField(made, path, text), one);
    for (const another of [other, changed, one]) {
      const found = freeTextsIn(another, free);
      const filled = found.length === places.length ? places.reduce<Json>((made, { path }, index) => withField(made, path, found[index]?.text ?? ""), one) : undefined;
      const isSamePlace = JSON.stringify(found.map(({ path }) => path)) === JSON.stringify(places.map(({ path }) => path));
      const isSameClass = places.every((place, index) => !place.path.includes("list") || place.text.length === found[index]?.text.length);
      const { isAlike, texts } = likeness(another, one);
      assert.equal(isAlike, isSamePlace && isSameClass && JSON.stringify(filled) === JSON.stringify(another));
      if (isAlike) assert.deepEqual([texts, outlineOf(another, free)], [found.map(({ text: each }) => each), outlineOf(one, free)]);
    }
  }));
});

test("the order of members counts, absent ones do not", () => {
  assert.equal(likeness({ d: 1, e: 2 }, { e: 2, d: 1 }).isAlike, false);
  assert.equal(isLike({ d: 1, e: undefined }, { d: 1 }, { free, texts: [] }), true);
  assert.equal(isLike({ name: "x", d: 1 }, { name: 1, d: 1 }, { free, texts: [], except: "name" }), true);
  assert.equal(isLike({ name: "x", d: 1 }, { d: 1 }, { free, texts: [], except: "name" }), false);
});

test("names of many have outlines of their own", () => {
  const outlines = new Set(Array.from({ length: 2_000 }, (_, index) => outlineOf({ spec: { containers: [{ name: `main-${index}`, image: "demo:1" }] } }, undefined)));
  assert.ok(outlines.size > 1_990, String(outlines.size));
});
