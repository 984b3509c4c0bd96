import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock, settle } from "../../test/world/fake-world.ts";
import { retryDelayMs, retryFirstMs, retryMaxMs, WorkQueue } from "./work-queue.ts";
import type { WorkResult } from "./work-queue.ts";

/** A queue whose work ends when the test says so. */
function manualQueue(concurrency = 1) {
  const clock = fakeClock();
  const begun: string[] = [];
  const ends = new Map<string, (result: WorkResult) => void>();
  const queue = new WorkQueue({ clock, concurrency, work: (key) => new Promise((resolve) => { begun.push(key); ends.set(key, resolve); }) });
  queue.start();
  const end = async (key: string, result: WorkResult = { kind: "done" }): Promise<void> => { ends.get(key)!(result); await settle(); };
  return { clock, queue, begun, end };
}

test("a key added many times before its turn is worked on once", async () => {
  const { queue, begun } = manualQueue();
  queue.add("a");
  queue.add("a");
  await settle();
  assert.deepEqual(begun, ["a"]);
});

test("a key added while it is worked on comes again afterwards, never at the same time", async () => {
  const { queue, begun, end } = manualQueue(4);
  queue.add("a");
  await settle();
  queue.add("a");
  await settle();
  assert.deepEqual(begun, ["a"]);
  await end("a");
  assert.deepEqual(begun, ["a", "a"]);
});

test("keys are worked on in the order they came, and a busy key waits behind the others", async () => {
  const { queue, begun, end } = manualQueue();
  for (const key of ["a", "b", "c"]) queue.add(key);
  await settle();
  queue.add("a");
  await end("a");
  await end("b");
  await end("c");
  assert.deepEqual(begun, ["a", "b", "c", "a"]);
});

test("a failed key comes again after 5 ms, doubling, and starts over after a success", async () => {
  const { clock, queue, begun, end } = manualQueue();
  queue.add("a");
  await settle();
  for (const delay of [5, 10, 20]) {
    const before = begun.length;
    await end("a", { kind: "failed" });
    await clock.advance(delay - 1);
    assert.equal(begun.length, before);
    await clock.advance(1);
    assert.equal(begun.length, before + 1);
  }
  await end("a");
  queue.add("a");
  await settle();
  await end("a", { kind: "failed" });
  await clock.advance(retryFirstMs);
  assert.equal(begun.length, 6);
});

test("of several delayed adds the earliest counts, and work cancels what is pending", async () => {
  const { clock, queue, begun, end } = manualQueue();
  queue.addAfter("a", 100);
  queue.addAfter("a", 10);
  await clock.advance(10);
  assert.deepEqual(begun, ["a"]);
  await end("a", { kind: "again", afterMs: 500 });
  queue.add("a");
  await settle();
  await end("a");
  await clock.advance(1000);
  assert.deepEqual(begun, ["a", "a"]);
  assert.equal(clock.pending, 0);
});

test("stopping takes nothing more and waits for what is worked on", async () => {
  const { clock, queue, begun, end } = manualQueue();
  queue.add("a");
  queue.addAfter("b", 10);
  await settle();
  let isStopped = false;
  const stopping = queue.stop().then(() => { isStopped = true; });
  await settle();
  assert.equal(isStopped, false);
  await end("a");
  await stopping;
  queue.add("c");
  await clock.advance(100);
  assert.deepEqual(begun, ["a"]);
});

test("the retry delay never falls and never passes its bound", () => {
  fc.assert(fc.property(fc.nat(10_000), (failures) => {
    const delay = retryDelayMs(failures);
    assert.ok(delay >= retryFirstMs && delay <= retryMaxMs && delay <= retryDelayMs(failures + 1));
  }));
});
