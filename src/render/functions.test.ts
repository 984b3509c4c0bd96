import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../value/json.ts";
import { FunctionFault } from "./fault.ts";
import { goOf, templateValueOf } from "./functions/_go-values.ts";
import { differences, functions, ownFunctionNames } from "./functions.ts";
import { helmFunctions } from "./helm-functions.ts";
import { convertArgument, parameterAt } from "./template/function.ts";
import type { CallContext, TemplateValue } from "./functions.ts";
import { goMap } from "./template/value.ts";
import { Block } from "./text.ts";

/** Arguments and answer; a RegExp is the message of the expected fault. */
type Case = readonly [args: readonly TemplateValue[], answer: TemplateValue | RegExp];

const block = (text: string): Block => new Block(text);
const map = { b: 2, a: "1" };

const cases: Readonly<Record<string, readonly Case[]>> = {
  add: [[[1, 2, "3"], 6], [["x", 1], /needs a number, but was given "x"/]],
  add1: [[[1], 2]],
  and: [[[1, "", 2], ""], [[1, 2], 2], [[undefined, 1], undefined]],
  append: [[[[1], 2], [1, 2]], [["x", 1], /needs a list, but was given a text/]],
  b64dec: [[["aGk="], "hi"], [["§"], /base64/]],
  b64enc: [[["hé"], "aMOp"]],
  ceil: [[[1.2], 2]],
  coalesce: [[[undefined, "", 0, "x"], "x"], [[undefined], undefined]],
  compact: [[[[1, 0, "", "a", null]], [1, "a"]]],
  concat: [[[[1], [2, 3]], [1, 2, 3]]],
  contains: [[["a", "cat"], true], [["x", "cat"], false]],
  default: [[["x", undefined], "x"], [["x", ""], "x"], [["x", 0], "x"], [["x", "y"], "y"], [["x", false], "x"]],
  dict: [[["a", 1, "b", [2]], { a: 1, b: [2] }], [["a"], /a value for every key/]],
  dig: [[["a", "b", "none", { a: { b: 1 } }], 1], [["a", "c", "none", { a: { b: 1 } }], "none"], [["constructor", "name", "none", {}], "none"]],
  div: [[[7, 2], 3], [[-7, 2], -3], [[1, 0], /divide by 0/]],
  empty: [[[{}], true], [[[]], true], [["0"], false], [[undefined], true]],
  eq: [[[1, 1], true], [["1", 1], false], [[{ a: [1] }, { a: [1] }], true], [[undefined, null], true], [[1, 2, 1], true], [[1, 2, 3], false]],
  fail: [[["no"], /^no$/]],
  file: [[["a.txt"], "alpha"], [["none"], /finds no file none/], [["__proto__"], /finds no file/]],
  files: [[["*.txt"], { "a.txt": "alpha" }], [["conf/**"], { "conf/b.json": "{}" }]],
  first: [[[[1, 2]], 1], [[[]], undefined]],
  float: [[["1.5"], 1.5], [[undefined], 0]],
  floor: [[[1.8], 1]],
  fromEntries: [[[[["a", 1], ["b", 2]]], { a: 1, b: 2 }]],
  fromJson: [[['{"a":1}'], { a: 1 }], [["["], /as JSON/], [["[]"], /fromJsonArray/]],
  fromJsonArray: [[["[1]"], [1]]],
  fromYaml: [[["a: yes\nb: 014"], { a: true, b: 12 }], [["a: ["], /cannot read YAML/]],
  fromYamlArray: [[["- 1\n- x"], [1, "x"]]],
  ge: [[[2, 2], true], [["a", "b"], false]],
  get: [[[map, "a"], "1"], [[map, "z"], ""], [[map, "constructor"], ""], [[map, "__proto__"], ""]],
  gt: [[[2, 1], true], [["2", 1], /cannot compare a text with a number/]],
  has: [[[2, [1, 2]], true], [["2", [1, 2]], false]],
  hasKey: [[[map, "a"], true], [[map, "toString"], false], [[undefined, "a"], false]],
  hasPrefix: [[["ca", "cat"], true]],
  hasSuffix: [[["at", "cat"], true]],
  include: [[["p", 1], block("included p 1")]],
  indent: [[[2, "a\nb"], block("  a\n  b")], [[-1, "a"], /from 0 to/], [[1e9, "a"], /from 0 to/]],
  index: [[[[5, 6], 1], 6], [[{ a: [{ b: 1 }] }, "a", 0, "b"], 1], [[[1], 3], /no element 3/]],
  initial: [[[[1, 2, 3]], [1, 2]]],
  int: [[["12"], 12], [[1.9], 1], [[undefined], 0]],
  join: [[["-", ["a", 1]], "a-1"]],
  kebabcase: [[["fooBar baz"], "foo-bar-baz"]],
  keys: [[[map], ["a", "b"]]],
  kindIs: [[["map", {}], true], [["string", 1], false]],
  kindOf: [[[[]], "slice"], [[1], "int"], [[1.5], "float64"], [[true], "bool"], [[undefined], "invalid"]],
  last: [[[[1, 2]], 2]],
  le: [[[1, 2], true]],
  len: [[["é"], 2], [[[1, 2]], 2], [[map], 2], [[1], /needs a text, a list or a map/]],
  list: [[[1, "a"], [1, "a"]], [[], []]],
  lookup: [[["v1", "Secret", "a", "b"], { found: "v1/a/b" }], [["v1", "Pod", "a", ""], {}]],
  lower: [[["AbC"], "abc"]],
  lt: [[[1, 2], true]],
  max: [[[1, 3, 2], 3]],
  merge: [[[{ a: 1, m: { x: 1 } }, { a: 2, m: { x: 2, y: 3 } }], { a: 1, m: { x: 1, y: 3 } }]],
  mergeOverwrite: [[[{ a: 1, m: { x: 1 } }, { a: 2, m: { y: 3 } }], { a: 2, m: { x: 1, y: 3 } }]],
  min: [[[2, 1], 1]],
  mod: [[[7, 3], 1], [[1, 0], /divide by 0/]],
  mul: [[[2, 3, 4], 24]],
  ne: [[[1, 2], true]],
  need: [[["x"], "x"], [[0], 0]],
  nindent: [[[2, "a\nb"], block("\n  a\n  b")]],
  not: [[[""], true], [[{ a: 1 }], false]],
  omit: [[[map, "a"], { b: 2 }]],
  or: [[["", 0, "x"], "x"], [["", 0], 0]],
  pick: [[[map, "a", "z"], { a: "1" }]],
  pluck: [[["a", map, { a: 3 }, {}], ["1", 3]]],
  prepend: [[[[1], 2], [2, 1]]],
  print: [[["a", 1, true], "a1true"]],
  printf: [[["%s-%d", "a", 3], "a-3"], [["%05d|%-4s|%q|%.2f|%t|%x|%%", 42, "a", "b", 1.005, true, 255], '00042|a   |"b"|1.00|true|ff|%'], [["%s"], /fewer values/], [["%y", 1], /does not know the verb %y/]],
  quote: [[["a\"b\n"], block('"a\\"b\\n"')], [[1], block('"1"')], [["a", "b"], block('"a" "b"')]],
  repeat: [[[3, "ab"], "ababab"], [[1_000_000, "abc"], /more than/]],
  replace: [[["a", "$&", "banana"], "b$&n$&n$&"]],
  required: [[["need it", "x"], "x"], [["need it", undefined], /^need it$/], [["need it", ""], /^need it$/], [["need it", 0], 0]],
  rest: [[[[1, 2, 3]], [2, 3]]],
  reverse: [[[[1, 2]], [2, 1]]],
  round: [[[1.256, 2], 1.26], [[1.5], 2]],
  semverCompare: [[[">=1.20", "v1.33.0"], true], [["^1.2", "2.0.0"], false], [[">=1.2.0, <2.0.0", "1.9"], true], [["^1", "abc"], /cannot compare/]],
  set: [[[map, "c", 3], { a: "1", b: 2, c: 3 }]],
  sha256: [[["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]],
  sha256sum: [[["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]],
  slice: [[[[1, 2, 3], 1], [2, 3]], [[[1, 2, 3], 0, 2], [1, 2]]],
  sortAlpha: [[[["b", "a", 3]], ["3", "a", "b"]]],
  split: [[[",", "a,b"], ["a", "b"]]],
  squote: [[["it's"], block("'it''s'")], [["a\nb"], /several lines/]],
  sub: [[[5, 3], 2]],
  ternary: [[["y", "n", true], "y"], [["y", "n", ""], "n"]],
  title: [[["hello wOrld it's"], "Hello WOrld It's"]],
  toJson: [[[{ a: [1, null] }], block('{"a":[1,null]}')]],
  toPrettyJson: [[[{ a: 1 }], block('{\n  "a": 1\n}')]],
  // Named so, TypeScript would take it for Object's own member.
  toString: [[[1], "1"], [[{ a: 1 }], '{"a":1}']] satisfies readonly Case[],
  toYaml: [[[map], block('a: "1"\nb: 2')], [[{ t: "yes", n: "1", m: "a\nb\n" }], block('m: |\n  a\n  b\n"n": "1"\nt: "yes"')], [[[]], block("[]")]],
  tpl: [[["x"], "rendered x"], [[block("x")], block("rendered x")]],
  trim: [[[" a "], "a"], [[block("\n a ")], block("a")]],
  trimAll: [[["/", "/a/b/"], "a/b"]],
  trimPrefix: [[["a", "ab"], "b"]],
  trimSuffix: [[["-", "a-"], "a"], [["", "a"], "a"]],
  trunc: [[[3, "abcdef"], "abc"], [[-2, "abcdef"], "ef"]],
  uniq: [[[[1, 1, "1", { a: 1 }, { a: 1 }]], [1, "1", { a: 1 }]]],
  unset: [[[map, "a"], { b: 2 }]],
  until: [[[3], [0, 1, 2]], [[1e9], /from 0 to/]],
  upper: [[["abc"], "ABC"]],
  urlquery: [[["a b&c"], "a%20b%26c"]],
  values: [[[map], ["1", 2]]],
  without: [[[[1, 2, 3], 2], [1, 3]]],
};

const files: { readonly [path: string]: Json } = { "a.txt": "alpha", "conf/b.json": "{}" };
const context: CallContext = {
  include: (name, value) => new Block(`included ${name} ${JSON.stringify(value)}`),
  renderText: (text) => new Block(`rendered ${text}`),
  files,
  plainText: (text) => text.text,
  nowMs: 0,
  randomBytes: (_name, count) => new Uint8Array(count),
  lookup: (apiVersion, kind, namespace, name) => goMap(kind === "Secret" ? [["found", [apiVersion, namespace, name].join("/")]] : []),
};

test("every function has cases, and every case a function", () => {
  assert.deepEqual([...ownFunctionNames].toSorted(), Object.keys(cases).toSorted());
});

for (const [name, entry] of [...functions].filter(([known]) => ownFunctionNames.has(known))) {
  test(`${name} answers as its table says`, () => {
    for (const [args, answer] of cases[name] ?? []) {
      const given = structuredClone(args.map((arg) => (arg instanceof Block ? null : arg)));
      const run = () => entry.run(args, context);
      if (answer instanceof RegExp) assert.throws(run, (error) => error instanceof FunctionFault && answer.test(error.message), JSON.stringify(args));
      else assert.deepEqual(run(), answer, JSON.stringify(args));
      assert.deepEqual(args.map((arg) => (arg instanceof Block ? null : arg)), given, "arguments are never changed");
    }
  });
  test(`${name} says how it is written`, () => {
    assert.ok(entry.usage.startsWith(name));
    for (const [args] of cases[name] ?? []) assert.ok(args.length >= (name === "printf" ? 1 : entry.min) && args.length <= entry.max, `${name} ${args.length}`);
  });
}

/** Answers of Helm's function of the same name, or "(error)". */
function helmAnswer(name: string, args: readonly TemplateValue[]): TemplateValue {
  const entry = helmFunctions.get(name);
  if (entry === undefined) return undefined;
  try {
    const given = args.map((value, index) => (parameterAt(entry, index) === "int" ? Number(value) : convertArgument(parameterAt(entry, index) ?? "any", goOf(value))));
    return templateValueOf(entry.run(given, { ...context, include: () => "", renderText: () => "", randomBytes: (count) => new Uint8Array(count) }));
  } catch {
    return "(error)";
  }
}

test("a function that answers otherwise than Helm's of the same name is listed as such", () => {
  const plain = (value: TemplateValue): unknown => JSON.stringify((value instanceof Block ? value.text : value) ?? null, (_key, item: unknown) => item);
  const differs = (name: string): boolean => (cases[name] ?? []).some(([args, answer]) => (answer instanceof RegExp ? helmAnswer(name, args) !== "(error)" : plain(answer) !== plain(helmAnswer(name, args))));
  // What asks the render around it is told apart by other tests.
  const found = Object.keys(cases).filter((name) => helmFunctions.has(name) && !["include", "tpl"].includes(name) && differs(name));
  assert.deepEqual(found.filter((name) => !Object.hasOwn(differences, name)), []);
  assert.deepEqual(Object.keys(differences).filter((name) => !helmFunctions.has(name) || !ownFunctionNames.has(name)), []);
});
