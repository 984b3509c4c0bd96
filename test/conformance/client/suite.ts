import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Client, WatchEvent } from "../../../src/api/client.ts";
import { isApiError } from "../../../src/model/api-error.ts";
import type { StatusReason } from "../../../src/model/api-error.ts";
import type { ConfigMap } from "../../../src/model/kinds/config-map.ts";
import { ConfigMapKind } from "../../../src/model/kinds/config-map.ts";
import type { Namespace } from "../../../src/model/kinds/namespace.ts";
import { NamespaceKind } from "../../../src/model/kinds/namespace.ts";

/** A client under test and how to let go of it. */
export interface ClientUnderTest {
  readonly client: Client;
  close(): Promise<void>;
}

/** What holds for every `Client`, in process and over HTTPS. */
export function describeClient(title: string, open: () => Promise<ClientUnderTest>): void {
  describe(title, () => {
    let opened: ClientUnderTest;
    let client: Client;
    let count = 0;
    before(async () => { opened = await open(); client = opened.client; });
    after(async () => opened.close());
    const fresh = (data: Readonly<Record<string, string>> = { x: "1" }): ConfigMap => ({
      apiVersion: "v1", kind: "ConfigMap", metadata: { name: `c-${count += 1}`, namespace: "default", labels: { test: `t-${count}` } }, data,
    });
    const refusal = async (attempt: Promise<unknown>, reason: StatusReason) => {
      await assert.rejects(attempt, (error) => isApiError(error, reason));
    };

    test("what was created is read, listed and gone after its removal", async () => {
      const made = await client.create(ConfigMapKind, fresh());
      const ref = { namespace: "default", name: made.metadata.name };
      assert.deepEqual(await client.get(ConfigMapKind, ref), made);
      const listed = await client.list(ConfigMapKind, { namespace: "default", labelSelector: `test=${made.metadata.labels?.["test"]}` });
      assert.deepEqual(listed.items, [made]);
      assert.equal(await client.remove(ConfigMapKind, ref), undefined);
      assert.equal(await client.get(ConfigMapKind, ref), undefined);
    });

    test("removing what is not there is NotFound, creating what is there AlreadyExists", async () => {
      await refusal(client.remove(ConfigMapKind, { namespace: "default", name: "never" }), "NotFound");
      const made = await client.create(ConfigMapKind, fresh());
      await refusal(client.create(ConfigMapKind, { ...made, metadata: { name: made.metadata.name, namespace: "default" } }), "AlreadyExists");
    });

    test("an update at an old revision is refused and changes nothing", async () => {
      const made = await client.create(ConfigMapKind, fresh());
      const updated = await client.update(ConfigMapKind, { ...made, data: { x: "2" } });
      await refusal(client.update(ConfigMapKind, { ...made, data: { x: "3" } }), "Conflict");
      assert.deepEqual(await client.get(ConfigMapKind, { namespace: "default", name: made.metadata.name }), updated);
    });

    test("merge and JSON patches change what they name", async () => {
      const made = await client.create(ConfigMapKind, fresh({ x: "1", y: "1" }));
      const ref = { namespace: "default", name: made.metadata.name };
      const merged = await client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { x: null, z: "1" } } });
      assert.deepEqual(merged.data, { y: "1", z: "1" });
      const replaced = await client.patch(ConfigMapKind, ref, { type: "json", body: [{ op: "replace", path: "/data/y", value: "2" }] });
      assert.deepEqual(replaced.data, { y: "2", z: "1" });
    });

    test("an apply creates, conflicts with other managers' fields, and takes them by force", async () => {
      const { metadata: { name } } = fresh();
      const ref = { namespace: "default", name };
      const apply = (fieldManager: string, data: Readonly<Record<string, string>>, isForced = false) =>
        client.patch(ConfigMapKind, ref, { type: "apply", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { ...data } }, isForced }, { fieldManager });
      assert.deepEqual((await apply("a", { x: "1" })).data, { x: "1" });
      await assert.rejects(apply("b", { x: "2" }), (error) => isApiError(error, "Conflict") && error.message === 'Apply failed with 1 conflict: conflict with "a": .data.x'
        && error.causes.every((cause) => cause.type === "FieldManagerConflict" && cause.path === ".data.x" && cause.detail === 'conflict with "a"'));
      const taken = await apply("b", { x: "2" }, true);
      assert.deepEqual([taken.data, taken.metadata.managedFields?.map((entry) => entry.manager)], [{ x: "2" }, ["b"]]);
      await refusal(client.patch(ConfigMapKind, ref, { type: "apply", body: {} }), "Invalid");
    });

    test("a dry run answers what would be and writes nothing", async () => {
      const object = fresh();
      const answer = await client.create(ConfigMapKind, object, { dryRun: true });
      assert.equal(answer.metadata.name, object.metadata.name);
      assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: object.metadata.name }), undefined);
    });

    test("status is written without the spec, labels with it as upstream", async () => {
      const namespace: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: `n-${count += 1}`, labels: { a: "1" } }, spec: {}, status: {} };
      const made = await client.create(NamespaceKind, namespace);
      const condition = { type: "Tested", status: "True" as const };
      const answer = await client.updateStatus(NamespaceKind, { ...made, metadata: { ...made.metadata, labels: { a: "2" } }, spec: { finalizers: ["example.com/late"] }, status: { ...made.status, conditions: [condition] } });
      assert.deepEqual(answer.status?.conditions, [condition]);
      assert.deepEqual([answer.spec, answer.metadata.labels?.["a"]], [made.spec, "2"]);
    });

    test("a list comes in pages that continue", async () => {
      const label = `pages-${count}`;
      for (let i = 0; i < 5; i++) await client.create(ConfigMapKind, { ...fresh(), metadata: { name: `${label}-${i}`, namespace: "default", labels: { test: label } } });
      const names: string[] = [];
      let more: string | undefined;
      do {
        const page = await client.list(ConfigMapKind, { namespace: "default", labelSelector: `test=${label}`, limit: 2, ...(more === undefined ? {} : { continue: more }) });
        assert.ok(page.items.length <= 2);
        names.push(...page.items.map((item) => item.metadata.name));
        more = page.continue;
      } while (more !== undefined);
      assert.deepEqual(names, [0, 1, 2, 3, 4].map((i) => `${label}-${i}`));
    });

    test("a watch tells every change after its revision, in order, and ends when told", async () => {
      const { resourceVersion } = await client.list(ConfigMapKind, { namespace: "default" });
      const object = fresh();
      const ending = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const event of client.watch(ConfigMapKind, { namespace: "default", labelSelector: `test=${object.metadata.labels?.["test"]}`, resourceVersion }, ending.signal)) {
          if (event.type !== "BOOKMARK") seen.push(printEvent(event));
          if (event.type === "DELETED") ending.abort();
        }
      })();
      const made = await client.create(ConfigMapKind, object);
      await client.update(ConfigMapKind, { ...made, data: { x: "2" } });
      await client.remove(ConfigMapKind, { namespace: "default", name: made.metadata.name });
      await watching;
      assert.deepEqual(seen, ["ADDED 1", "MODIFIED 2", "DELETED 2"]);
    });

    test("a transaction commits all or nothing at one revision", async () => {
      const [a, b] = [fresh(), fresh()];
      const { resourceVersion, objects } = await client.transact({ writes: [{ verb: "create", object: a }, { verb: "create", object: b }] });
      assert.deepEqual(objects.map((object) => object?.metadata.resourceVersion), [resourceVersion, resourceVersion]);
      const c = fresh();
      await refusal(client.transact({ writes: [{ verb: "create", object: c }, { verb: "create", object: a }] }), "AlreadyExists");
      assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: c.metadata.name }), undefined);
      const removal = { verb: "remove" as const, kind: ConfigMapKind, ref: { namespace: "default", name: b.metadata.name } };
      assert.deepEqual((await client.transact({ writes: [removal] })).objects, [undefined]);
    });

    test("an older generation is fenced off", async () => {
      const name = `fence-${count += 1}`;
      await client.transact({ writes: [{ verb: "create", object: fresh() }], fence: { name, generation: 2 } });
      await refusal(client.transact({ writes: [{ verb: "create", object: fresh() }], fence: { name, generation: 1 } }), "Conflict");
    });

    test("an invalid object is refused with its field", async () => {
      const object = { ...fresh(), data: { "not/a/key": "1" } };
      await assert.rejects(client.create(ConfigMapKind, object), (error) => isApiError(error, "Invalid") && error.causes.some((cause) => cause.path.startsWith("data")));
    });
  });
}

function printEvent(event: Extract<WatchEvent<ConfigMap>, { readonly object: ConfigMap }>): string {
  return `${event.type} ${event.object.data?.["x"]}`;
}
