import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { settle } from "../../test/world/fake-world.ts";
import type { Client } from "../api/client.ts";
import { ApiError } from "../model/api-error.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import type { ConfigMap } from "../model/kinds/config-map.ts";
import { EventKind } from "../model/kinds/event.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import { refOf } from "../model/object.ts";
import type { Log } from "../world/log.ts";
import type { Controller, ControllerContext, Outcome } from "./controller.ts";
import { ProgrammingError } from "./programming-error.ts";
import { grantsOfControllers } from "./rules-of-controller.ts";
import { runControllers } from "./runner.ts";

type Reconcile = (object: ConfigMap | undefined, context: ControllerContext, name: string) => Promise<Outcome>;

function controller(reconcile: Reconcile, extra: Partial<Controller<ConfigMap>> = {}): Controller<ConfigMap> {
  return { name: "test", kind: ConfigMapKind, reads: [ConfigMapKind], writes: [{ kind: ConfigMapKind, part: "whole" }], reconcile: (ref, object, context) => reconcile(object, context, ref.name), ...extra };
}

function configMap(name: string): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } };
}

async function start(controllers: readonly Controller[], change: (client: Client) => Client = (client) => client) {
  const { verbs, client, world, store } = await testApi({ rules: grantsOfControllers(controllers) });
  const lines: { readonly sentence: string; readonly error: unknown }[] = [];
  const keep = (sentence: string, fields?: { readonly error?: unknown }): void => { lines.push({ sentence, error: fields?.error }); };
  const log: Log = { debug() {}, info: keep, warn: keep, error: keep };
  const abort = new AbortController();
  const run = runControllers({ controllers, clientFor: (name) => change(verbs.client({ name, groups: [] })), world: { ...world, log }, signal: abort.signal });
  await run.ready;
  const rest = async (): Promise<void> => { for (let turn = 0; turn < 10; turn++) await settle(); };
  return { client, world, store, lines, rest, stop: async () => { abort.abort(); await run.stopped; } };
}

const done: Outcome = { kind: "done" };

test("a controller sees its own write at once", async () => {
  const seen: unknown[] = [];
  const { client, rest, stop } = await start([controller(async (object, { reader, writer }) => {
    if (object === undefined || object.data !== undefined) return done;
    await writer.update(ConfigMapKind, { ...object, data: { x: "1" } });
    seen.push(reader.get(ConfigMapKind, refOf(object))?.data);
    return done;
  })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  assert.deepEqual(seen, [{ x: "1" }]);
  await stop();
});

test("an undeclared read or write is refused and said loudly", async () => {
  const { client, rest, lines, stop } = await start([controller(async (object, { reader, writer }, name) => {
    if (name === "read") reader.list(SecretKind);
    if (object !== undefined && name === "write") await writer.updateStatus(ConfigMapKind, object);
    return done;
  })]);
  await client.create(ConfigMapKind, configMap("read"));
  await client.create(ConfigMapKind, configMap("write"));
  await rest();
  assert.deepEqual(lines.map(({ error }) => (error instanceof ProgrammingError ? error.message : error)), [
    'controller "test" reads secrets without declaring it', 'controller "test" writes status of configmaps without declaring it',
  ]);
  await stop();
});

test("two writers of one field do not start, two of different fields do", async () => {
  const fields = (name: string, field: string): Controller<ConfigMap> => controller(async () => done, { name, writes: [{ kind: ConfigMapKind, part: "spec", fields: [field] }] });
  await assert.rejects(start([fields("a", "spec.x"), fields("b", "spec.x")]), /controllers "a" and "b" both declare writing spec of configmaps/);
  const { stop } = await start([fields("a", "spec.x"), fields("b", "spec.y")]);
  await stop();
});

test("two writers of objects with different labels start, and what does not carry the label is not written", async () => {
  const only = (name: string, reconcile: Reconcile = async () => done): Controller<ConfigMap> => controller(reconcile, { name, writes: [{ kind: ConfigMapKind, part: "whole", only: { label: "by", value: name } }] });
  await assert.rejects(start([only("a"), controller(async () => done, { name: "b" })]), /controllers "a" and "b" both declare writing spec of configmaps/);
  const { client, rest, lines, stop } = await start([only("a", async (object, { writer }) => {
    if (object !== undefined && object.data === undefined) await writer.update(ConfigMapKind, { ...object, data: { x: "1" } });
    return done;
  }), only("b")]);
  await client.create(ConfigMapKind, { ...configMap("mine"), metadata: { namespace: "default", name: "mine", labels: { by: "a" } } });
  await client.create(ConfigMapKind, configMap("other"));
  await rest();
  assert.deepEqual((await client.list(ConfigMapKind, { namespace: "default" })).items.map(({ data }) => data), [{ x: "1" }, undefined]);
  assert.ok(lines.length > 0 && lines.every(({ error }) => error instanceof ProgrammingError && /does not carry the label it declares/.test(error.message)));
  await stop();
});

test("a failure is logged and tried again with backoff", async () => {
  let tries = 0;
  const { client, rest, world, lines, stop } = await start([controller(async () => {
    tries++;
    if (tries < 3) throw new Error("not yet");
    return done;
  })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await world.clock.advance(5);
  await rest();
  await world.clock.advance(10);
  await rest();
  assert.equal(tries, 3);
  assert.deepEqual(lines.map(({ sentence }) => sentence), ["a controller failed and tries again", "a controller failed and tries again"]);
  await stop();
});

test("what cannot be made in a namespace that ends is not tried again", async () => {
  let tries = 0;
  const { client, rest, world, lines, stop } = await start([controller(async () => {
    tries++;
    throw new ApiError("Forbidden", "no more", { causes: [{ type: "NamespaceTerminating", path: "metadata.namespace", detail: "namespace default is being terminated" }] });
  })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await world.clock.advance(60_000);
  await rest();
  assert.deepEqual([tries, lines], [1, []]);
  await stop();
});

test("an outcome that waits comes again after its time", async () => {
  let passes = 0;
  const { client, rest, world, stop } = await start([controller(async () => { passes++; return { kind: "wait", afterMs: 1000, reason: "test" }; })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await world.clock.advance(999);
  assert.equal(passes, 1);
  await world.clock.advance(1);
  await rest();
  assert.equal(passes, 2);
  await stop();
});

test("an object that goes is reconciled once more, as absent", async () => {
  const seen: boolean[] = [];
  const { client, rest, stop } = await start([controller(async (object) => { seen.push(object !== undefined); return done; })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await rest();
  assert.deepEqual(seen, [true, false]);
  await stop();
});

test("after compaction and lost watches the cache is listed again and only differences are told", async () => {
  const seen: string[] = [];
  let isBroken = false;
  let cut = new AbortController();
  const breaking = (client: Client): Client => ({ ...client, watch: (kind, options, signal) => {
    if (isBroken) throw new Error("the line is cut");
    return client.watch(kind, options, AbortSignal.any([signal, cut.signal]));
  } });
  const { client, store, rest, world, stop } = await start([controller(async (object, _context, name) => { seen.push(`${object === undefined ? "-" : "+"}${name}`); return done; })], breaking);
  for (const name of ["a", "b"]) await client.create(ConfigMapKind, configMap(name));
  await rest();
  isBroken = true;
  cut.abort();
  await rest();
  await client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await client.create(ConfigMapKind, configMap("c"));
  await store.compact(store.revision);
  isBroken = false;
  cut = new AbortController();
  await world.clock.advance(120_000);
  await rest();
  assert.deepEqual(seen, ["+a", "+b", "+c", "-a"]);
  await stop();
});

test("what was made though the answer was lost is in the cache before the next look", async () => {
  const seen: (readonly string[])[] = [];
  const losing = (client: Client): Client => ({
    ...client,
    async create(kind, object, options) {
      await client.create(kind, object, options);
      throw new ApiError("ServiceUnavailable", "the answer was lost");
    },
    // Nothing is told by watches meanwhile.
    watch: (kind, options, signal) => client.watch(kind, { ...options, fieldSelector: "metadata.name!=made-of-a" }, signal),
  });
  const { client, rest, world, stop } = await start([controller(async (_object, { reader, writer }, name) => {
    const known = reader.list(ConfigMapKind).map(({ metadata }) => metadata.name);
    seen.push(known);
    if (!known.includes(`made-of-${name}`) && name === "a") await writer.create(ConfigMapKind, configMap("made-of-a"));
    return done;
  })], losing);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await world.clock.advance(1_000);
  assert.deepEqual(seen.at(0), ["a"]);
  assert.deepEqual(seen.at(-1), ["a", "made-of-a"]);
  await stop();
});

test("repeated events are counted in one object", async () => {
  const { client, rest, stop } = await start([controller(async (object, { writer }) => {
    if (object === undefined) return done;
    for (let count = 0; count < 3; count++) writer.event(object, { type: "Normal", reason: "Tested", message: "hello" });
    return done;
  })]);
  await client.create(ConfigMapKind, configMap("a"));
  await rest();
  await stop();
  const { items } = await client.list(EventKind, { namespace: "default" });
  assert.deepEqual(items.map(({ count, message, involvedObject }) => ({ count, message, name: involvedObject.name })), [{ count: 3, message: "hello", name: "a" }]);
  assert.match(items[0]!.metadata.name, /^a\.[0-9a-f]+$/);
});
