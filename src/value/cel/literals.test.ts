import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { patchDialect } from "./libraries/patches.ts";
import { rewriteLiterals } from "./literals.ts";
import { CelMessage } from "./message.ts";
import { CelError, compileCel } from "./program.ts";
import { celOfJson, jsonOfCel } from "./values.ts";
import type { Json } from "../json.ts";

const variables = [{ name: "self", type: "dyn" }];
const self = celOfJson({ a: "x", one: 1, containers: [{ name: "q" }, { name: "r" }], none: null });

const values: readonly (readonly [expression: string, type: string, value: Json])[] = [
  ["Object{}", "Object", {}],
  ["Object{spec: Object.spec{replicas: 3,},}", "Object", { spec: { replicas: 3 } }],
  ["Object{namespace: 'a', for: self.one, const: false}", "Object", { namespace: "a", for: 1, const: false }],
  ["Object { // {[( ?\n a : 'b{' + \"}\" + '''{'\n''' + r'\\d' }", "Object", { a: "b{}{'\n\\d" }],
  ["Object{?a: self.?a, ?b: self.?b, c: Object.c{?d: optional.ofNonZeroValue(Object.c.d{})}}", "Object", { a: "x", c: {} }],
  ["true ? Object{a: {'b': self.one > 0 ? 1 : 2}} : Object{}", "Object", { a: { b: 1 } }],
  ["self.containers.map(c, Object.spec.containers{name: c.name})", "list<Object.spec.containers>", [{ name: "q" }, { name: "r" }]],
  ["[JSONPatch{op: 'add', path: '/' + jsonpatch.escapeKey('a/b~c'), value: {'k': [1]}}] + [JSONPatch{}]", "list<JSONPatch>", [{ op: "add", path: "/a~1b~0c", value: { k: [1] } }, {}]],
  ["{?'a': self.?a, 'b': 2, ?'c': self.?c}", "map", { a: "x", b: 2 }],
  ["{?(self.one == 1 ? 'a' : 'b'): optional.of(1)}", "map", { a: 1 }],
  ["[?self.?a, 'b', ?self.?c]", "list", ["x", "b"]],
  ["'x' in {'x': 1} && 1 in [1]", "bool", true],
  ["self.containers[?0].hasValue() && self['containers'][?7].orValue(null) == null && [[1]][0][?0].hasValue()", "bool", true],
  ["Object{a: [1, 2, 3]}.a.sum()", "dyn", 6],
  ["has(Object{a: 1}.a) && !has(Object{a: 1}.constructor)", "bool", true],
  ["Object{s: Object.s{n: 3}} == Object{s: Object.s{n: 1 + 2}} && Object{} != Object{a: [1]} && Object{a: [1]} == Object{a: [1]}", "bool", true],
  ["cel.bind(o, Object{a: 1}, o.a == 1 ? o : Object{})", "Object", { a: 1 }],
];

for (const [expression, type, value] of values) {
  test(`${JSON.stringify(expression)} is ${JSON.stringify(value)}`, () => {
    const program = compileCel(expression, variables, patchDialect);
    assert.equal(program.type, type);
    const outcome = program.run({ self }, 10_000);
    assert.deepEqual(outcome.kind === "value" ? jsonOfCel(outcome.value) : outcome.message, value);
  });
}

test("a message keeps the name it was made by", () => {
  const outcome = compileCel("Object.spec{}", [], patchDialect).run({}, 100);
  assert.ok(outcome.kind === "value" && outcome.value instanceof CelMessage);
  assert.equal(outcome.value.typeName, "Object.spec");
});

const refused: readonly (readonly [expression: string, message: string])[] = [
  ["[Object{a: 1}, missing]", "ERROR: <input>:1:16: undeclared reference to 'missing' (in container '')\n | [Object{a: 1}, missing]\n | ...............^"],
  ["Object{\n  a: {?'b': missing}}", "ERROR: <input>:2:13: undeclared reference to 'missing' (in container '')\n |   a: {?'b': missing}}\n | ............^"],
  ["Other.kind{}", "ERROR: <input>:1:1: undeclared reference to 'Other.kind' (in container '')"],
  ["JSONPatch{path: 1}", "ERROR: <input>:1:17: expected type of field 'path' is 'string' but provided type is 'int'"],
  ["JSONPatch{to: ''}", "ERROR: <input>:1:11: undefined field 'to'"],
  ["Object{?a: 1}", "ERROR: <input>:1:12: expected type 'optional_type(dyn)' but found 'int'"],
  ["Object.spec{} == Object{}", "ERROR: <input>:1:1: no such overload: Object.spec == Object"],
  ["Object{a: 1", "ERROR: <input>:1:12: "], ["Object{1: 1}.a", "ERROR: <input>:1:8: Syntax error: mismatched input '1' expecting IDENTIFIER"], ["Object{?1: self.?a}", "ERROR: <input>:1:9: Syntax error"], ["Object{'a': 1}", "ERROR: <input>:1:8: "], ["{?'a'}", ""], ["Object{a: '''", ""], ["cel_message(Object, {})", "ERROR: <input>:1:1: undeclared reference to 'cel_message' (in container '')"],
];

for (const [expression, message] of refused) {
  test(`${JSON.stringify(expression)} is refused with its place as written`, () => {
    assert.throws(() => compileCel(expression, variables, patchDialect).run({ self }, 100), (error) => error instanceof CelError && error.message.startsWith(message));
  });
}

test("messages are made only where they may be", () => {
  assert.throws(() => compileCel("Object{}", variables), /^CelError: ERROR: <input>:1:1: undeclared reference to 'Object'/);
  assert.throws(() => compileCel("jsonpatch.escapeKey('a')", variables), /undeclared reference to 'jsonpatch'/);
});

test("whatever is written, what is not put in stays as it was, and every place leads back to where it stood", () => {
  const part = fc.constantFrom("Object", ".", "spec", "{", "}", "[", "]", "(", ")", "?", ":", ",", "'a'", '"', "'''", "// x\n", " ", "in", "1.5", "r'\\'", "+", "é", "\\");
  fc.assert(fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
    const expression = parts.join("");
    const { text, placeOf } = rewriteLiterals(expression);
    let at = -1;
    for (let position = 0; position < text.length; position++) {
      const place = placeOf(position);
      assert.ok(place >= 0 && place <= expression.length);
      if (text[position] === expression[place]) at = Math.max(at, place);
    }
    if (!/[{[]/.test(expression)) assert.equal(text, expression);
  }), { numRuns: 300 });
});
