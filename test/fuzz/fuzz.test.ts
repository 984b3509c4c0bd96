import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";

/** A small part of `npm run fuzz`, which sends a hundred thousand. */
const requests = 1_500;

test("no random or mutated request is answered with an error of the server's own, or not at all", async () => {
  const report = await fuzz({ seed: 7, requests });
  assert.deepEqual(report.wrong, []);
  for (const code of [200, 201, 400, 404, 422]) assert.ok((report.codes.get(code) ?? 0) > 0, `nothing was answered ${code}`);
});
