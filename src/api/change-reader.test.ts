import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "../store/engines/memory.ts";
import type { Store, StoreWatchReader } from "../store/store.ts";
import { fakeWorld } from "../../test/world/fake-world.ts";
import { bookmarkIntervalMs, ChangeReader } from "./change-reader.ts";
import type { ChangeBatch } from "./change-reader.ts";

/** Next to the time between two bookmarks, little. */
const littleMs = 1_000;

function setUp() {
  const store = openMemoryStore();
  const world = fakeWorld({ seed: 1 });
  const ending = new AbortController();
  const reader = new ChangeReader({ store, world }, { prefix: "/x/", after: 0, bookmarks: true }, ending.signal);
  return { store, world, ending, reader };
}

async function put(store: Store, key: string): Promise<void> {
  await store.commit({ conditions: [], operations: [{ kind: "put", key, value: new Uint8Array([1]) }] });
}

function print(batch: ChangeBatch | undefined): string {
  return batch === undefined ? "end" : `${batch.isBookmark ? "bookmark" : batch.events.map(({ key }) => key).join(" ")} ${batch.revision}`;
}

/** Watches whose changes are on their way until the arrival. */
function lateWatches(store: Store, arrival: Promise<void>): Pick<Store, "watch"> {
  return {
    watch(...range) {
      const reader = store.watch(...range)[Symbol.asyncIterator]();
      const late: StoreWatchReader = {
        seen: 0,
        next: async () => { const next = await reader.next(); await arrival; return next; },
        return: () => reader.return(),
      };
      return { [Symbol.asyncIterator]: () => late };
    },
  };
}

test("a change is told before the bookmark that is due, which then comes a whole while later", async () => {
  const { store, world, reader } = setUp();
  await put(store, "/x/a");
  assert.equal(print(await reader.next()), "/x/a 1");
  const waiting = reader.next();
  await world.clock.advance(bookmarkIntervalMs - littleMs);
  await put(store, "/x/b");
  assert.equal(print(await waiting), "/x/b 2");
  const next = reader.next();
  await world.clock.advance(bookmarkIntervalMs - littleMs);
  await put(store, "/elsewhere");
  await world.clock.advance(2 * littleMs);
  assert.equal(print(await next), "bookmark 3");
  await reader.close();
  assert.equal(world.clock.pending, 0);
});

test("a change that comes while nobody asks is told to who asks next", async () => {
  const { store, world, reader } = setUp();
  const first = reader.next();
  await world.clock.advance(bookmarkIntervalMs + littleMs);
  assert.equal(print(await first), "bookmark 0");
  await put(store, "/x/a");
  await world.clock.advance(3 * bookmarkIntervalMs);
  assert.deepEqual([print(await reader.next())], ["/x/a 1"]);
  await reader.close();
  assert.equal(world.clock.pending, 0);
});

test("a bookmark promises nothing of a change that is still on its way", async () => {
  const { store, world } = setUp();
  const arrival = Promise.withResolvers<void>();
  const reader = new ChangeReader({ store: lateWatches(store, arrival.promise), world }, { prefix: "/x/", after: 0, bookmarks: true }, new AbortController().signal);
  const first = reader.next();
  await put(store, "/x/a");
  await world.clock.advance(2 * bookmarkIntervalMs);
  assert.equal(print(await first), "bookmark 0");
  arrival.resolve();
  assert.equal(print(await reader.next()), "/x/a 1");
  await reader.close();
});

test("who waits is told of the end, and of the store's failure", async () => {
  const { store, ending, reader } = setUp();
  const waiting = reader.next();
  ending.abort();
  assert.equal(print(await waiting), "end");
  await reader.close();
  const other = new ChangeReader({ store, world: fakeWorld({ seed: 1 }) }, { prefix: "/x/", after: 7, bookmarks: true }, new AbortController().signal);
  await assert.rejects(other.next(), { code: "future" });
  await other.close();
});
