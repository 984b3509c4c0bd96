import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../value/json.ts";
import { anyMessage, filled } from "../../test/api/schema-objects.ts";
import { kinds } from "./kinds.ts";
import { decodeMessage, openEnvelope, sealObject } from "./protobuf.ts";
import { encodeMessage } from "./protobuf-encode.ts";
import { ProtobufError } from "./protobuf-wire.ts";

/** Deep enough for every field of a pod template, shallow enough to be quick. */
const filledDepth = 6;

for (const kind of kinds) {
  test(`a full ${kind.kind} is the same after protobuf`, () => {
    // What travels as a type of its own in the envelope is not in the message; what the depth cut to nothing is written as nothing.
    const { apiVersion: _version, kind: _kind, ...object } = filled(kind.message, filledDepth) as JsonObject;
    const first = decodeMessage(kind.message, encodeMessage(kind.message, object));
    const second = decodeMessage(kind.message, encodeMessage(kind.message, first));
    assert.deepEqual(second, first);
    for (const [key, value] of Object.entries(object)) if (key !== "metadata") assert.deepEqual(pruned(first[key], value), value, key);
  });
}

test("what was decoded is encoded to the same bytes, and decoded to the same again", () => {
  fc.assert(fc.property(fc.constantFrom(...kinds).chain(({ message }) => fc.tuple(fc.constant(message), anyMessage(message, 4))), ([message, object]) => {
    const bytes = encodeMessage(message, object);
    const decoded = decodeMessage(message, bytes);
    assert.deepEqual(Buffer.from(encodeMessage(message, decoded)), Buffer.from(bytes));
    assert.deepEqual(decodeMessage(message, bytes), decoded);
    assert.deepEqual(pruned(decoded, object), object);
  }), { numRuns: 200 });
});

/** `actual` with only what `expected` has: fields that are always written come back as zeros. */
function pruned(actual: Json | undefined, expected: Json | undefined): Json | undefined {
  if (Array.isArray(expected) && Array.isArray(actual)) return (expected as readonly Json[]).map((item, index) => pruned((actual as readonly Json[])[index], item) ?? null);
  if (typeof expected !== "object" || expected === null || Array.isArray(expected) || typeof actual !== "object" || actual === null || Array.isArray(actual)) return actual;
  const [from, like] = [actual as JsonObject, expected as JsonObject];
  return Object.fromEntries(Object.keys(like).map((key) => [key, pruned(from[key], like[key])]));
}

test("zeros are left out, pointers to zero are kept", () => {
  const bytes = encodeMessage("apps/v1.Deployment", { metadata: { name: "web" }, spec: { replicas: 0, paused: false, minReadySeconds: 0, template: {} } });
  const spec = decodeMessage("apps/v1.Deployment", bytes)["spec"] as JsonObject;
  assert.equal(spec["replicas"], 0);
  assert.ok(!("paused" in spec) && !("minReadySeconds" in spec));
});

test("the envelope says what is in it", () => {
  const object = { metadata: { name: "c" }, data: { a: "1" } };
  const opened = openEnvelope(sealObject({ apiVersion: "v1", kind: "ConfigMap", message: "core/v1.ConfigMap" }, object));
  assert.deepEqual({ ...opened, raw: Buffer.from(opened.raw) }, { apiVersion: "v1", kind: "ConfigMap", raw: Buffer.from(encodeMessage("core/v1.ConfigMap", object)) });
});

test("no bytes do more harm than a ProtobufError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const attempt of [() => openEnvelope(bytes), () => decodeMessage("core/v1.Pod", bytes)]) {
      try { attempt(); } catch (error) { assert.ok(error instanceof ProtobufError, String(error)); }
    }
  }));
});
