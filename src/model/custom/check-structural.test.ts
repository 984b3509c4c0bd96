import assert from "node:assert/strict";
import { test } from "node:test";
import { printFieldError } from "../print-field-error.ts";
import { checkStructural } from "./check-structural.ts";
import type { Schema } from "./schema-parts.ts";

const text: Schema = { type: "string", maxLength: 10 };
const number: Schema = { type: "integer" };
const object = (properties: Readonly<Record<string, Schema>>, rest: Schema = {}): Schema => ({ type: "object", properties, ...rest });
const ruled = (rule: string, rest: object = {}): Schema => ({ "x-kubernetes-validations": [{ rule, ...rest }] });
const spec = "S.properties[spec]";
const first = `${spec}.x-kubernetes-validations[0]`;

/** A schema below `spec`, and what keeps it from being taken. */
const refused: readonly (readonly [schema: Schema, errors: readonly string[]])[] = [
  [object({ a: text }, { anyOf: [ruled("true")] }), [`${spec}.anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural`]],
  [object({ a: text }, { oneOf: [{ properties: { a: { "x-kubernetes-map-type": "atomic" } } }] }), [`${spec}.oneOf[0].properties[a].x-kubernetes-map-type: Forbidden: must be undefined to be structural`]],
  [{ type: "array", "x-kubernetes-list-type": "set", items: object({}) }, [`${spec}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`]],
  [{ type: "array", "x-kubernetes-list-type": "set", items: { ...text, nullable: true } }, [`${spec}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set`]],
  [{ type: "array", items: { ...text, ...ruled("self == oldSelf") } }, [`${spec}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${spec}`]],
  [object({ a: { ...text, ...ruled("self == oldSelf") } }, { "x-kubernetes-map-type": "atomic" }), [`${spec}.properties[a].x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${spec}`]],
  [object({}, ruled("true", { optionalOldSelf: true })), [`${first}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`]],
  [object({ a: text }, ruled("true", { fieldPath: ".b" })), [`${first}.fieldPath: Invalid value: ".b": fieldPath must be a valid path`]],
  [object({ a: text }, ruled("self.b == 'x'")), [`${first}.rule: Invalid value: "self.b == 'x'": compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 'x'\n | ....^`]],
  [object({ a: text }, ruled("self.a > 5")), [`${first}.rule: Invalid value: "self.a > 5": compilation failed: ERROR: <input>:1:1: found no matching overload for '_>_' applied to '(string, int)'\n | self.a > 5\n | ^`]],
  [object({ a: object({ b: number }) }, ruled("self.a.b > 0", { messageExpression: "self.a.c" })), [`${first}.messageExpression: Invalid value: "self.a.c": compilation failed: ERROR: <input>:1:7: undefined field 'c'\n | self.a.c\n | ......^`]],
];

for (const [schema, errors] of refused) {
  test(`a schema with ${JSON.stringify(schema).slice(0, 150)} is refused`, () => assert.deepEqual(checkStructural(object({ spec: schema }), "S").map(printFieldError), errors));
}

const taken: readonly Schema[] = [
  object({ a: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], items: object({ k: text, v: { ...text, ...ruled("self == oldSelf") } }, { required: ["k"] }) } }),
  object({ a: text, "b-c": number, free: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }, ruled("!has(self.a) || self.a.startsWith('x') && self.b__dash__c < 3.0 && self.free.any == 5", { fieldPath: ".free.any" })),
  object({ m: { type: "object", additionalProperties: object({ q: number }) }, l: { type: "array", items: object({ n: number }) }, n: { ...text, nullable: true } }, ruled("self.m.all(k, self.m[k].q > 1) && self.l.exists(x, x.n == 1) && self.n == null", { fieldPath: ".m.any.q" })),
  object({ a: text }, ruled("oldSelf.orValue(self) == self", { optionalOldSelf: true })),
  object({ a: text }, { oneOf: [{ required: ["a"] }, { properties: { a: { enum: ["x"] } } }] }),
  { type: "array", "x-kubernetes-list-type": "set", items: object({}, { "x-kubernetes-map-type": "atomic" }) },
];

for (const schema of taken) {
  test(`a schema with ${JSON.stringify(schema).slice(0, 150)} is taken`, () => assert.deepEqual(checkStructural(object({ spec: schema }, ruled("self.metadata.name.size() > 0 && self.kind != ''")), "S").map(printFieldError), []));
}

test("what an alternative of the root speaks of has to be said outside of it", () => {
  const root = object({ spec: object({ a: { type: "array", items: object({}) } }) }, { allOf: [{ properties: { spec: { properties: { a: { items: { properties: { c: {} } } } } }, more: {} } }] });
  assert.deepEqual(checkStructural(root, "S").map(printFieldError), [
    "S.properties[spec].properties[a].items.properties[c]: Required value: because it is defined in S.allOf[0].properties[spec].properties[a].items.properties[c]",
    "S.properties[more]: Required value: because it is defined in S.allOf[0].properties[more]",
  ]);
});
