import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeWorld } from "../../test/world/fake-world.ts";
import { TurnBudget, worksPerTurn } from "./turn-budget.ts";
import { WorkQueue } from "./work-queue.ts";

const turn = () => new Promise((resolve) => { setImmediate(resolve); });

test("a turn is spent after so many works or milliseconds, and the next one is whole again", async () => {
  const { clock } = fakeWorld();
  let nowMs = 0;
  const budget = new TurnBudget({ ...clock, monotonicMs: () => nowMs });
  for (let count = 0; count < worksPerTurn; count++) {
    assert.equal(budget.isSpent, false);
    budget.note();
  }
  assert.equal(budget.isSpent, true);
  await turn();
  assert.equal(budget.isSpent, false);
  nowMs += 50;
  assert.equal(budget.isSpent, true);
  await turn();
  assert.equal(budget.isSpent, false);
});

test("of queues that share their turns none waits until another is empty", async () => {
  const { clock } = fakeWorld();
  const budget = new TurnBudget(clock);
  const worked: string[] = [];
  const queues = ["a", "b"].map((name) => new WorkQueue({ clock, concurrency: 1, budget, work: async (key) => { worked.push(`${name}${key}`); return { kind: "done" }; } }));
  for (const queue of queues) {
    for (let key = 0; key < 5 * worksPerTurn; key++) queue.add(String(key));
    queue.start();
  }
  await turn();
  await turn();
  assert.ok(worked.some((name) => name.startsWith("b")) && worked.length < 4 * worksPerTurn, String(worked.length));
  for (let left = 0; left < 2_000 && queues.some((queue) => queue.size > 0); left++) await turn();
  assert.equal(worked.length, 10 * worksPerTurn);
});
