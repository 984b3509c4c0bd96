import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseBody } from "./request-body.ts";

const encoder = new TextEncoder();

for (const [encoding, body, name] of [
  ["json", String.raw`{"name":"\ud800"}`, "\ufffd"],
  ["json", String.raw`{"name":"a\uDfFfb\uD83D"}`, "a\ufffdb\ufffd"],
  ["json", String.raw`{"name":"\ud83d\ude00"}`, "\u{1f600}"],
  ["json", String.raw`{"name":"\ud83d\ud83d\ude00\ude00"}`, "\ufffd\u{1f600}\ufffd"],
  ["json", String.raw`{"name":"\\ud800\n"}`, "\\ud800\n"],
  ["json", String.raw`{"name":"\\\ud800"}`, "\\\ufffd"],
  ["yaml", String.raw`{"name":"\ud800"}`, "\ufffd"],
  ["yaml", String.raw`name: "\ud800"`, "\ufffd"],
  ["yaml", String.raw`name: \ud800`, String.raw`\ud800`],
] as const) {
  test(`half a character in ${encoding} is read as Go reads it: ${body}`, async () => {
    assert.deepEqual((await parseBody(encoder.encode(body), encoding)).value, { name });
  });
}

test("any JSON is read as it is, but for halves of characters", async () => {
  await fc.assert(fc.asyncProperty(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), async (object) => {
    const own = Object.fromEntries(Object.entries(object).filter(([key]) => key !== "__proto__"));
    assert.deepEqual((await parseBody(encoder.encode(JSON.stringify(own)), "json")).value, JSON.parse(JSON.stringify(own)));
  }));
});
