import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesSelector, parseSelector, printSelector, selectorOf } from "./labels.ts";

const matching: readonly (readonly [selector: string, labels: Record<string, string>, matches: boolean])[] = [
  ["", { a: "b" }, true],
  ["a=b", { a: "b" }, true],
  ["a==b", { a: "c" }, false],
  ["a!=b", {}, true],
  ["a!=b", { a: "b" }, false],
  ["a in (b, c)", { a: "c" }, true],
  ["a in (b,c)", {}, false],
  ["a notin (b,c)", {}, true],
  ["a notin (b,c)", { a: "b" }, false],
  ["a", { a: "" }, true],
  ["!a", { a: "" }, false],
  ["!a", { b: "" }, true],
  ["a>1,b<3", { a: "2", b: "2" }, true],
  ["a>1", { a: "x" }, false],
  ["a=", { a: "" }, true],
  ["a in ()", { a: "" }, true],
  ["in=x", { in: "x" }, true],
  [" a = b , c ", { a: "b", c: "d" }, true],
  ["a=b,c=d", { a: "b" }, false],
  ["toString", {}, false],
];

for (const [selector, labels, matches] of matching) {
  test(`"${selector}" ${matches ? "selects" : "does not select"} ${JSON.stringify(labels)}`, () => {
    assert.equal(matchesSelector(parseSelector(selector), labels), matches);
    assert.equal(matchesSelector(parseSelector(printSelector(parseSelector(selector))), labels), matches);
  });
}

const broken: readonly (readonly [selector: string, message: string])[] = [
  ["a in b", "unable to parse requirement: found 'b' expected: '('"],
  ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ["=", "found '=', expected: !, identifier, or 'end of string'"],
  ["a<x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
  [`a=${"x".repeat(64)}`, `unable to parse requirement: values[0][a]: Invalid value: "${"x".repeat(64)}": must be no more than 63 characters`],
  ["a=b,", "found '', expected: identifier after ','"],
  ["a=b c", "found 'c', expected: ',' or 'end of string'"],
];

for (const [selector, message] of broken) {
  test(`"${selector.slice(0, 10)}" is refused in Kubernetes' words`, () => {
    assert.throws(() => parseSelector(selector), { code: "syntax", message });
  });
}

test("a LabelSelector's absence selects nothing and an empty one selects everything", () => {
  assert.equal(matchesSelector(selectorOf(undefined), {}), false);
  assert.equal(matchesSelector(selectorOf({}), {}), true);
});

test("a LabelSelector's labels and expressions must all hold and print sorted by key", () => {
  const selector = selectorOf({ matchLabels: { b: "1" }, matchExpressions: [{ key: "a", operator: "NotIn", values: ["y", "x"] }, { key: "c", operator: "DoesNotExist" }] });
  assert.equal(printSelector(selector), "a notin (x,y),b=1,!c");
  assert.equal(matchesSelector(selector, { b: "1" }), true);
  assert.equal(matchesSelector(selector, { b: "1", c: "" }), false);
});
