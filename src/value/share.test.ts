import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepFreeze } from "./freeze.ts";
import type { JsonObject } from "./json.ts";
import { sharingWith } from "./share.ts";

const objects = fc.dictionary(fc.constantFrom("a", "b", "c", "constructor"), fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, true, 0, 1, "x", "y"), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(fc.constantFrom("a", "b", "constructor"), tie("value"), { noNullPrototype: true })),
})).value, { noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

test("an object that shares is the object, whatever it shares with", () => {
  fc.assert(fc.property(objects, objects, (known, next) => {
    const shared = sharingWith(deepFreeze(known), deepFreeze(next));
    assert.deepEqual(shared, next);
    assert.deepEqual(Object.keys(shared), shared === known ? Object.keys(known) : Object.keys(next));
    assert.equal(Object.isFrozen(shared), true);
  }));
});

test("an equal object is the known one, and equal parts are the known parts", () => {
  const known = { metadata: { name: "a", labels: { app: "x" } }, spec: { containers: [{ image: "i", args: ["b"] }] } };
  assert.equal(sharingWith(known, structuredClone(known)), known);
  const shared = sharingWith(known, { metadata: { name: "b", labels: { app: "x" } }, spec: structuredClone(known.spec) });
  assert.deepEqual(shared, { ...known, metadata: { name: "b", labels: { app: "x" } } });
  assert.equal(shared["spec"], known.spec);
  assert.equal((shared["metadata"] as JsonObject)["labels"], known.metadata.labels);
});

test("what a known object was made of says which parts are known, and changes nothing else", () => {
  fc.assert(fc.property(objects, objects, objects, (first, second, third) => {
    const known = sharingWith(deepFreeze(first), deepFreeze(second));
    // Some parts are those of the source itself, as in objects of one template.
    const next = deepFreeze({ ...third, ...second, a: { ...third, b: second["b"] ?? null } });
    assert.deepEqual(sharingWith(known, next, { source: second }), sharingWith(known, next));
    assert.deepEqual(sharingWith(known, next, { source: second }), next);
  }));
});

test("a member that is undefined, or gone, makes another object", () => {
  assert.deepEqual(sharingWith({ a: 1, b: 2 }, { a: 1 }), { a: 1 });
  assert.deepEqual(sharingWith({ a: 1 }, { a: 1, b: undefined }), { a: 1, b: undefined });
  assert.deepEqual(sharingWith({ a: 1, b: undefined }, { a: 1 }), { a: 1 });
});
