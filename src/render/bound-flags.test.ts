import assert from "node:assert/strict";
import { test } from "node:test";
import type { boundFlags } from "./bound-flags.ts";
import { parseBounds } from "./bound-flags.ts";

const given = (values: Partial<Record<keyof typeof boundFlags, string>>) => parseBounds((name) => values[name]);

test("bounds that are not named are left to the constants", () => {
  assert.deepEqual(given({}), {});
});

test("named bounds are read in their units, and time on the wall grows with processor time", () => {
  assert.deepEqual(given({ "render-seconds": "10", "render-memory": "1024", "render-output": "64", "include-depth": "500" }), { deadlineMs: 10_000, wallMs: 120_000, memoryMib: 1_024, outputMaxLength: 67_108_864, includeDepthMax: 500 });
  assert.deepEqual(given({ "render-seconds": "0.5" }), { deadlineMs: 500, wallMs: 60_000 });
});

for (const [name, value, message] of [["render-seconds", "0", "give a number from 0.1 to 600"], ["render-seconds", "5s", "give a number"], ["render-memory", "512.5", "give a whole number from 128 to 16384"], ["include-depth", "1001", "give a whole number from 10 to 1000"], ["render-output", "-1", "give a whole number"]] as const) {
  test(`--${name} ${value} is refused with what may be given`, () => {
    assert.throws(() => given({ [name]: value }), (error: Error) => error.message.startsWith(`--${name} ${value}: ${message}`));
  });
}
