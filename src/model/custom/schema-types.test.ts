import assert from "node:assert/strict";
import { test } from "node:test";
import { celTypeOf } from "./cel-values.ts";
import type { Schema } from "./schema-parts.ts";
import { bothNamesOf, celTypesOfSchema, sentScalarOf, writtenNamesOf } from "./schema-types.ts";
import type { CelView } from "./schema-types.ts";

const rules: CelView = { nameOf: (index) => `T${index}`, scalarOf: celTypeOf, namesOf: writtenNamesOf, isOpen: () => false, metadata: "dyn" };
const policies: CelView = { nameOf: (index) => `T${index}`, scalarOf: sentScalarOf, namesOf: bothNamesOf, isOpen: (schema) => schema["x-kubernetes-preserve-unknown-fields"] === true, metadata: "Meta" };

const leaf: Schema = { type: "object", properties: { a: { type: "string" } } };

const cases: readonly (readonly [title: string, schema: Schema, asRules: string, asPolicies: string])[] = [
  ["whole numbers", { type: "integer" }, "int", "int"],
  ["numbers, which may have been sent whole", { type: "number" }, "double", "dyn"],
  ["dates, which are texts where they are sent", { type: "string", format: "date-time" }, "google.protobuf.Timestamp", "dyn"],
  ["what may be null", { type: "string", nullable: true }, "dyn", "dyn"],
  ["what may be a number or a text", { "x-kubernetes-int-or-string": true }, "dyn", "dyn"],
  ["a list of objects", { type: "array", items: leaf }, "list<T0>", "list<T0>"],
  ["a list of lists, of which one level is known", { type: "array", items: { type: "array", items: { type: "string" } } }, "list<dyn>", "list<dyn>"],
  ["a map", { type: "object", additionalProperties: { type: "boolean" } }, "map<string, bool>", "map<string, bool>"],
  ["an object without named fields", { type: "object" }, "dyn", "dyn"],
  ["an object with further fields", { ...leaf, "x-kubernetes-preserve-unknown-fields": true }, "T0", "dyn"],
];

for (const [title, schema, asRules, asPolicies] of cases) {
  test(`${title}: rules see ${asRules}, policies ${asPolicies}`, () => {
    assert.deepEqual([celTypesOfSchema(schema, rules).type, celTypesOfSchema(schema, policies).type], [asRules, asPolicies]);
  });
}

test("a field whose name CEL cannot write is there by the one it can, for policies by both; a resource has its three fields", () => {
  const schema: Schema = { type: "object", properties: { "max-size": { type: "integer" }, "9": { type: "string" }, inner: leaf } };
  assert.deepEqual([...celTypesOfSchema(schema, rules, { isResource: true }).types], [["T0", { max__dash__size: "int", inner: "T1", apiVersion: "string", kind: "string", metadata: "dyn" }], ["T1", { a: "string" }]]);
  assert.deepEqual(celTypesOfSchema(schema, policies).types.get("T0"), { "max-size": "int", max__dash__size: "int", "9": "string", inner: "T1" });
});

test("what no word names, and what is too deep, may be of any type and costs none", () => {
  const deep: Schema = { type: "object", properties: { a: { type: "object", properties: { b: leaf, c: leaf } } } };
  assert.deepEqual([...celTypesOfSchema(deep, { ...rules, words: new Set(["a", "c"]) }).types.values()], [{ a: "T1" }, { b: "dyn", c: "T2" }, { a: "string" }]);
  assert.deepEqual([...celTypesOfSchema(deep, { ...rules, depthMax: 1 }).types.values()], [{ a: "T1" }, { b: "dyn", c: "dyn" }]);
});
