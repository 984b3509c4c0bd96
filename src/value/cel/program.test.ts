import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../json.ts";
import { CelError, compileCel } from "./program.ts";
import { celOfJson, jsonOfCel } from "./values.ts";

const million = 1_000_000;
const variables = [{ name: "self", type: "dyn" }, { name: "numbers", type: "list<int>" }];

function run(expression: string, self: Json = {}, options: { readonly numbers?: readonly number[]; readonly budget?: number } = {}) {
  const bindings = { self: celOfJson(self), numbers: celOfJson([...options.numbers ?? []]) };
  return compileCel(expression, variables).run(bindings, options.budget ?? million);
}

const values: readonly (readonly [string, Json, Json?])[] = [
  ["self.replicas >= self.min", true, { replicas: 3, min: 1 }],
  ["self.x + 1 == 4 && self.y == 1.5", true, { x: 3, y: 1.5 }],
  ["type(self.x) == int && type(self.y) == double", true, { x: 3, y: 1.5 }],
  ["has(self.a) ? self.a : 'none'", "none"],
  ["has(self.list[0].a) && !has(self.list[0].b) && has(self['list'][0].a.c)", true, { list: [{ a: { c: 1 } }] }],
  ["self.list.exists(x, has(self.map[x].a))", true, { list: ["k"], map: { k: { a: 1 } } }],
  ["(self.size() > 0 ? (has(self[0].m) ? self[0].m.size() : 0) : 0) + (self.size() > 1 ? 1 : 0) <= 1", true, [{ m: [1] }]],
  ["format.dns1123Label().validate(self.a) == null || format.dns1123Label().validate(self.a) != null", true, { a: "a" }],
  ["self.?a.orValue('other')", "other"],
  ["self.a[?0].hasValue()", false, { a: [] }],
  ["self.list.map(x, x * 2).filter(y, y > 2).exists(z, z == 4)", true, { list: [1, 2, 3] }],
  ["self.all(key, key.startsWith('a'))", true, { ab: 1 }],
  ["self.list.exists_one(x, x == 1)", true, { list: [1, 2] }],
  ["self.name.matches('^a+$') && matches(self.name, 'aa')", true, { name: "aaa" }],
  ["'ab12'.find('[0-9]+') + 'a1b2'.findAll('[0-9]')[1]", "122"],
  ["'a1b2c3'.findAll('[0-9]', 2).size()", 2],
  ["[1, 2, 3].sum() == 6 && [3, 1].min() == 1 && [1.5, 3.0].max() == 3.0", true],
  ["[1, 2].isSorted() && ![2, 1].isSorted() && [].isSorted()", true],
  ["['a', 'b', 'a'].indexOf('b') == 1 && ['a', 'b', 'a'].lastIndexOf('a') == 2", true],
  ["sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])", true],
  ["url('https://a.example:80/p?q=1').getHostname() + ':' + url('https://a.example:80/p?q=1').getPort()", "a.example:80"],
  ["url('https://[::1]:80/p%20q?q=1&q=2').getEscapedPath()", "/p%20q"],
  ["url('https://a/?q=1&q=2').getQuery()['q'][1]", "2"],
  ["isURL('https://a') && isURL('/a') && !isURL('a b')", true],
  ["quantity('1Gi').isGreaterThan(quantity('100Mi'))", true],
  ["quantity('1k') == quantity('1000') && quantity('1k').compareTo(quantity('2k')) == -1", true],
  ["quantity('1500m').isInteger()", false],
  ["quantity('2').add(quantity('3')).sub(1).asInteger()", 4],
  ["isQuantity('1.5Gi') && !isQuantity('x')", true],
  ["ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && ip('10.0.0.1').isGlobalUnicast()", true],
  ["ip.isCanonical('::1') && !ip.isCanonical('0:0::1')", true],
  ["isIP('1.2.3.4') && !isIP('1.2.3')", true],
  ["string(ip('2001:db8:0:0::1'))", "2001:db8::1"],
  ["cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))", true],
  ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", true],
  ["cidr('10.0.0.0/8').prefixLength() == 8 && !isCIDR('10.0.0.0')", true],
  ["format.dns1123Label().validate('Bad_').hasValue()", true],
  ["format.dns1123Label().validate('good').hasValue()", false],
  ["format.named('uuid').value().validate('x').value()[0]", "does not match the UUID format"],
  ["format.named('nothing').hasValue()", false],
  ["semver('1.2.3').isLessThan(semver('1.10.0')) && semver('v1.2', true).minor() == 2", true],
  ["isSemver('1.2.3') && !isSemver('v1.2')", true],
  ["'%s has %d of %.2f'.format(['x', 3, 1.5])", "x has 3 of 1.50"],
  ["'abc'.charAt(1) + 'aXa'.replace('a', '$&') + 'ab'.reverse()", "b$&X$&ba"],
  ["base64.encode(b'abc') + string(base64.decode('YWJj'))", "YWJjabc"],
  ["cel.bind(x, 'q', x + x)", "qq"],
  ["duration('1h') > duration('5m') && timestamp('2024-01-01T00:00:00Z').getFullYear() == 2024", true],
  ["dyn(1) == 1.0", true],
  ["self.map(k, self[k]).size()", 2, { a: 1, b: 2 }],
];

for (const [expression, expected, self] of values) {
  test(`${expression} is ${JSON.stringify(expected)}`, () => {
    const outcome = run(expression, self);
    assert.equal(outcome.kind, "value", JSON.stringify(outcome, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
    assert.deepEqual(outcome.kind === "value" ? jsonOfCel(outcome.value) : undefined, expected);
  });
}

const refused: readonly (readonly [string, RegExp])[] = [
  ["missing + 1", /^ERROR: <input>:1:1: undeclared reference to 'missing'/],
  ["1 +", /^ERROR: <input>:1:4: Syntax error: /],
  ["true &&\n  'a' + 1 == 2", /^ERROR: <input>:2:3: [^\n]*\n \| {3}'a' \+ 1 == 2\n \| \.{2}\^/],
  ["numbers.all(x, x > 'a')", /int > string/],
  ["'a'.unknown()", /unknown/],
];

for (const [expression, message] of refused) {
  test(`${JSON.stringify(expression)} is refused with its place`, () => {
    assert.throws(() => compileCel(expression, variables), (error) => error instanceof CelError && message.test(error.message));
  });
}

test("what goes wrong while an expression runs is an error, not a throw", () => {
  for (const expression of ["self.a.b == 1", "1 / 0 == 1", "quantity('x').isInteger()", "'a'.matches('(')", "int('a') == 1"]) {
    assert.equal(run(expression).kind, "error", expression);
  }
});

test("a pattern that would take a thousand years is a matter of milliseconds", () => {
  const outcome = run("self.matches('^(a+)+$')", `${"a".repeat(30_000)}!`);
  assert.deepEqual([outcome.kind, outcome.kind === "value" && outcome.value], ["value", false]);
});

test("an expression that costs more than it may is ended, also where the language forgives errors", () => {
  const numbers = Array.from({ length: 300 }, (_unused, index) => index);
  const loops = "numbers.all(a, numbers.all(b, numbers.all(c, a + b + c >= 0)))";
  for (const expression of [loops, `${loops} || true`, `numbers.exists(x, ${loops})`]) {
    const outcome = run(expression, {}, { numbers, budget: 100_000 });
    assert.equal(outcome.kind, "over-budget");
    assert.equal(outcome.cost, 100_000);
  }
});

test("a text that doubles itself costs what it grows", () => {
  const doubled = Array.from({ length: 40 }, (_unused, index) => index);
  const outcome = run("numbers.map(n, 'x').exists(x, cel.bind(a, self + self, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, (d + d).size() < 0)))))", "x".repeat(10_000), { numbers: doubled, budget: 100_000 });
  assert.equal(outcome.kind, "over-budget");
});
