import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import type { Json } from "../../value/json.ts";
import { printYaml } from "./print-yaml.ts";

test("an object is printed in block style", () => {
  const value = { kind: "Pod", metadata: { name: "a", labels: {} }, spec: { containers: [{ name: "web", args: ["-v", "1"], ports: [] }] }, note: "one\ntwo\n", text: "yes" };
  assert.equal(printYaml(value), `kind: Pod
metadata:
  name: a
  labels: {}
spec:
  containers:
  - name: web
    args:
    - "-v"
    - "1"
    ports: []
note: |
  one
  two
text: "yes"
`);
});

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.constantFrom("null", "1e3", "a: b", "- x", "two\nlines", " lead", "trail ", "tail\n\n", "#no", "0x1f", "2026-01-01", "=", "\t", "a\r\nb"), fc.integer(), fc.boolean(), fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true })),
})).value;

test("what is printed reads back as what it was", () => {
  fc.assert(fc.property(json, (value) => { assert.deepEqual(parse(printYaml(value)), value); }), { numRuns: 500, seed: 10 });
});
