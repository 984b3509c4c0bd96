import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mutants } from "./mutants.ts";
import { runSeed } from "./simulation.ts";

/** Fewer than of the long run (`npm run sim`), so that the whole file takes half a minute. */
const steps = 12;

/** Seeds that failed in a longer run, once they no longer do. */
const longer = [{ seed: 9, stepCount: 20 }];

for (const { seed, stepCount } of [...[1, 2, 3, 5, 6, 7, 8, 12, 15, 17].map((seed) => ({ seed, stepCount: steps })), ...longer]) {
  test(`seed ${seed}: nothing that must not happen happens, and with all faults off everything is as Git says`, async () => {
    const { violation, script } = await runSeed(seed, stepCount);
    assert.equal(violation, undefined, script.join("\n"));
  });
}

test("one seed is one story: run twice it writes the same, in the same order", async () => {
  const [first, second] = [await runSeed(4, steps), await runSeed(4, steps)];
  assert.equal(first.digest, second.digest);
  assert.deepEqual(first.script, second.script);
});

/** Seeds tried until one notices a broken rule: a minute at most. */
const mutantSeedsMax = 60;

for (const { name, first, steps: mutantSteps } of mutants) {
  test(`a broken rule is noticed: ${name}`, () => {
    const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
    const words = ["--import", path("mutate.ts"), path("run.ts"), "--until-failed", "--first", String(first), "--seeds", String(mutantSeedsMax), ...(mutantSteps === undefined ? [] : ["--steps", String(mutantSteps)])];
    const { status, stdout } = spawnSync(process.execPath, words, { env: { ...process.env, SIM_MUTANT: name }, encoding: "utf8" });
    assert.equal(status, 1, stdout);
    assert.match(stdout, /^seed \d+ failed/m);
  });
}
