import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ApiObject } from "../model/object.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import type { Index } from "./controller.ts";
import { ObjectCache } from "./object-cache.ts";

function object(name: string, revision: number, extra: Partial<ApiObject["metadata"]> = {}): ApiObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "n", uid: `uid-${name}`, resourceVersion: String(revision), ...extra } };
}

const byApp: Index = { name: "by-app", kind: ConfigMapKind, values: ({ metadata }) => (metadata.labels?.["app"] === undefined ? [] : [metadata.labels["app"]]) };

test("an older event after a newer answer changes nothing and tells nobody", () => {
  const cache = new ObjectCache();
  let told = 0;
  cache.listen(() => { told++; });
  assert.equal(cache.put(object("a", 5)), true);
  assert.equal(cache.put(object("a", 4)), false);
  assert.equal(cache.put(object("a", 5)), false);
  assert.equal(told, 1);
});

test("what was removed stays removed whatever late news come of it", () => {
  const cache = new ObjectCache();
  cache.put(object("a", 5));
  assert.equal(cache.remove(object("a", 5)), true);
  assert.equal(cache.put(object("a", 6)), false);
  assert.equal(cache.get("n/a"), undefined);
});

test("an object made anew under the name survives the removal of the old one", () => {
  const cache = new ObjectCache();
  cache.put(object("a", 5));
  cache.put(object("a", 9, { uid: "second" }));
  assert.equal(cache.remove(object("a", 8)), false);
  assert.equal(cache.get("n/a")?.metadata.uid, "second");
  assert.equal(cache.put(object("a", 7)), false);
});

test("late news of an object that an unseen one replaced do not bring it back", () => {
  const cache = new ObjectCache();
  cache.put(object("a", 9, { uid: "second" }));
  cache.remove(object("a", 9, { uid: "second" }));
  assert.equal(cache.put(object("a", 4, { uid: "first" })), false);
});

test("a list tells only differences and keeps what was written after it", () => {
  const cache = new ObjectCache();
  for (const [name, revision] of [["a", 1], ["b", 2], ["c", 20]] as const) cache.put(object(name, revision));
  const told: string[] = [];
  cache.listen((now, before) => { told.push(`${now === undefined ? "-" : "+"}${(now ?? before)!.metadata.name}`); });
  const list = cache.beginReplace();
  for (const listed of [object("a", 1), object("d", 10)]) list.take(listed);
  assert.deepEqual(told, ["+d"]);
  list.end("15");
  assert.deepEqual(told, ["+d", "-b"]);
  assert.deepEqual(cache.list("n").map(({ metadata }) => metadata.name), ["a", "c", "d"]);
});

test("owners, dependents and declared indexes follow each change", () => {
  const cache = new ObjectCache({ indexes: [byApp] });
  const owner = { apiVersion: "v1", kind: "X", name: "x", uid: "owner" };
  cache.put(object("a", 1, { labels: { app: "one" }, ownerReferences: [{ ...owner, controller: true }] }));
  cache.put(object("b", 2, { ownerReferences: [owner] }));
  assert.deepEqual(cache.ownedBy("owner").map(({ metadata }) => metadata.name), ["a"]);
  assert.deepEqual(cache.dependentsOf("owner").map(({ metadata }) => metadata.name), ["a", "b"]);
  assert.deepEqual(cache.indexed(byApp, "one")?.length, 1);
  cache.put(object("a", 3, { labels: { app: "two" } }));
  assert.deepEqual([cache.indexed(byApp, "one")?.length, cache.indexed(byApp, "two")?.length, cache.ownedBy("owner").length], [0, 1, 0]);
});

test("a metadata cache keeps nothing else", () => {
  const cache = new ObjectCache({ isMetadataOnly: true });
  cache.put({ ...object("a", 1, { managedFields: [] }), data: { secret: "x" } } as ApiObject);
  assert.deepEqual(Object.keys(cache.get("n/a")!), ["apiVersion", "kind", "metadata"]);
  assert.equal(cache.get("n/a")?.metadata.managedFields, undefined);
});

test("whatever the order of news, the cache ends with the newest state of each object", () => {
  const news = fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), generation: fc.nat(2), step: fc.integer({ min: 1, max: 3 }), isRemoval: fc.boolean() }), { maxLength: 30 });
  fc.assert(fc.property(news, (events) => {
    const cache = new ObjectCache();
    const gone = new Set<string>();
    for (const { name, generation, step, isRemoval } of events) {
      const uid = `${name}-${generation}`;
      const item = object(name, generation * 10 + step, { uid });
      if (isRemoval) { cache.remove(item); gone.add(uid); } else cache.put(item);
    }
    for (const item of cache.list()) assert.equal(gone.has(item.metadata.uid!), false);
    for (const name of ["a", "b", "c"]) {
      const known = cache.get(`n/${name}`);
      if (known === undefined) continue;
      const newer = events.filter((event) => event.name === name && !event.isRemoval && event.generation * 10 + event.step > Number(known.metadata.resourceVersion));
      assert.ok(newer.every((event) => gone.has(`${name}-${event.generation}`)));
    }
  }));
});
