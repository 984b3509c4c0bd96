import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { deepFreeze } from "../value/freeze.ts";
import { asJson } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { decodeObject, encodeObject, readingOf, spliceInto, spliceRevision } from "./encode.ts";

const objects = fc.record({ name: fc.string(), text: fc.string({ unit: "grapheme" }) })
  .map(({ name, text }) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { text } }, data: { text } }));
const revisions = fc.oneof(fc.nat({ max: 9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.nat({ max: 15 }).map((power) => 10 ** power));

/** What the buffer is filled with before. */
const filling = 0xee;

test("property: what is sent of an object is the object with its revision, which none has at 0", () => {
  fc.assert(fc.property(objects, revisions, (object, revision) => {
    const { metadata, ...rest } = object;
    const sent: unknown = JSON.parse(Buffer.from(spliceRevision(ConfigMapKind, encodeObject(ConfigMapKind, asJson(object)), revision)).toString());
    assert.deepEqual(sent, { ...rest, metadata: revision === 0 ? metadata : { ...metadata, resourceVersion: String(revision) } });
  }));
});

test("property: an object writes itself into a buffer byte for byte, where there is room for all of it, and touches nothing else", () => {
  fc.assert(fc.property(objects, revisions, fc.nat({ max: 20 }), fc.integer({ min: -3, max: 20 }), (object, revision, at, spare) => {
    const stored = encodeObject(ConfigMapKind, asJson(object));
    const whole = Buffer.from(spliceRevision(ConfigMapKind, stored, revision));
    const target = Buffer.alloc(at + whole.length + spare, filling);
    const end = spliceInto(target, at, { kind: ConfigMapKind, stored, revision });
    if (spare < 0) {
      assert.equal(end, undefined);
      assert.ok(target.every((byte) => byte === filling));
      return;
    }
    assert.equal(end, at + whole.length);
    assert.ok(target.subarray(at, end).equals(whole));
    assert.ok([...target.subarray(0, at), ...target.subarray(end)].every((byte) => byte === filling));
  }));
});

const scalar = fc.oneof(fc.constantFrom<Json>(null, true, 0, -0, 1.5, "", "\ud800", "text"), fc.string());
const part: fc.Arbitrary<Json> = fc.letrec<{ part: Json }>((tie) => ({
  part: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("part"), { maxLength: 3 }), members(tie("part")), members(tie("part")).map((read) => deepFreeze(JSON.parse(JSON.stringify(read)) as Json))),
})).part;

/** Members, some of which are absent; not in frozen parts, which have been read before. */
function members(member: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }).filter((name) => name !== "__proto__"), member, { maxKeys: 4, noNullPrototype: true });
}

const withAbsent = fc.tuple(members(part), fc.boolean()).map(([own, isAbsent]): JsonObject => (isAbsent ? { gone: undefined, ...own, left: [{ gone: undefined }] } : own));

/** Changes every part of a value that can be changed. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) spoil(member);
  if (Object.isFrozen(value)) return;
  for (const name of Object.keys(value)) (value as Record<string, unknown>)[name] = "spoiled";
}

test("property: what is said to be read of an object is what reading its bytes gives, and stays so whatever becomes of the object", () => {
  fc.assert(fc.property(withAbsent, withAbsent, fc.constantFrom<JsonObject>({}, { name: "a" }, { resourceVersion: "3", name: "b", selfLink: "/" }, { name: undefined, uid: "u" }), fc.integer({ min: 1, max: 1e9 }), (rest, metadata, more, revision) => {
    const object = { spec: 1, kind: "ConfigMap", ...rest, metadata: { ...metadata, ...more } };
    const read = decodeObject(encodeObject(ConfigMapKind, object), revision);
    const told = readingOf(ConfigMapKind, object)?.(revision);
    spoil(object);
    assert.deepEqual(told, read);
    assert.equal(JSON.stringify(told), JSON.stringify(read));
    assert.equal(deepFreeze(told), told);
    spoil(told);
    assert.deepEqual(told, read);
  }));
});
