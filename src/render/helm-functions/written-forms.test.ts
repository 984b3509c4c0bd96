import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";
import { goReading, parseYaml } from "../../value/yaml.ts";
import { goMap, goValueOf, isMap, jsonOf } from "../template/value.ts";
import { printJsonGo } from "./json-printer.ts";
import { parseToml, printToml } from "./toml.ts";
import { printYamlGo } from "./yaml-printer.ts";

/** Texts that some version of YAML takes for something else, or that its forms have trouble with. */
const oddTexts = [
  "", " ", "yes", "no", "on", "Off", "y", "N", "true", "TRUE", "null", "~", "Null", "=", "<<", "*a", "&a", "!t", "%", "@", "`", "? a", "- a", "-", "?", ":", "a:", ":a", "a: b", "a #b", "#a", "---", "--- a", "...", "[", "]", "{a", "a, b", "|", ">", "\"", "'", "it's", "\\", "\\n",
  "0", "012", "0o12", "0x1f", "0b11", "1_000", "1e3", ".5", "1.", "+1", "-0", ".", "e1", "12:30", "12:30:45", "190:20:30", ".inf", "-.INF", ".NaN", "2020-01-01", "2001-12-14t21:59:43.10-05:00", "1.10", "18446744073709551616",
  "a\nb", "a\n", "a\n\n", "\na", "\n", "\n\n", " a\nb", "a \nb", "a\n b", "a\tb", "\ta", "a\n\tb", "a\r\nb", "a\rb", "a ", " a", "a\n ", "# a\nb", "- a\n- b\n", "---\na", "a\n---\nb", "a: b\nc: d\n",
  "é", "日本語", "😀", "\u0000", "\u0007", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "a\ufeffb", "\u200b", "word ".repeat(30).trim(), "word ".repeat(30), `${"x".repeat(90)} y`, `two  blanks ${"word ".repeat(25)}`, `'${"word ".repeat(25)}`, `a: ${"word ".repeat(25)}\nb`,
];
const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ unit: "grapheme" }), fc.string({ unit: fc.constantFrom("a", " ", "\n", ":", "#", "-", "\t", "1", "'", "\"", "|", "e", ",", "{") }), fc.tuple(fc.constantFrom(...oddTexts), fc.constantFrom(...oddTexts)).map(([left, right]) => left + right));
const key = fc.oneof(text, fc.string({ minLength: 120, maxLength: 140 })).filter((name) => name !== "<<" && name !== "__proto__");
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0), fc.constantFrom(0.1, 1e21, 1e-7, 123456789, 1e6, 100000));
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.constant(null), fc.boolean(), number, text, text, fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true })),
}));
/** What stands below a key when a template indents it, as charts do. */
const indented = (printed: string, width: number): string => `k:\n${printed.replace(/\n$/, "").split("\n").map((line) => " ".repeat(width) + line).join("\n")}\n`;

test("what toYaml, toYamlPretty and toJson write is read back the same", () => {
  fc.assert(fc.property(value, (given) => {
    for (const [name, printed] of [["toYaml", printYamlGo(given)], ["toYamlPretty", printYaml(given, { isSorted: true })], ["toJson", printJsonGo(goValueOf(given))], ["toPrettyJson", printJsonGo(goValueOf(given), { indent: "  " })], ["toRawJson", printJsonGo(goValueOf(given), { isRaw: true })]] as const) {
      assert.deepEqual(parseYaml(printed, "printed", goReading), given, `${name}: ${printed}`);
    }
  }), { numRuns: 800 });
});

test("the same stands below a key of a template, wherever nindent puts it", () => {
  fc.assert(fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }), fc.integer({ min: 1, max: 9 }), (given, width) => {
    for (const printed of [printYamlGo(given), printYaml(given, { isSorted: true }), printJsonGo(goValueOf(given), { indent: "  " })]) {
      assert.deepEqual(parseYaml(indented(printed, width), "printed", goReading), { k: given }, indented(printed, width));
    }
  }), { numRuns: 400 });
});

test("each odd text is read back as text, as a value and as a key", () => {
  for (const one of oddTexts) {
    for (const print of [printYamlGo, (given: Json) => printYaml(given, { isSorted: true })]) {
      assert.equal(parseYaml(print(one), "printed", goReading), one, print(one));
      if (one !== "<<") assert.deepEqual(parseYaml(print({ [one]: [one, { [one]: one }] }), "printed", goReading), { [one]: [one, { [one]: one }] }, print({ [one]: one }));
    }
  }
});

test("a backslash of a text stays one in JSON, and a backspace is written by its number as Go does", () => {
  assert.equal(printJsonGo("\\bword\\b \b\f"), '"\\\\bword\\\\b \\u0008\\u000c"');
});

test("what toToml writes of a map is read back the same", () => {
  const scalar = fc.oneof(fc.boolean(), fc.integer(), text);
  fc.assert(fc.property(fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(key, scalar, { maxKeys: 3, noNullPrototype: true })), { maxKeys: 4, noNullPrototype: true }), (given) => {
    const map = goValueOf(given);
    assert.deepEqual(JSON.parse(JSON.stringify(jsonOf(parseToml(printToml(isMap(map) ? map : goMap()))))), given, printToml(map));
  }), { numRuns: 300 });
});
