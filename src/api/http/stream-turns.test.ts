import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { turn } from "../in-turns.ts";
import { StreamTurns, writesPerTurn } from "./stream-turns.ts";

test("property: streams write in the order they come, each once, and no more in a turn than there is room for", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat({ max: 3 * writesPerTurn }), { maxLength: 6 }), async (bursts) => {
    const turns = new StreamTurns();
    const written: number[] = [];
    let now = 0;
    let inTurn = 0;
    let came = 0;
    for (const burst of bursts) {
      for (let i = 0; i < burst; i++) {
        const number = came++;
        turns.enter({ write: () => { inTurn++; written.push(number); assert.ok(inTurn <= 2 * writesPerTurn, `${inTurn} in turn ${now}`); } });
      }
      now++;
      await turn();
      inTurn = 0;
    }
    for (let left = 0; left < 40 && written.length < came; left++) { await turn(); inTurn = 0; }
    assert.deepEqual(written, Array.from({ length: came }, (_, number) => number));
  }), { numRuns: 30 });
});

test("others have their turn between the writes of many streams", async () => {
  const turns = new StreamTurns();
  let written = 0;
  for (let i = 0; i < 5 * writesPerTurn; i++) turns.enter({ write: () => { written++; } });
  assert.equal(written, writesPerTurn);
  await turn();
  assert.equal(written, 2 * writesPerTurn);
});
