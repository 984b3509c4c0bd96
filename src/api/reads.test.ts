import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { configMap, namespace, pod } from "../../test/api/objects.ts";
import { settle } from "../../test/world/fake-world.ts";
import { isApiError } from "../model/api-error.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { StoredEvent, StoredList } from "./verbs.ts";
import { bookmarkIntervalMs } from "./change-reader.ts";

async function apiWith(names: readonly string[]): Promise<TestApi> {
  const api = await testApi();
  for (const [index, name] of names.entries()) await api.client.create(ConfigMapKind, configMap(name, {}, { labels: { parity: index % 2 === 0 ? "even" : "odd" } }));
  return api;
}

function namesOf(list: Pick<StoredList, "items">): readonly string[] {
  return list.items.map(({ name }) => name);
}

test("the bytes of an object are the object, revision included", async () => {
  const { verbs, caller } = await apiWith(["a"]);
  const stored = await verbs.get(caller, ConfigMapKind, { namespace: "default", name: "a" });
  const text = new TextDecoder().decode(stored.bytes());
  assert.ok(text.startsWith('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"2","name":"a"'), text);
  assert.deepEqual(JSON.parse(text), stored.object());
});

test("a list is in key order, in one namespace or in all", async () => {
  const api = await apiWith(["b", "a"]);
  await api.client.create(NamespaceKind, namespace("aaa"));
  await api.client.create(ConfigMapKind, configMap("z", {}, { namespace: "aaa" }));
  assert.deepEqual(namesOf(await api.verbs.list(api.caller, ConfigMapKind, { namespace: "default" })), ["a", "b"]);
  assert.deepEqual(namesOf(await api.verbs.list(api.caller, ConfigMapKind, {})), ["z", "a", "b"]);
});

test("pages of a list show one revision, whatever happens between them", async () => {
  const { client, verbs, caller } = await apiWith(["a", "b", "c", "d", "e"]);
  const first = await verbs.list(caller, ConfigMapKind, { namespace: "default", limit: 2 });
  assert.deepEqual([namesOf(first), first.remainingItemCount], [["a", "b"], 3]);
  await client.remove(ConfigMapKind, { namespace: "default", name: "d" });
  await client.create(ConfigMapKind, configMap("bb"));
  const second = await verbs.list(caller, ConfigMapKind, { namespace: "default", limit: 2, continue: first.continue ?? "" });
  const third = await verbs.list(caller, ConfigMapKind, { namespace: "default", limit: 2, continue: second.continue ?? "" });
  assert.deepEqual([...namesOf(second), ...namesOf(third)], ["c", "d", "e"]);
  assert.deepEqual([second.resourceVersion, third.resourceVersion, third.continue], [first.resourceVersion, first.resourceVersion, undefined]);
});

test("a token whose revision is compacted away is answered with one that goes on at the newest", async () => {
  const { client, store, verbs, caller } = await apiWith(["a", "b", "c"]);
  const first = await verbs.list(caller, ConfigMapKind, { namespace: "default", limit: 1 });
  await client.create(ConfigMapKind, configMap("d"));
  await store.compact(store.revision);
  const expired = await verbs.list(caller, ConfigMapKind, { namespace: "default", limit: 1, continue: first.continue ?? "" }).then(() => undefined, (error: unknown) => error);
  assert.ok(isApiError(expired, "Expired"));
  const rest = await verbs.list(caller, ConfigMapKind, { namespace: "default", continue: expired.continue ?? "" });
  assert.deepEqual(namesOf(rest), ["b", "c", "d"]);
});

const selections = [
  { labelSelector: "parity=odd", expected: ["b", "d"] },
  { labelSelector: "parity in (odd,even),parity!=odd", expected: ["a", "c", "e"] },
  { fieldSelector: "metadata.name=c", expected: ["c"] },
  { fieldSelector: "metadata.name!=c,metadata.namespace=default", expected: ["a", "b", "d", "e"] },
  { labelSelector: "parity=odd", limit: 1, expected: ["b"] },
  { labelSelector: "none", expected: [] },
] as const;

for (const { expected, ...request } of selections) {
  test(`${JSON.stringify(request)} selects ${expected.join(", ") || "nothing"}`, async () => {
    const { verbs, caller } = await apiWith(["a", "b", "c", "d", "e"]);
    const list = await verbs.list(caller, ConfigMapKind, { namespace: "default", ...request });
    assert.deepEqual(namesOf(list), expected);
    assert.equal(list.remainingItemCount, undefined);
  });
}

test("paging through any selection gives the same as one list", async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 7 }), fc.constantFrom("", "parity=odd"), async (count, limit, labelSelector) => {
    const { verbs, caller } = await apiWith(Array.from({ length: count }, (_, index) => `c${String(index).padStart(2, "0")}`));
    const whole = await verbs.list(caller, ConfigMapKind, { namespace: "default", labelSelector });
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page: StoredList = await verbs.list(caller, ConfigMapKind, { namespace: "default", labelSelector, limit, ...(token === undefined ? {} : { continue: token }) });
      assert.ok(page.items.length <= limit);
      seen.push(...namesOf(page));
      token = page.continue;
    } while (token !== undefined);
    assert.deepEqual(seen, namesOf(whole));
  }), { numRuns: 40 });
});

test("pods are selected by the node they run on", async () => {
  const { client, verbs, caller } = await testApi();
  await client.create(PodKind, pod("a", { nodeName: "n1" }));
  await client.create(PodKind, pod("b", { nodeName: "n2" }));
  assert.deepEqual(namesOf(await verbs.list(caller, PodKind, { fieldSelector: "spec.nodeName=n2" })), ["b"]);
});

test("a list of an exact revision shows that revision; one not older than N shows the newest", async () => {
  const { client, verbs, caller, store } = await apiWith(["a"]);
  const revision = String(store.revision);
  await client.create(ConfigMapKind, configMap("b"));
  const exact = await verbs.list(caller, ConfigMapKind, { resourceVersion: revision, resourceVersionMatch: "Exact" });
  assert.deepEqual([namesOf(exact), exact.resourceVersion], [["a"], revision]);
  assert.deepEqual(namesOf(await verbs.list(caller, ConfigMapKind, { resourceVersion: revision })), ["a", "b"]);
});

test("a revision ahead of the store is waited for, and given up after 3 seconds", async () => {
  const { client, verbs, caller, store, world } = await apiWith(["a"]);
  const ahead = verbs.list(caller, ConfigMapKind, { resourceVersion: String(store.revision + 1) });
  await client.create(ConfigMapKind, configMap("b"));
  await world.clock.advance(200);
  assert.deepEqual(namesOf(await ahead), ["a", "b"]);
  const never = verbs.list(caller, ConfigMapKind, { resourceVersion: "999" });
  const refused = assert.rejects(never, { code: 504, message: `Timeout: Too large resource version: 999, current: ${store.revision}` });
  await world.clock.advance(4_000);
  await refused;
});

/** Collects a watch until it is stopped. */
function collect(api: TestApi, request: Parameters<TestApi["verbs"]["watch"]>[2]): { readonly seen: readonly StoredEvent[]; readonly stop: () => Promise<void> } {
  const controller = new AbortController();
  const seen: StoredEvent[] = [];
  const running = (async () => { for await (const batch of api.verbs.watch(api.caller, ConfigMapKind, request, controller.signal)) seen.push(...batch); })();
  return { seen, stop: async () => { await settle(); controller.abort(); await running; } };
}

function printEvents(events: readonly StoredEvent[]): readonly string[] {
  return events.map((event) => event.type === "BOOKMARK" ? `BOOKMARK ${event.resourceVersion}` : `${event.type} ${event.stored.name} ${event.stored.object().metadata.resourceVersion}`);
}

test("a watch without a revision begins with what is there", async () => {
  const api = await apiWith(["a", "b"]);
  const { seen, stop } = collect(api, { namespace: "default" });
  await settle();
  await api.client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await stop();
  assert.deepEqual(printEvents(seen), ["ADDED a 2", "ADDED b 3", "DELETED a 4"]);
});

test("a watch that is to send initial events tells where they end, and one that is not begins now", async () => {
  const api = await apiWith(["a", "b"]);
  const listed = collect(api, { namespace: "default", resourceVersion: "2", bookmarks: true, sendInitialEvents: true });
  const silent = collect(api, { namespace: "default", resourceVersion: "0", bookmarks: true, sendInitialEvents: false });
  await settle();
  await api.client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await listed.stop();
  await silent.stop();
  assert.deepEqual(printEvents(listed.seen), ["ADDED a 2", "ADDED b 3", "BOOKMARK 3", "DELETED a 4"]);
  assert.deepEqual(listed.seen[2], { type: "BOOKMARK", resourceVersion: "3", isInitialEventsEnd: true });
  assert.deepEqual(printEvents(silent.seen), ["DELETED a 4"]);
});

test("a watch from a revision that has not come waits for it, and tells what comes behind it", async () => {
  const api = await apiWith(["a"]);
  const ahead = collect(api, { namespace: "default", resourceVersion: "4", bookmarks: true });
  await settle();
  for (const name of ["b", "c"]) await api.client.create(ConfigMapKind, configMap(name));
  await settle();
  assert.deepEqual(printEvents(ahead.seen), []);
  await api.client.create(ConfigMapKind, configMap("d"));
  await ahead.stop();
  assert.deepEqual(printEvents(ahead.seen), ["ADDED d 5"]);
});

test("a bookmark is never older than the revision a watch begins at", async () => {
  const api = await apiWith(["a"]);
  const ahead = collect(api, { resourceVersion: "4", bookmarks: true });
  await settle();
  await api.world.clock.advance(bookmarkIntervalMs + 1_000);
  assert.deepEqual(printEvents(ahead.seen), []);
  for (const name of ["b", "c"]) await api.client.create(ConfigMapKind, configMap(name));
  await settle();
  await api.world.clock.advance(bookmarkIntervalMs + 1_000);
  await ahead.stop();
  assert.deepEqual(printEvents(ahead.seen), ["BOOKMARK 4"]);
});

test("what enters a selection is ADDED, and what leaves it DELETED in its last selected state", async () => {
  const api = await testApi();
  const { seen, stop } = collect(api, { labelSelector: "on=yes", resourceVersion: String(api.store.revision) });
  const ref = { namespace: "default", name: "a" };
  const setLabel = (on: string, x: string) => api.client.patch(ConfigMapKind, ref, { type: "merge", body: { metadata: { labels: { on } }, data: { x } } });
  await api.client.create(ConfigMapKind, configMap("a", { x: "1" }));
  await setLabel("yes", "2");
  await setLabel("yes", "3");
  await setLabel("no", "4");
  await setLabel("no", "5");
  await api.client.remove(ConfigMapKind, ref);
  await stop();
  assert.deepEqual(printEvents(seen), ["ADDED a 3", "MODIFIED a 4", "DELETED a 5"]);
  const last = seen.at(-1);
  assert.ok(last?.type === "DELETED");
  assert.partialDeepStrictEqual(last.stored.object(), { data: { x: "3" }, metadata: { labels: { on: "yes" } } });
});

test("a quiet watch gets a bookmark every minute at the newest revision, and only when asked", async () => {
  const api = await testApi();
  const start = String(api.store.revision);
  const marked = collect(api, { resourceVersion: start, bookmarks: true });
  const plain = collect(api, { resourceVersion: start });
  await settle();
  await api.client.create(NamespaceKind, namespace("elsewhere"));
  await api.world.clock.advance(2 * bookmarkIntervalMs + 1_000);
  await Promise.all([marked.stop(), plain.stop()]);
  assert.deepEqual([printEvents(marked.seen), printEvents(plain.seen)], [["BOOKMARK 2", "BOOKMARK 2"], []]);
  assert.equal(api.world.clock.pending, 0, "no timer is left behind");
});

type Step = { readonly verb: "put" | "remove"; readonly name: string; readonly on: boolean };

const step: fc.Arbitrary<Step> = fc.record({ verb: fc.constantFrom("put", "put", "remove"), name: fc.constantFrom("a", "b", "c"), on: fc.boolean() });

test("replaying a watch over the list it started from gives the list at its end", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat({ max: 40 }), fc.constantFrom("", "on=yes"), async (steps, cut, labelSelector) => {
    const api = await testApi();
    for (const one of steps.slice(0, cut)) await take(api, one);
    const start = await api.verbs.list(api.caller, ConfigMapKind, { labelSelector });
    const { seen, stop } = collect(api, { labelSelector, resourceVersion: start.resourceVersion });
    for (const one of steps.slice(cut)) await take(api, one);
    await stop();
    const replayed = new Map(start.items.map((stored) => [stored.name, stored.object()]));
    let revision = Number(start.resourceVersion);
    for (const event of seen) {
      assert.ok(event.type !== "BOOKMARK");
      const { name } = event.stored;
      assert.equal(replayed.has(name), event.type !== "ADDED", `${event.type} ${name}`);
      assert.ok(event.stored.revision > revision, "revisions rise");
      revision = event.stored.revision;
      if (event.type === "DELETED") replayed.delete(name);
      else replayed.set(name, event.stored.object());
    }
    const end = await api.verbs.list(api.caller, ConfigMapKind, { labelSelector });
    assert.deepEqual(new Map([...replayed].toSorted(([a], [b]) => a < b ? -1 : 1)), new Map(end.items.map((stored) => [stored.name, stored.object()])));
  }), { numRuns: 60 });
});

async function take({ client }: TestApi, { verb, name, on }: Step): Promise<void> {
  const ref = { namespace: "default", name };
  const labels = { on: on ? "yes" : "no" };
  if (verb === "remove") await client.remove(ConfigMapKind, ref).catch(() => undefined);
  else if (await client.get(ConfigMapKind, ref) === undefined) await client.create(ConfigMapKind, configMap(name, {}, { labels }));
  else await client.patch(ConfigMapKind, ref, { type: "merge", body: { metadata: { labels }, data: { n: String(Math.imul(name.charCodeAt(0), 7)) } } });
}
