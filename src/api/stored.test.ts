import assert from "node:assert/strict";
import { test } from "node:test";
import { configMap } from "../../test/api/objects.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { encodeObject } from "./encode.ts";
import { objectKey } from "./keys.ts";
import { jsonOf } from "./shape.ts";
import { parsedBytesMax, parsedObjectBytesMax, parsedObjectsMax, StoredObjects } from "./stored.ts";

function entry(name: string, revision: number, size = 1) {
  return { key: objectKey(ConfigMapKind, { namespace: "default", name }), value: encodeObject(ConfigMapKind, jsonOf(configMap(name, { x: "y".repeat(size) }))), revision };
}

test("one revision of an object is parsed once, another anew", () => {
  const objects = new StoredObjects();
  const read = (revision: number) => objects.of(ConfigMapKind, entry("a", revision)).object();
  const first = read(1);
  assert.equal(read(1), first);
  assert.notEqual(read(2), first);
  assert.equal(read(1).metadata.resourceVersion, "1", "an older one is answered, and not kept");
  assert.deepEqual(objects.kept.objects, 1);
});

test("parsed objects are bounded in number and in bytes, and large ones are not kept", () => {
  const objects = new StoredObjects();
  for (let i = 0; i < 2 * parsedObjectsMax; i++) objects.of(ConfigMapKind, entry(`s${i}`, i + 1)).object();
  assert.equal(objects.kept.objects, parsedObjectsMax);
  for (let i = 0; i < 100; i++) objects.of(ConfigMapKind, entry(`l${i}`, i + 1, 60_000)).object();
  assert.ok(objects.kept.sizeBytes <= parsedBytesMax, String(objects.kept.sizeBytes));
  const before = objects.kept;
  objects.of(ConfigMapKind, entry("huge", 1, parsedObjectBytesMax)).object();
  assert.deepEqual(objects.kept, before);
});
