import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCel } from "./program.ts";
import type { CelOutcome } from "./program.ts";
import { CelValueError, celOfJson, jsonOfCel } from "./values.ts";
import type { Json, JsonObject } from "../json.ts";

/** More than any expression here costs. */
const plenty = 100_000_000;

function costOf(expression: string, self: unknown, budget = plenty): CelOutcome {
  return compileCel(expression, [{ name: "self", type: "dyn" }]).run({ self }, budget);
}

function list(count: number, item: (index: number) => Json): readonly Json[] {
  return Array.from({ length: count }, (_unused, index) => item(index));
}

/** An object with so many members: `k0`, `k1`, … */
function wide(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_unused, index) => [`k${index}`, index]));
}

/** What an expression does with something of a size, and how much of the size it costs at least. */
const shares: readonly (readonly [expression: string, self: (size: number) => unknown, share: number])[] = [
  ["self.all(x, x >= 0)", (size) => celOfJson(list(size, (index) => index)), 3],
  ["self.map(x, x)", (size) => celOfJson(list(size, (index) => index)), 2],
  ["self.all(key, self[key] >= 0)", (size) => celOfJson(wide(size)), 3],
  ["-1 in self", (size) => celOfJson(list(size, (index) => index)), 1 / 10],
  ["{'a': 1} in self", (size) => celOfJson(list(size, (index) => ({ a: index + 2 }))), 1],
  ["self.a == self.b", (size) => celOfJson({ a: list(size, (index) => ({ a: index })), b: list(size, (index) => ({ a: index })) }), 2],
  ["self.indexOf(-1)", (size) => celOfJson(list(size, (index) => index)), 1 / 10],
  ["self.sum()", (size) => celOfJson(list(size, (index) => index)), 1 / 4],
  ["self.contains('y')", (size) => "x".repeat(size), 1 / 10],
  ["self.matches('^(a|b)+$')", (size) => "x".repeat(size), 3],
  ["self.replace('x', 'yy')", (size) => "x".repeat(size), 1],
  ["self.replace('', 'yyyyyyyyyy')", (size) => "x".repeat(size), 2],
  ["self.split('')", (size) => "x".repeat(size), 1 / 10],
  ["self + self", (size) => "x".repeat(size), 1 / 5],
  ["[self, self].join('')", (size) => "x".repeat(size), 1 / 5],
  ["'%s'.format([self])", (size) => "x".repeat(size), 1 / 5],
];

for (const [expression, self, share] of shares) {
  test(`${expression} costs at least ${share.toFixed(1)} of its size, and no more than it grows`, () => {
    const [small, large] = [1_000, 10_000].map((size) => costOf(expression, self(size)));
    assert.ok(small?.kind === "value" && large?.kind === "value", JSON.stringify(small?.kind));
    assert.ok(large.cost >= 10_000 * share, String(large.cost));
    assert.ok(large.cost <= small.cost * 11, `${small.cost} ${large.cost}`);
  });
}

test("looking for each item of one list in another costs by both", () => {
  const self = celOfJson(list(300, (index) => ({ name: `n${index}` })));
  for (const expression of ["sets.contains(self, self)", "sets.intersects(self, self)"]) assert.ok(costOf(expression, self).cost >= (300 * 300) / 8);
});

test("what a loop does costs each time, and what stands beside it once", () => {
  const self = celOfJson(list(100, (index) => index));
  const body = costOf("self.all(x, x + x + x + x >= 0)", self).cost - costOf("self.all(x, x >= 0)", self).cost;
  assert.ok(body >= 100 * 6);
  const beside = costOf("1 + 1 + 1 + 1 == 4 && self.all(x, x >= 0)", self).cost - costOf("self.all(x, x >= 0)", self).cost;
  assert.ok(beside > 0 && beside < 20);
  assert.ok(costOf("self.all(x, self.all(y, x + y >= 0))", self).cost >= 100 * 100 * 4);
});

test("an error that is forgiven costs as what it takes, by the length of the expression too", () => {
  const self = celOfJson(list(100, (index) => index));
  const plain = costOf("self.exists(x, x.a == 1) || true", self);
  assert.ok(plain.kind === "value" && plain.cost >= 100 * 200);
  const long = costOf(`self.exists(x, x.a == 1) || true${" ".repeat(12_000)}`, self);
  assert.ok(long.cost >= plain.cost + 100 * 900);
  assert.ok(costOf("self[1000] == 1 || true", self).cost >= 200);
});

test("once its budget is spent, no loop goes on with its next item and no operator with its other side", () => {
  let reads = 0;
  const items: unknown[] = Array.from({ length: 10_000 });
  for (let index = 0; index < items.length; index++) Object.defineProperty(items, index, { get: () => { reads += 1; return 1n; } });
  for (const expression of ["self.all(x, x.a == 1)", "self.exists(x, x.a == 1 || x.b == 1)", "self.all(x, self.all(y, self.exists(z, x.a == z)))", "self.all(x, x == 1) || self.all(x, x == 2)", "self.map(x, x).size() > 0"]) {
    reads = 0;
    assert.equal(costOf(expression, items, 2_100).kind, "over-budget");
    assert.ok(reads <= 1_000, `${expression}: ${reads}`);
  }
});

test("an expression that is run within another is paid for by it", () => {
  const numbers = celOfJson(list(100, (index) => index));
  const inner = compileCel("self.all(x, x >= 0)", [{ name: "self", type: "dyn" }]);
  const outer = compileCel("self.all(x, x >= 0) && within.it && self.all(x, x >= 0)", [{ name: "self", type: "dyn" }, { name: "within", type: "dyn" }]);
  const costs: number[] = [];
  const within = { get it(): boolean { const { kind, cost } = inner.run({ self: numbers }, plenty); costs.push(cost); if (kind !== "value") throw new Error(kind); return true; } };
  const { kind, cost } = outer.run({ self: numbers, within }, plenty);
  assert.equal(kind, "value");
  const own = costs.reduce((sum, each) => sum + each, 0);
  assert.ok(own > 0 && cost >= own + 2 * (costs[0] ?? 0) - 10, `${cost} ${own}`);
  // Nor may it spend more than what is left to the other.
  assert.deepEqual(outer.run({ self: numbers, within }, cost - 1), { kind: "over-budget", message: "operation cancelled: actual cost limit exceeded", cost: cost - 1 });
  costs.length = 0;
  outer.run({ self: numbers, within }, (costs[0] ?? 0) + 500);
  assert.ok(costs.every((each) => each <= 500));
});

test("objects with many members are seen as others are", () => {
  const self = celOfJson({ wide: wide(200) });
  for (const expression of ["self.wide.k7 == 7", "self.wide['k199'] == 199", "'k3' in self.wide && !('x' in self.wide)", "has(self.wide.k1) && !has(self.wide.k200)", "self.wide.size() == 200", "self.wide == self.wide", "self.wide.all(k, self.wide[k] < 200)", "self.wide.?nothing.orValue(1) == 1", "sets.contains([self.wide], [self.wide]) && !sets.contains([self.wide], [{'k0': 0}])"]) {
    const outcome = costOf(expression, self);
    assert.deepEqual([outcome.kind, outcome.kind === "value" && outcome.value], ["value", true], expression);
  }
});

test("a value that holds one object a thousand times is not written out", () => {
  const outcome = compileCel("self.map(x, self.map(y, self))", [{ name: "self", type: "dyn" }]).run({ self: celOfJson(list(300, (index) => index)) }, plenty);
  assert.ok(outcome.kind === "value");
  assert.throws(() => jsonOfCel(outcome.value), CelValueError);
});
