import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./simulation.ts";

for (const seed of [1, 2, 3, 5, 7, 12]) {
  test(`seed ${seed}: nothing that must not happen happens, and with all faults off everything is as Git says`, async () => {
    const { violation, script } = await runSeed(seed);
    assert.equal(violation, undefined, script.join("\n"));
  });
}

test("one seed is one story: run twice it writes the same, in the same order", async () => {
  const [first, second] = [await runSeed(4), await runSeed(4)];
  assert.equal(first.digest, second.digest);
  assert.deepEqual(first.script, second.script);
});
