import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StoreEntry } from "./store.ts";
import { View } from "./view.ts";

const keys = ["/a/", "/a/x", "/a/x/1", "/a/x/2", "/a/xy", "/a/y/1", "/b/1", "/b/2/3"];
const prefixes = ["/", "/a/", "/a/x/", "/a/x", "/a/y/", "/b/", "/c/"];

test("a list asked for again shows every change since", () => {
  const step = fc.record({ key: fc.constantFrom(...keys), isPut: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const view = new View();
    const live = new Set<string>();
    for (const { key, isPut } of steps) {
      if (!isPut && !live.has(key)) continue;
      view.apply({ revision: view.revision + 1, operations: [isPut ? { kind: "put", key, value: new Uint8Array([view.revision]) } : { kind: "remove", key }] });
      if (isPut) live.add(key);
      else live.delete(key);
      for (const prefix of prefixes) {
        const page = view.list(prefix);
        assert.deepEqual(page.entries.map((entry) => entry.key), [...live].filter((name) => name.startsWith(prefix)).toSorted());
        assert.deepEqual(page.entries, page.entries.map((entry) => view.get(entry.key)));
        assert.deepEqual([page.revision, page.remaining], [view.revision, 0]);
      }
    }
  }));
});

test("values that are gathered are the same, now, in the past and in what is told of changes", () => {
  const valueBytes = 8_192;
  const step = fc.record({ key: fc.integer({ min: 0, max: 400 }), count: fc.integer({ min: 1, max: 60 }), isPut: fc.boolean(), gathers: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
    const view = new View();
    const held: { readonly entry: StoreEntry; readonly byte: number }[] = [];
    let written = 0;
    for (const { key, count, isPut, gathers } of steps) {
      for (let i = 0; i < count; i++) {
        const name = `/k/${(key + i * 7) % 400}`;
        if (!isPut && view.get(name) === undefined) continue;
        view.apply({ revision: view.revision + 1, operations: [isPut ? { kind: "put", key: name, value: new Uint8Array(valueBytes).fill(++written) } : { kind: "remove", key: name }] });
        const entry = view.get(name);
        if (entry !== undefined) held.push({ entry, byte: written % 256 });
      }
      const before = snapshotOf(view);
      if (gathers) while (view.gatherValues());
      assert.deepEqual(snapshotOf(view), before);
    }
    for (const { entry, byte } of held) assert.ok(entry.value.every((each) => each === byte));
  }), { numRuns: 30 });
});

test("gathering gives back the memory between the values that stay", () => {
  const view = new View();
  const put = (key: string) => view.apply({ revision: view.revision + 1, operations: [{ kind: "put", key, value: new Uint8Array(4_096) }] });
  for (let i = 0; i < 4_000; i++) put(`/stays/${i}`);
  const memoryOf = () => new Set(view.list("/").entries.map(({ value }) => value.buffer)).values().reduce((sum, buffer) => sum + buffer.byteLength, 0);
  for (let i = 0; i < 4_000; i++) if (i % 4 > 0) view.apply({ revision: view.revision + 1, operations: [{ kind: "remove", key: `/stays/${i}` }] });
  const beforeBytes = memoryOf();
  let turns = 1;
  while (view.gatherValues()) turns++;
  assert.ok(turns > 1, "no turn is long");
  assert.ok(memoryOf() < beforeBytes / 2, `${memoryOf()} of ${beforeBytes} bytes are left`);
  assert.equal(view.gatherValues(), false);
});

/** What readers see: live entries, those of an old revision, and the events since the beginning, with a number for each value. */
function snapshotOf(view: View): readonly unknown[] {
  const of = ({ key, value, revision, createdRevision }: StoreEntry) => [key, value[0], value.at(-1), value.length, revision, createdRevision];
  const { events } = view.eventsAfter(0, "/", 100_000);
  return [
    view.list("/").entries.map(of), view.list("/", { revision: Math.floor(view.revision / 2) }).entries.map(of),
    events.map((event) => [event.kind, event.key, event.revision, event.kind === "put" ? of(event) : [], event.previous === undefined ? [] : of(event.previous)]),
  ];
}
