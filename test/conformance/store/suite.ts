import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valueBytesMax, watchBufferEventsMax } from "../../../src/store/limits.ts";
import type { CommitResult, Condition, Operation, Store, StoreEntry, StoreEvent, Transaction } from "../../../src/store/store.ts";

/** One engine under the suite. */
export interface StoreUnderTest {
  readonly name: string;
  /** An empty store of its own, and how to throw away what it left. */
  open(): Promise<{ readonly store: Store; readonly dispose: () => void }>;
}

const never = new AbortController().signal;

export function put(key: string, text: string): Operation {
  return { kind: "put", key, value: new TextEncoder().encode(text) };
}

export function remove(key: string): Operation {
  return { kind: "remove", key };
}

export function transaction(operations: readonly Operation[], conditions: readonly Condition[] = []): Transaction {
  return { conditions, operations };
}

export function text(entry: { readonly value: Uint8Array } | undefined): string | undefined {
  return entry === undefined ? undefined : new TextDecoder().decode(entry.value);
}

async function write(store: Store, ...operations: readonly Operation[]): Promise<number> {
  const result = await store.commit(transaction(operations));
  assert.equal(result.kind, "committed");
  return result.kind === "committed" ? result.revision : 0;
}

/** Reads events until `count` of them came. */
async function read(watch: AsyncIterable<readonly StoreEvent[]>, count: number): Promise<readonly StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of watch) {
    events.push(...batch);
    if (events.length >= count) break;
  }
  return events;
}

/** Reads events up to the first one of this key. */
async function readUntil(watch: AsyncIterable<readonly StoreEvent[]>, key: string): Promise<readonly StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of watch) {
    events.push(...batch);
    if (batch.some((event) => event.key === key)) break;
  }
  return events;
}

function shown(events: readonly StoreEvent[]): readonly string[] {
  return events.map((event) => (event.kind === "put" ? `${event.revision} ${event.key}=${text(event) ?? ""}` : `${event.revision} -${event.key}`));
}

/** The rules of src/store/SPEC.md, for every engine. */
export function storeSuite(subject: StoreUnderTest): void {
  const rule = (title: string, body: (store: Store) => Promise<void>) => {
    test(`${subject.name}: ${title}`, { timeout: 60_000 }, async () => {
      const { store, dispose } = await subject.open();
      try {
        await body(store);
      } finally {
        await store.close();
        dispose();
      }
    });
  };

  rule("S1 revisions are ordered and gap-free, however many write at once", async (store) => {
    assert.equal(store.revision, 0);
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => write(store, put(`k/${i % 7}`, `${i}`))));
    assert.deepEqual(results, Array.from({ length: 200 }, (_, i) => i + 1));
    assert.equal(store.revision, 200);
  });

  rule("S2 all changes of a transaction carry its revision", async (store) => {
    await write(store, put("a", "1"), put("b", "1"));
    await write(store, put("a", "2"), remove("b"), put("c", "2"));
    assert.deepEqual(store.list("").entries.map(({ key, revision }) => [key, revision]), [["a", 2], ["c", 2]]);
  });

  rule("S3 a transaction with a condition that does not hold is refused and changes nothing", async (store) => {
    await write(store, put("a", "1"));
    const refused = await store.commit(transaction([put("a", "2"), put("b", "2")], [{ key: "b", revision: 0 }, { key: "a", revision: 0 }]));
    assert.deepEqual(refused, { kind: "conflict", key: "a", current: store.get("a") });
    assert.deepEqual(await store.commit(transaction([put("b", "2")], [{ key: "b", revision: 1 }])), { kind: "conflict", key: "b", current: undefined });
    assert.equal(store.revision, 1);
    assert.equal(store.get("b"), undefined);
    assert.deepEqual(await store.commit(transaction([put("a", "2")], [{ key: "a", revision: 1 }])), { kind: "committed", revision: 2 });
  });

  rule("S3 of many writers at one revision exactly one wins", async (store) => {
    await write(store, put("a", "0"));
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => store.commit(transaction([put("a", `${i}`)], [{ key: "a", revision: 1 }]))));
    assert.deepEqual(results.map(({ kind }) => kind), ["committed", ...Array.from({ length: 19 }, () => "conflict")]);
    const refused = results[1];
    assert.equal(refused?.kind === "conflict" ? text(refused.current) : "", "0");
  });

  rule("S4 a transaction that changes nothing takes no revision", async (store) => {
    await write(store, put("a", "1"));
    assert.equal(await write(store, remove("absent")), 1);
    assert.equal(await write(store), 1);
    assert.equal(await write(store, put("a", "1")), 2);
  });

  rule("S5 a key keeps the revision of its creation until it is removed", async (store) => {
    await write(store, put("a", "1"));
    await write(store, put("a", "2"));
    assert.deepEqual([store.get("a")?.createdRevision, store.get("a")?.revision], [1, 2]);
    await write(store, remove("a"));
    await write(store, put("a", "4"));
    assert.equal(store.get("a")?.createdRevision, 4);
  });

  rule("S6 a fence of an older generation is refused; an equal or newer one passes", async (store) => {
    const fenced = (generation: number, ...operations: readonly Operation[]) => store.commit({ ...transaction(operations), fence: { name: "app", generation } });
    assert.equal((await fenced(2, put("a", "2"))).kind, "committed");
    assert.deepEqual(await fenced(1, put("a", "1")), { kind: "fenced", name: "app", generation: 2 });
    assert.equal((await fenced(2, put("a", "2b"))).kind, "committed");
    const refused = await store.commit({ ...transaction([put("a", "9")], [{ key: "a", revision: 77 }]), fence: { name: "app", generation: 9 } });
    assert.equal(refused.kind, "conflict");
    assert.deepEqual(await fenced(3), { kind: "committed", revision: 2 });
    assert.deepEqual(await Promise.all([fenced(5, put("a", "5")), fenced(4, put("a", "4"))]).then(([, late]) => late), { kind: "fenced", name: "app", generation: 5 });
    assert.equal(text(store.get("a")), "5");
  });

  rule("S7 values at the limit are kept whole, larger ones and bad keys are refused and change nothing", async (store) => {
    const value = new Uint8Array(valueBytesMax).map((_, i) => i % 251);
    assert.equal((await store.commit(transaction([{ kind: "put", key: "big", value }]))).kind, "committed");
    assert.deepEqual(store.get("big")?.value, value);
    await assert.rejects(store.commit(transaction([put("a", "1"), { kind: "put", key: "bigger", value: new Uint8Array(valueBytesMax + 1) }])), { name: "StoreError", code: "too-large", message: /bigger.*1572865 bytes.*1572864/u });
    for (const key of ["", "x".repeat(1_025), "\ud800"]) await assert.rejects(store.commit(transaction([put(key, "1")])), TypeError);
    await assert.rejects(store.commit(transaction([put("a", "1"), remove("a")])), TypeError);
    assert.equal(store.revision, 1);
    assert.equal((await store.commit(transaction([{ kind: "put", key: "empty", value: new Uint8Array() }]))).kind, "committed");
    assert.equal(store.get("empty")?.value.length, 0);
  });

  rule("S8 a caller may reuse its buffer", async (store) => {
    const value = new TextEncoder().encode("mine");
    const commit = store.commit(transaction([{ kind: "put", key: "a", value }]));
    value.fill(0);
    await commit;
    assert.equal(text(store.get("a")), "mine");
  });

  rule("S12 close lets begun commits finish; later calls and watches end with closed", async (store) => {
    const ended = assert.rejects(read(store.watch("", 0, never), 2), { code: "closed" });
    const commit = store.commit(transaction([put("a", "1")]));
    await store.close();
    assert.deepEqual(await commit, { kind: "committed", revision: 1 });
    await ended;
    await assert.rejects(store.commit(transaction([put("a", "2")])), { code: "closed" });
    assert.throws(() => store.get("a"), { code: "closed" });
  });

  rule("S15 pages at one revision fit together while others write", async (store) => {
    for (let i = 0; i < 40; i++) await write(store, put(`p/${String(i).padStart(3, "0")}`, `${i}`));
    const expected = store.list("p/").entries;
    const { revision } = store;
    const pages: StoreEntry[] = [];
    let after: string | undefined;
    for (let page = 0; ; page++) {
      const answer = store.list("p/", { limit: 7, revision, ...(after === undefined ? {} : { after }) });
      pages.push(...answer.entries);
      assert.equal(answer.revision, revision);
      assert.equal(answer.remaining, 40 - pages.length);
      if (answer.remaining === 0) break;
      after = answer.entries.at(-1)?.key;
      await write(store, remove(`p/${String(page * 9).padStart(3, "0")}`), put(`p/0${page}x`, "new"), put(`p/${String(page + 20).padStart(3, "0")}`, "changed"));
    }
    assert.deepEqual(pages, expected);
    assert.deepEqual(store.list("p/", { limit: 0 }).entries, []);
    assert.deepEqual(store.list("none"), { entries: [], revision: store.revision, remaining: 0 });
  });

  rule("S15 keys are in UTF-16 order and a prefix ends where its keys end", async (store) => {
    const keys = ["a/", "a/b", "a0", "a/\u{1f600}", "a/\uffff", "A", "a/ü", "a/b/c", "a"];
    for (const key of keys) await write(store, put(key, key));
    assert.deepEqual(store.list("").entries.map(({ key }) => key), keys.toSorted());
    assert.deepEqual(store.list("a/").entries.map(({ key }) => key), keys.filter((key) => key.startsWith("a/")).toSorted());
    assert.deepEqual(store.list("a/", { after: "a/b" }).entries.map(({ key }) => key), keys.filter((key) => key.startsWith("a/") && key > "a/b").toSorted());
  });

  rule("S16 a list or watch ahead of the newest revision is refused", async (store) => {
    assert.throws(() => store.list("", { revision: 1 }), { code: "future" });
    await assert.rejects(read(store.watch("", 1, never), 1), { code: "future" });
  });

  rule("S17 a watch answers old and new changes once, in order, under its prefix only", async (store) => {
    await write(store, put("a/1", "old"));
    await write(store, put("a/1", "one"), put("b/1", "x"), put("a/2", "two"));
    const reading = read(store.watch("a/", 1, never), 4);
    await write(store, put("b/2", "x"));
    await write(store, remove("a/1"), put("a/3", "three"));
    const events = await reading;
    assert.deepEqual(shown(events), ["2 a/1=one", "2 a/2=two", "4 -a/1", "4 a/3=three"]);
    assert.deepEqual(events.map(({ previous }) => text(previous)), ["old", undefined, "one", undefined]);
  });

  rule("S17 no watch loses or doubles anything while many write and watches begin at any moment", async (store) => {
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 40; i++) await write(store, put(`w/${writer}/${i % 5}`, `${i}`), put(`other/${writer}`, `${i}`));
    });
    const readings: Promise<readonly StoreEvent[]>[] = [];
    const starts: number[] = [];
    while (store.revision < 300) {
      const afterRevision = Math.floor(store.revision / 2);
      starts.push(afterRevision);
      readings.push(readUntil(store.watch("w/", afterRevision, never), "w/end"));
      await write(store, put("tick", ""));
    }
    await Promise.all(writers);
    await write(store, put("w/end", ""));
    const all = await readUntil(store.watch("w/", 0, never), "w/end");
    assert.equal(all.length, 321);
    for (const [index, events] of (await Promise.all(readings)).entries()) {
      assert.deepEqual(shown(events), shown(all.filter(({ revision }) => revision > (starts[index] ?? 0))));
    }
  });

  rule("S17 a thousand watches on their own prefixes each see their own change", async (store) => {
    const readings = Array.from({ length: 1_000 }, (_, i) => read(store.watch(`app-${i}/`, 0, never), 1));
    await write(store, ...Array.from({ length: 1_000 }, (_, i) => put(`app-${i}/x`, `${i}`)));
    for (const [i, events] of (await Promise.all(readings)).entries()) assert.deepEqual(shown(events), [`1 app-${i}/x=${i}`]);
  });

  rule("S17a a watch has seen what it has handed over, and everything when nothing is left", async (store) => {
    await write(store, put("a/1", "x"));
    await write(store, put("b/1", "x"));
    const watch = store.watch("a/", 0, never)[Symbol.asyncIterator]();
    assert.equal(watch.seen, 0);
    await watch.next();
    const waiting = watch.next();
    assert.equal(watch.seen, 2);
    await write(store, put("b/2", "x"));
    assert.equal(watch.seen, 3);
    await write(store, put("a/2", "x"));
    await waiting;
    await write(store, put("a/3", "x"));
    await write(store, put("b/3", "x"));
    assert.equal(watch.seen, 4, "a/3 was not asked for yet");
    await watch.next();
    assert.equal(watch.seen, 6);
    await watch.return();
    await write(store, put("a/4", "x"));
    assert.equal(watch.seen, 5, "what came after its end it has not seen");
  });

  rule("S18 a reader too far behind ends with slow, an aborted one ends, and others go on", async (store) => {
    const slow = store.watch("s/", 0, never)[Symbol.asyncIterator]();
    const aborted = new AbortController();
    const other = read(store.watch("s/", 0, aborted.signal), Infinity);
    await write(store, put("s/first", ""));
    const first = await slow.next();
    assert.equal(first.done, false);
    const idle = slow.next();
    await write(store, put("s/second", ""));
    await idle;
    for (let written = 0; written <= watchBufferEventsMax; written += 5_000) await write(store, ...Array.from({ length: 5_000 }, (_, i) => put(`s/${i}`, "")));
    await assert.rejects(slow.next(), { code: "slow" });
    assert.equal((await slow.next()).done, true);
    aborted.abort();
    assert.ok((await other).length >= watchBufferEventsMax);
  });

  rule("S15, S17, S19, S21 packed history reads as before, and takes less room", async (store) => {
    const value = "the same words again and again ".repeat(20);
    for (let i = 1; i <= 200; i++) await write(store, put(`k/${i % 3}`, `${value}${i}`));
    await write(store, remove("k/1"));
    const look = async () => ({
      old: [10, 77, 150, 201].map((revision) => store.list("k/", { revision })), newest: store.list("k/"),
      events: await read(store.watch("k/", 5, never), 196), elsewhere: store.list("other/", { revision: 5 }).entries,
    });
    const before = await look();
    const sizeBytes = store.historyBytes ?? 0;
    let packed = 0;
    while (store.packHistory?.({ plainBytes: 2_000, stretchBytes: 10_000 }) === true) packed++;
    assert.ok(packed > 3, `${packed} stretches were packed`);
    assert.ok((store.historyBytes ?? 0) < sizeBytes / 4, `${store.historyBytes} of ${sizeBytes} bytes are left`);
    assert.deepEqual(await look(), before);
    await store.compact(100);
    assert.deepEqual([store.list("k/", { revision: 150 }), await read(store.watch("k/", 100, never), 101)], [before.old[2], before.events.slice(95)]);
    await store.compact(201);
    assert.equal(store.historyBytes, 0);
  });

  rule("S17, S23 values that are gathered read as before, and those read earlier stay", async (store) => {
    const value = "x".repeat(30_000);
    for (let i = 0; i < 200; i++) await write(store, put(`k/${i}`, `${value}${i}`));
    for (let i = 0; i < 200; i++) if (i % 3 > 0) await write(store, remove(`k/${i}`));
    const before = { live: store.list("k/"), old: store.list("k/", { revision: 200 }), events: await read(store.watch("k/", 0, never), store.revision) };
    const copies = structuredClone(before);
    while (store.gatherValues?.() === true);
    assert.deepEqual({ live: store.list("k/"), old: store.list("k/", { revision: 200 }), events: await read(store.watch("k/", 0, never), store.revision) }, copies);
    assert.deepEqual(before, copies);
  });

  rule("S19 compaction forgets the past and keeps the present", async (store) => {
    for (let i = 1; i <= 10; i++) await write(store, put(`k/${i % 3}`, `${i}`));
    await store.compact(6);
    assert.equal(store.compactedRevision, 6);
    assert.throws(() => store.list("", { revision: 5 }), { code: "compacted", message: /history begins at 6/u });
    await assert.rejects(read(store.watch("", 5, never), 1), { code: "compacted" });
    assert.deepEqual(store.list("", { revision: 6 }).entries.map(text), ["6", "4", "5"]);
    assert.deepEqual(shown(await read(store.watch("", 6, never), 4)), ["7 k/1=7", "8 k/2=8", "9 k/0=9", "10 k/1=10"]);
    await store.compact(3);
    assert.equal(store.compactedRevision, 6);
    await assert.rejects(store.compact(11), { code: "future" });
    assert.equal(await write(store, put("k/0", "11")), 11);
  });

  test(`${subject.name}: S1 to S19 any run of operations leaves what a simple model says`, { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { store, dispose } = await subject.open();
      try {
        await compareWithModel(store, steps);
      } finally {
        await store.close();
        dispose();
      }
    }), { numRuns: 40 });
  });
}

type Step =
  | { readonly kind: "commit"; readonly operations: readonly { readonly key: string; readonly value: string | null }[]; readonly condition: { readonly key: string; readonly back: number } | undefined }
  | { readonly kind: "compact"; readonly back: number }
  | { readonly kind: "pack"; readonly plainBytes: number; readonly stretchBytes: number };

const key = fc.constantFrom("a", "a/1", "a/2", "a/20", "b", "b/1");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({
    kind: fc.constant("commit" as const),
    operations: fc.uniqueArray(fc.record({ key, value: fc.option(fc.string({ maxLength: 3 })) }), { maxLength: 3, selector: (operation) => operation.key }),
    condition: fc.option(fc.record({ key, back: fc.nat({ max: 2 }) }), { nil: undefined }),
  }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("compact" as const), back: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pack" as const), plainBytes: fc.nat({ max: 2 }), stretchBytes: fc.integer({ min: 1, max: 6 }) }) },
);

type ModelState = ReadonlyMap<string, { readonly value: string; readonly revision: number; readonly created: number }>;

/** Keeps every state there ever was, in the most obvious way. */
async function compareWithModel(store: Store, steps: readonly Step[]): Promise<void> {
  const states: ModelState[] = [new Map()];
  let compacted = 0;
  const expected: string[] = [];
  const seen: string[] = [];
  const live = (async () => {
    for await (const batch of store.watch("a/", 0, never)) seen.push(...shown(batch));
  })();
  const ended = assert.rejects(live, { code: "closed" });
  for (const next of steps) {
    const newest = states.at(-1) ?? new Map();
    const revision = states.length - 1;
    if (next.kind === "pack") {
      store.packHistory?.(next);
    } else if (next.kind === "compact") {
      const target = Math.max(0, revision - next.back);
      await store.compact(target);
      compacted = Math.max(compacted, target);
    } else {
      const conditions = next.condition === undefined ? [] : [{ key: next.condition.key, revision: Math.max(0, revision - next.condition.back) }];
      const holds = conditions.every((condition) => (newest.get(condition.key)?.revision ?? 0) === condition.revision);
      const changes = next.operations.filter(({ key, value }) => value !== null || newest.has(key));
      const result: CommitResult = await store.commit(transaction(next.operations.map(({ key, value }) => (value === null ? remove(key) : put(key, value))), conditions));
      assert.equal(result.kind, holds ? "committed" : "conflict");
      if (holds && changes.length > 0) {
        const state = new Map(newest);
        for (const { key, value } of changes) {
          if (value === null) state.delete(key);
          else state.set(key, { value, revision: revision + 1, created: newest.get(key)?.created ?? revision + 1 });
          if (key.startsWith("a/")) expected.push(value === null ? `${revision + 1} -${key}` : `${revision + 1} ${key}=${value}`);
        }
        states.push(state);
      }
    }
    compareStates(store, states, compacted);
  }
  await store.close();
  await ended;
  assert.deepEqual(seen, expected);
}

function compareStates(store: Store, states: readonly ModelState[], compacted: number): void {
  assert.deepEqual([store.revision, store.compactedRevision], [states.length - 1, compacted]);
  for (let revision = compacted; revision < states.length; revision++) {
    for (const prefix of ["", "a", "a/", "b"]) {
      const wanted = [...(states[revision] ?? new Map())].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, entry]) => ({ key, value: entry.value, revision: entry.revision, created: entry.created }));
      const plain = (entries: readonly StoreEntry[]) => entries.map((entry) => ({ key: entry.key, value: text(entry), revision: entry.revision, created: entry.createdRevision }));
      assert.deepEqual(plain(store.list(prefix, { revision }).entries), wanted);
      const page = store.list(prefix, { revision, limit: 2, after: "a" });
      const after = wanted.filter((entry) => entry.key > "a");
      assert.deepEqual([plain(page.entries), page.remaining], [after.slice(0, 2), Math.max(0, after.length - 2)]);
    }
  }
}
