import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { printYaml, printYamlDocuments } from "./print-yaml.ts";
import type { Json } from "./json.ts";
import { parseYaml, parseYamlDocuments, yamlBytesMax, YamlError } from "./yaml.ts";

const scalars: readonly (readonly [string, Json])[] = [
  ["yes", true], ["on", true], ["No", false], ["OFF", false], ["true", true], ["y", "y"], ["n", "n"], ["014", 12], ["0x1f", 31], ["1_000", 1000], ["0b11", 3], ["1e3", 1000], [".5", 0.5],
  ["~", null], ["2020-01-01", "2020-01-01"], ["12:30:45", "12:30:45"], ["'1'", "1"], ["1.2.3", "1.2.3"], ["0o14", 12], ["!!binary aGk=", "aGk="],
];

for (const [text, value] of scalars) test(`${text} is read as Kubernetes reads it`, () => assert.deepEqual(parseYaml(`a: ${text}\n`), { a: value }));

test("merge keys and anchors are followed", () => {
  assert.deepEqual(parseYaml("base: &b {x: 1, z: 2}\nd:\n  <<: *b\n  z: 3\n"), { base: { x: 1, z: 2 }, d: { x: 1, z: 3 } });
});

test("a number has a digit before its exponent: paths and short hashes stay texts", () => {
  for (const text of [".", "..", "+.", "e1", "E5", "-e1", ".e1", "._1"]) assert.deepEqual(parseYaml(`a: ${text}`), { a: text });
  for (const [text, value] of [[".5", 0.5], ["1.", 1], ["-.5", -0.5], ["1e3", 1000], ["1.e3", 1000], [".5e3", 500], ["+12e03", 12_000], ["1_0.5", 10.5]] as const) assert.deepEqual(parseYaml(`a: ${text}`), { a: value });
});

test("keys become texts", () => assert.deepEqual(parseYaml("1: a\non: b\n"), { 1: "a", true: "b" }));

test("empty documents are left out and the others know their line", () => {
  const documents = parseYamlDocuments("---\n---\n# note\na: 1\n---\n\nb: 2\n", "f.yaml");
  assert.deepEqual(documents.map(({ value, line }) => [value, line]), [[{ a: 1 }, 4], [{ b: 2 }, 7]]);
});

test("a field's line is found, or that of its nearest ancestor", () => {
  const [, second] = parseYamlDocuments("a: 1\n---\nspec:\n  list:\n  - name: x\n  - name: y\n    image: z\n");
  assert.equal(second?.lineOf("spec.list[1].image"), 7);
  assert.equal(second?.lineOf(["spec", "list", 1]), 6);
  assert.equal(second?.lineOf("spec.list[1].none.deeper"), 6);
  assert.equal(second?.lineOf("other"), 3);
});

const broken: readonly (readonly [text: string, message: string])[] = [
  ["a: 1\na: 2\n", "f.yaml:2:1: Map keys must be unique"],
  ["a: .inf", "f.yaml:1:4: a number must be finite"],
  ["\tx: 1", "f.yaml:1:1: Tabs are not allowed as indentation"],
  ["a: b: c", "f.yaml:1:4: Nested mappings are not allowed in compact mappings"],
  ["a: &x [*x]", "f.yaml:1:1: an alias stands inside what it points at"],
  ["a: *nope", "f.yaml:1:1: Unresolved alias (the anchor must be set before the alias): nope"],
];

for (const [text, message] of broken) {
  test(`${JSON.stringify(text)} is refused with its place`, () => assert.throws(() => parseYamlDocuments(text, "f.yaml"), { name: "YamlError", message }));
}

test("an alias bomb is refused", () => {
  const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(",")}]`);
  assert.throws(() => parseYaml(lines.join("\n")), { name: "YamlError" });
});

for (const [title, text] of [["brackets", "[".repeat(50_000)], ["dashes", `${"- ".repeat(1000)}a`]] as const) {
  test(`values nested too deeply by ${title} are refused`, () => assert.throws(() => parseYaml(text), { message: /nested deeper than 200$/ }));
}

test("a file past the size bound is refused unread", () => {
  assert.throws(() => parseYaml("a".repeat(yamlBytesMax + 1)), { message: /larger than/ });
});

const nested = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.string({ unit: "grapheme" }), fc.string({ unit: fc.constantFrom("a", " ", "\n", ":", "#", "-", "\t", "1", "'", "\"", "|", "e") }),
    fc.constantFrom("yes", "012", "0o12", "1e3", "2020-01-01", "~", "=", "<<", "12:30", "0x1f", "- a", "a: b", "a #b", "NULL", ".nan", "1_0", "line\nline\n", "line\n  more\n\n"),
    fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(fc.string({ maxLength: 6 }), tie("value"), { maxKeys: 4, noNullPrototype: true })),
})).value;

test("whatever is printed is read back the same by both versions of YAML", () => {
  fc.assert(fc.property(nested, (value) => {
    const expected = JSON.parse(JSON.stringify(value)) as Json;
    fc.pre(!JSON.stringify(expected).includes("__proto__"));
    const text = printYaml(value);
    assert.deepEqual(parseYaml(text), expected, text);
    const [modern] = parseAllDocuments(text, { version: "1.2" });
    assert.deepEqual(modern === undefined || !("toJS" in modern) ? undefined : modern.toJS(), expected, text);
  }), { numRuns: 400 });
});

test("printing reads well", () => {
  assert.equal(
    printYamlDocuments([{ b: { list: [{ name: "x", args: ["-c", "a b"] }, 1], empty: [], none: {} }, a: "on", script: "a\nb\n" }, "x"]),
    "b:\n  list:\n  - name: x\n    args:\n    - \"-c\"\n    - a b\n  - 1\n  empty: []\n  none: {}\na: \"on\"\nscript: |\n  a\n  b\n---\nx\n",
  );
  assert.equal(printYaml({ b: 1, a: { d: 1, c: 2 } }, { isSorted: true }), "a:\n  c: 2\n  d: 1\nb: 1\n");
});

test("a mapping of fifty thousand keys is read in the time of its length, and a key that stands twice is found in it", { timeout: 20_000 }, () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: v`).join("\n");
  assert.equal(Object.keys(parseYaml(text) as object).length, 50_000);
  assert.throws(() => parseYaml(`${text}\nk0: v`, "f"), (error) => error instanceof YamlError && error.line === 50_001 && error.message.endsWith("Map keys must be unique"));
});
