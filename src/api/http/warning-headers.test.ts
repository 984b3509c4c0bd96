import assert from "node:assert/strict";
import { test } from "node:test";
import { printWarnings } from "./warning-headers.ts";

test("a warning is one header without line breaks, and said once", () => {
  assert.deepEqual(printWarnings(['a "b"\r\n x: y', "é", "é"]), ['299 - "a \\"b\\" x: y"', '299 - "?"']);
});

test("more warnings than a client takes as headers are cut, and the last ones left out", () => {
  const headers = printWarnings(Array.from({ length: 100_000 }, (_, index) => `unknown field "k${index}${"x".repeat(300)}"`));
  assert.equal(headers.length, 16);
  assert.ok(headers.every((header) => header.length <= 280), headers[0]);
});
