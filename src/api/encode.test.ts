import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { asJson } from "../value/json.ts";
import { encodeObject, spliceInto, spliceRevision } from "./encode.ts";

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
