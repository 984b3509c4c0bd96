import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration, printAge, printDuration } from "./duration.ts";
import { isPercent, scaledValue } from "./int-or-string.ts";

const ages: readonly (readonly [seconds: number, text: string])[] = [
  [-5, "<invalid>"], [-1, "0s"], [0, "0s"], [1, "1s"], [90, "90s"], [119, "119s"], [120, "2m"], [121, "2m1s"], [180, "3m"], [310, "5m10s"], [599, "9m59s"], [600, "10m"], [605, "10m"],
  [3540, "59m"], [3600, "60m"], [10799, "179m"], [10800, "3h"], [10860, "3h1m"], [12000, "3h20m"], [28799, "7h59m"], [28800, "8h"], [100000, "27h"], [172799, "47h"], [172800, "2d"],
  [190800, "2d5h"], [604800, "7d"], [691199, "7d23h"], [691200, "8d"], [34560000, "400d"], [63071999, "729d"], [63072000, "2y"], [63158400, "2y1d"], [157680000, "5y"], [252287999, "7y364d"],
  [252288000, "8y"], [946080000, "30y"],
];

for (const [seconds, text] of ages) test(`an age of ${seconds} s reads ${text}`, () => assert.equal(printAge(seconds * 1000), text));

for (const [text, ms] of [["30s", 30_000], ["1h30m", 5_400_000], ["1.5s", 1500], ["250ms", 250], ["-2m", -120_000], ["0", 0], ["100us", 0.1]] as const) {
  test(`${text} is ${ms} ms and prints to the same span`, () => {
    assert.equal(parseDuration(text), ms);
    assert.equal(parseDuration(printDuration(ms)), ms);
  });
}

test("durations print as Go prints them", () => {
  assert.deepEqual([5_400_000, 90_000, 1500, 250, 0].map(printDuration), ["1h30m0s", "1m30s", "1.5s", "250ms", "0s"]);
});

for (const text of ["", "5", "s", "1d", "1 s", "1h-1m"]) test(`"${text}" is not a duration`, () => assert.throws(() => parseDuration(text), { code: "syntax" }));

test("percentages scale with their rounding and counts stand as they are", () => {
  assert.equal(scaledValue("25%", 10, "up"), 3);
  assert.equal(scaledValue("25%", 10, "down"), 2);
  assert.equal(scaledValue(4, 10, "up"), 4);
  assert.equal(scaledValue("x", 10, "up"), undefined);
  assert.equal(isPercent("25%"), true);
  assert.equal(isPercent("25"), false);
});
