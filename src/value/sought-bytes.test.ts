import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SoughtBytes } from "./sought-bytes.ts";

test("bytes are found where a search for all of them finds them first, from any place on", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "N", "\"", "é"), maxLength: 12 });
  fc.assert(fc.property(text.filter((part) => part !== ""), text, text, fc.nat(8), (part, before, behind, from) => {
    const sought = new SoughtBytes(part);
    for (const whole of [`${before}${part}${behind}`, `${before}${behind}`]) {
      const bytes = Buffer.from(whole);
      assert.equal(sought.indexIn(new Uint8Array(bytes), Math.min(from, bytes.length)), bytes.indexOf(part, Math.min(from, bytes.length)));
    }
  }), { numRuns: 1_000 });
});
