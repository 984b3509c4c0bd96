import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchesFieldSelector, parseFieldSelector, printFieldSelector } from "./field-selector.ts";

test("terms are split at commas, empty ones skipped, and spaces kept", () => {
  assert.deepEqual(parseFieldSelector("metadata.name=x,, status.phase!=Running,a==b"), [
    { field: "metadata.name", operator: "=", value: "x" },
    { field: " status.phase", operator: "!=", value: "Running" },
    { field: "a", operator: "=", value: "b" },
  ]);
  assert.deepEqual(parseFieldSelector(","), []);
});

test("a term without operator and a bare = in a value are refused in Kubernetes' words", () => {
  assert.throws(() => parseFieldSelector("a=b,c"), { message: "invalid selector: 'a=b,c'; can't understand 'c'" });
  assert.throws(() => parseFieldSelector("a=b=c"), { message: "invalid field selector: unescaped character in value: 61" });
});

test("any value survives printing and parsing", () => {
  fc.assert(fc.property(fc.string(), (value) => {
    const terms = [{ field: "metadata.name", operator: "=" as const, value }];
    assert.deepEqual(parseFieldSelector(printFieldSelector(terms)), terms);
  }));
});

test("all terms must hold", () => {
  const read = (field: string): string => (field === "a" ? "1" : "");
  assert.equal(matchesFieldSelector(parseFieldSelector("a=1,b="), read), true);
  assert.equal(matchesFieldSelector(parseFieldSelector("a=1,b!="), read), false);
});
