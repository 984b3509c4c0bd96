import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import type { ConfigMap } from "../model/kinds/config-map.ts";

const ref = { namespace: "default", name: "a" };

function configMap(data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...ref }, data };
}

test("what was created is read back with its revision, uid and time", async () => {
  const { client } = await testApi();
  const made = await client.create(ConfigMapKind, configMap({ x: "1" }));
  assert.equal(made.metadata.resourceVersion, "2");
  assert.equal(made.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
  assert.match(made.metadata.uid ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(await client.get(ConfigMapKind, ref), made);
});

test("one object goes through every verb", async () => {
  const { client, store } = await testApi();
  const controller = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of client.watch(ConfigMapKind, { namespace: "default", resourceVersion: String(store.revision) }, controller.signal)) {
      seen.push(event.type === "BOOKMARK" ? "BOOKMARK" : `${event.type} ${event.object.data?.["x"]}`);
      if (event.type === "DELETED") return;
    }
  })();
  const made = await client.create(ConfigMapKind, configMap({ x: "1" }));
  const updated = await client.update(ConfigMapKind, { ...made, data: { x: "2" } });
  const patched = await client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { x: "3" } } });
  assert.equal(updated.data?.["x"], "2");
  assert.equal(patched.data?.["x"], "3");
  assert.deepEqual((await client.list(ConfigMapKind, { namespace: "default" })).items, [patched]);
  assert.equal(await client.remove(ConfigMapKind, ref), undefined);
  assert.equal(await client.get(ConfigMapKind, ref), undefined);
  await watching;
  assert.deepEqual(seen, ["ADDED 1", "MODIFIED 2", "MODIFIED 3", "DELETED 3"]);
});

test("a transaction commits all its writes at one revision", async () => {
  const { client } = await testApi();
  const { resourceVersion, objects } = await client.transact({ writes: [
    { verb: "create", object: configMap({ x: "1" }) },
    { verb: "create", object: { ...configMap({ x: "2" }), metadata: { namespace: "default", name: "b" } } },
  ] });
  assert.deepEqual(objects.map((object) => object?.metadata.resourceVersion), [resourceVersion, resourceVersion]);
});
