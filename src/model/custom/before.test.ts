import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../value/json.ts";
import { printFieldError } from "../print-field-error.ts";
import { convertByName, objectSchemaOf } from "./object-schema.ts";
import type { Schema } from "./schema-parts.ts";

const text: Schema = { type: "string" };
/** A text that a definition refuses which it took before. */
const strict: Schema = { type: "string", enum: ["good"] };
const ruled: Schema = { type: "string", "x-kubernetes-validations": [{ rule: "self == 'good'", message: "has to be good" }] };
const changing: Schema = { type: "string", "x-kubernetes-validations": [{ rule: "self == 'good' || oldSelf == 'bad'" }] };
const asking: Schema = { type: "string", "x-kubernetes-validations": [{ rule: "oldSelf.hasValue() && self == 'good'", optionalOldSelf: true, message: "asks" }] };

function list(type: "map" | "set" | "atomic", item: Schema): Schema {
  return { type: "array", "x-kubernetes-list-type": type, ...(type === "map" ? { "x-kubernetes-list-map-keys": ["key"] } : {}), items: item };
}

function object(field: Schema, more: Partial<Schema> = {}): Schema {
  return { type: "object", properties: { key: text, field, other: text }, ...more };
}

function check(schema: Schema, now: Json, old: Json | undefined): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const whole = (value: Json): JsonObject => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: value });
  const version = objectSchemaOf({ type: "object", properties: { spec: schema } }, { group: "example.com", version: "v1", kind: "Widget", apiVersion: "example.com/v1", sinceRevision: 0, convert: convertByName });
  const errors = version.validate(whole(now), old === undefined ? {} : { old: whole(old), warn: (warning) => { warnings.push(warning); } });
  return { errors: errors.map(printFieldError), warnings };
}

const unsupported = (path: string, value = "bad"): string => `${path}: Unsupported value: "${value}": supported values: "good"`;

/** What a schema says of a value that replaces another: only of what is not as it was. */
const cases: readonly (readonly [string, Schema, Json | undefined, Json, ...(readonly string[])])[] = [
  ["a new value", strict, undefined, "bad", unsupported("spec")],
  ["an unchanged value", strict, "bad", "bad"],
  ["a changed value", strict, "bad", "worse", unsupported("spec", "worse")],
  ["an unchanged member beside a changed one", object(strict), { field: "bad", other: "a" }, { field: "bad", other: "b" }],
  ["a member that is new", object(strict), { other: "a" }, { field: "bad" }, unsupported("spec.field")],
  ["a member that is still missing, beside a changed one", object(text, { required: ["field"] }), { other: "a" }, { other: "b" }, "spec.field: Required value"],
  ["a member that is still missing, where nothing changed", object(text, { required: ["field"] }), { other: "a" }, { other: "a" }],
  ["an unchanged member of a map", { type: "object", additionalProperties: strict }, { a: "bad", b: "good" }, { a: "bad" }],
  ["an unchanged member called constructor", { type: "object", additionalProperties: strict }, { b: "good" }, { constructor: "bad" }, unsupported("spec.constructor")],
  ["an item of a list that is a map, elsewhere in it", list("map", object(strict)), [{ key: "a", field: "bad" }], [{ key: "b", field: "good" }, { key: "a", field: "bad" }]],
  ["an item of a list that is a map, changed", list("map", object(strict)), [{ key: "a", field: "bad" }], [{ key: "a", field: "worse" }], unsupported("spec[0].field", "worse")],
  ["an item under another key", list("map", object(strict)), [{ key: "a", field: "bad" }], [{ key: "b", field: "bad" }], unsupported("spec[0].field")],
  ["an item of a set beside a new one", list("set", strict), ["bad"], ["bad", "good"], unsupported("spec[0]")],
  ["an item of an atomic list beside a new one", list("atomic", strict), ["bad"], ["bad", "good"], unsupported("spec[0]")],
  ["a set as it was", list("set", strict), ["bad", "worse"], ["bad", "worse"]],
  ["a set in another order", list("set", strict), ["bad", "good"], ["good", "bad"], unsupported("spec[1]")],
  ["items that stood twice before", list("set", text), ["a", "a"], ["a", "a", "b"]],
  ["items that stand twice now", list("set", text), ["a"], ["a", "a"], 'spec[1]: Duplicate value: "a"'],
  ["an alternative nothing fits, where nothing changed", { ...text, anyOf: [{ enum: ["good"] }] }, "bad", "bad"],
  ["a wrong type that was there before", { type: "integer" }, "bad", "bad"],
  ["a rule about an unchanged value", ruled, "bad", "bad"],
  ["a rule about a changed value", ruled, "bad", "worse", 'spec: Invalid value: "string": has to be good'],
  ["a rule about an item of an unchanged set", list("set", ruled), ["bad"], ["bad"]],
  ["a rule about an item of a changed set", list("set", ruled), ["bad"], ["bad", "good"], 'spec[0]: Invalid value: "string": has to be good'],
  ["a rule about a member of an item that a list that is a map has moved", list("map", object(ruled)), [{ key: "a", field: "bad" }], [{ key: "b" }, { key: "a", field: "bad", other: "x" }]],
  ["a rule about an object with an unchanged member", object(text, { "x-kubernetes-validations": [{ rule: "self.field == 'good'", message: "has to be good" }] }), { field: "bad", other: "a" }, { field: "bad", other: "b" }, 'spec: Invalid value: "object": has to be good'],
  ["a rule about a change from what was bad", changing, "bad", "worse"],
  ["a rule about a change, unmet by what did not change", changing, "worse", "worse", "spec: Invalid value: \"string\": failed rule: self == 'good' || oldSelf == 'bad'"],
  ["a rule that asks for what was, where nothing was", asking, undefined, "good", 'spec: Invalid value: "string": asks'],
  ["a rule that asks for what was, unmet by what did not change", asking, "bad", "bad", 'spec: Invalid value: "string": asks'],
];

for (const [what, schema, old, now, ...expected] of cases) {
  test(`${what} is ${expected.length === 0 ? "let pass" : "refused"}`, () => {
    assert.deepEqual(check(schema, now, old).errors, expected);
  });
}

test("of what a rule is against and lets pass, the client is warned", () => {
  assert.deepEqual(check(object(ruled), { field: "bad", other: "b" }, { field: "bad", other: "a" }), { errors: [], warnings: ['spec.field: Invalid value: "string": has to be good'] });
  assert.deepEqual(check(object(strict), { field: "bad", other: "b" }, { field: "bad", other: "a" }), { errors: [], warnings: [] });
});
