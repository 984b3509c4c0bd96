import assert from "node:assert/strict";
import { test } from "node:test";
import { ValueError, isReadable, readOr } from "./value-error.ts";

const throwing = (error: Error) => (): number => { throw error; };

test("what cannot be read is something else, and a fault of another kind goes on", () => {
  const unreadable = new ValueError("syntax", "no number");
  assert.deepEqual([readOr(() => 1, () => 2), readOr(throwing(unreadable), ({ message }) => message)], [1, "no number"]);
  assert.deepEqual([isReadable(() => undefined), isReadable(throwing(unreadable))], [true, false]);
  const fault = new TypeError("a bug");
  assert.throws(() => readOr(throwing(fault), () => 2), fault);
  assert.throws(() => isReadable(throwing(fault)), fault);
});
