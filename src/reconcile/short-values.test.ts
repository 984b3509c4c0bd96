import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printShort, printShortPair } from "./short-values.ts";

const long = "x".repeat(300);

test("two values are shown so that their difference is seen", () => {
  for (const [before, after, shown] of [
    [1, 2, ["1", "2"]], ["a", "b", ["a", "b"]], [{ a: 1 }, "b", ['{"a":1}', "b"]],
    ["one\ntwo\nthree\n", "one\nTWO\nthree\n", ["line 2: two", "TWO"]], ["one\ntwo\n", "one\n", ["one … (2 lines)", "one⏎"]], ["a\n", "a", ["a⏎", "a"]], ["one\ntwo\n", "one\ntwo\nthree\n", ["line 3: (no more lines)", "three"]],
    [`${long}a`, `${long}b`, [`…${"x".repeat(20)}a`, `…${"x".repeat(20)}b`]],
  ] as const) {
    assert.deepEqual(Object.values(printShortPair(before, after)), shown);
  }
});

test("texts of several lines are shown by their first", () => {
  assert.equal(printShort("one\ntwo\nthree\n"), "one … (3 lines)");
  assert.equal(printShort(long), `${"x".repeat(200)}…`);
});

test("two different texts of several lines are never shown alike, and never in more than one line each", () => {
  const text = fc.array(fc.string({ maxLength: 250 }).map((line) => line.replaceAll("\n", " ")), { minLength: 2, maxLength: 5 }).map((lines) => `${lines.join("\n")}\n`);
  fc.assert(fc.property(text, text, (before, after) => {
    fc.pre(before.replace(/\n$/, "") !== after.replace(/\n$/, ""));
    const shown = printShortPair(before, after);
    assert.notEqual(shown.before.replace(/^line \d+: /, ""), shown.after);
    assert.ok(![shown.before, shown.after].some((one) => one.includes("\n")));
  }));
});
