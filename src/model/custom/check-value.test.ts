import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../value/json.ts";
import { printFieldError } from "../print-field-error.ts";
import { checkListTypes } from "./list-types.ts";
import { checkValue } from "./check-value.ts";
import type { Schema } from "./schema-parts.ts";

const text: Schema = { type: "string" };
const whole: Schema = { type: "integer" };

/** A schema, a value at `spec.x`, and what is wrong with it. */
const cases: readonly (readonly [Schema, Json, ...(readonly string[])])[] = [
  [text, "a"], [text, ""],
  [text, 1, 'spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"'],
  [text, 1.5, 'spec.x: Invalid value: "number": spec.x in body must be of type string: "number"'],
  [text, true, 'spec.x: Invalid value: "boolean": spec.x in body must be of type string: "boolean"'],
  [text, [], 'spec.x: Invalid value: "array": spec.x in body must be of type string: "array"'],
  [text, {}, 'spec.x: Invalid value: "object": spec.x in body must be of type string: "object"'],
  [text, null, 'spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
  [{ ...text, nullable: true }, null],
  [{ ...text, nullable: true, enum: ["a"] }, null],
  [whole, 1], [whole, -0], [whole, 2 ** 40],
  [whole, "1", 'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
  [whole, 1.5, 'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"'],
  [{ type: "number" }, 1], [{ type: "number" }, 1.5],
  [{ type: "number" }, "1", 'spec.x: Invalid value: "string": spec.x in body must be of type number: "string"'],
  [{ type: "boolean" }, false],
  [{ type: "boolean" }, "true", 'spec.x: Invalid value: "string": spec.x in body must be of type boolean: "string"'],
  [{ type: "object" }, {}],
  [{ type: "object" }, [], 'spec.x: Invalid value: "array": spec.x in body must be of type object: "array"'],
  [{ type: "array", items: text }, ["a"]],
  [{ type: "array", items: text }, "a", 'spec.x: Invalid value: "string": spec.x in body must be of type array: "string"'],
  [{ type: "array", items: text }, ["a", 1], 'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
  [{ type: "array", items: { type: "object", properties: { n: whole } } }, [{ n: "a" }], 'spec.x[0].n: Invalid value: "string": spec.x[0].n in body must be of type integer: "string"'],
  [{ "x-kubernetes-int-or-string": true }, 1], [{ "x-kubernetes-int-or-string": true }, "25%"],
  [{ "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] }, 1],
  [{ "x-kubernetes-int-or-string": true }, 1.5, 'spec.x: Invalid value: "number": spec.x in body must be of type integer,string: "number"'],
  [{ "x-kubernetes-int-or-string": true }, true, 'spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
  [{ "x-kubernetes-int-or-string": true, pattern: "^\\d+%$" }, "25", 'spec.x: Invalid value: "25": spec.x in body should match \'^\\d+%$\''],
  [{ "x-kubernetes-preserve-unknown-fields": true }, { any: [1, "a", null] }],
  [{}, null],
  [{ ...text, enum: ["a", "b"] }, "b"],
  [{ ...text, enum: ["b", "a"] }, "c", 'spec.x: Unsupported value: "c": supported values: "b", "a"'],
  [{ ...whole, enum: [1, 2] }, 3, 'spec.x: Unsupported value: 3: supported values: "1", "2"'],
  [{ ...text, minLength: 2 }, "ab"],
  [{ ...text, minLength: 2 }, "a", 'spec.x: Invalid value: "a": spec.x in body should be at least 2 chars long'],
  [{ ...text, maxLength: 2 }, "ab"], [{ ...text, maxLength: 2 }, "\u{1f600}\u{1f600}"],
  [{ ...text, maxLength: 2 }, "abc", "spec.x: Too long: may not be more than 2 bytes"],
  [{ ...text, pattern: "^[a-z]+$" }, "abc"], [{ ...text, pattern: "b" }, "abc"],
  [{ ...text, pattern: "^[a-z]+$" }, "Abc", 'spec.x: Invalid value: "Abc": spec.x in body should match \'^[a-z]+$\''],
  [{ ...whole, minimum: 1 }, 1],
  [{ ...whole, minimum: 1 }, 0, "spec.x: Invalid value: 0: spec.x in body should be greater than or equal to 1"],
  [{ ...whole, minimum: 1, exclusiveMinimum: true }, 2],
  [{ ...whole, minimum: 1, exclusiveMinimum: true }, 1, "spec.x: Invalid value: 1: spec.x in body should be greater than 1"],
  [{ ...whole, maximum: 5 }, 5],
  [{ ...whole, maximum: 5 }, 6, "spec.x: Invalid value: 6: spec.x in body should be less than or equal to 5"],
  [{ ...whole, maximum: 5, exclusiveMaximum: true }, 5, "spec.x: Invalid value: 5: spec.x in body should be less than 5"],
  [{ ...whole, multipleOf: 5 }, 15], [{ type: "number", multipleOf: 0.1 }, 0.3],
  [{ ...whole, multipleOf: 5 }, 7, "spec.x: Invalid value: 7: spec.x in body should be a multiple of 5"],
  [{ ...whole, format: "int32" }, 2 ** 31 - 1],
  [{ ...whole, format: "int32" }, 2 ** 31, 'spec.x: Invalid value: 2147483648: spec.x in body must be of type int32: "2147483648"'],
  [{ type: "array", items: text, minItems: 1 }, [], "spec.x: Invalid value: []: spec.x in body should have at least 1 items"],
  [{ type: "array", items: text, maxItems: 1 }, ["a"]],
  [{ type: "array", items: text, maxItems: 1 }, ["a", "b"], "spec.x: Too many: 2: must have at most 1 item"],
  [{ type: "object", minProperties: 1 }, {}, "spec.x: Invalid value: {}: spec.x in body should have at least 1 properties"],
  [{ type: "object", maxProperties: 2 }, { a: 1, b: 2, c: 3 }, "spec.x: Too many: 3: must have at most 2 items"],
  [{ type: "object", required: ["a"], properties: { a: text } }, { a: "" }],
  [{ type: "object", required: ["a", "b"], properties: { a: text } }, {}, "spec.x.a: Required value", "spec.x.b: Required value"],
  [{ type: "object", additionalProperties: text }, { a: "b" }],
  [{ type: "object", additionalProperties: text }, { a: 1 }, 'spec.x.a: Invalid value: "integer": spec.x.a in body must be of type string: "integer"'],
  [{ type: "object", properties: { constructor: text } }, { constructor: "a" }],
  [{ type: "object", properties: { a: text } }, { a: 1, b: 2 }, 'spec.x.a: Invalid value: "integer": spec.x.a in body must be of type string: "integer"'],
  [{ type: "object", anyOf: [{ required: ["a"] }, { required: ["b"] }] }, { b: 1 }],
  [{ type: "object", anyOf: [{ required: ["a"] }, { required: ["b"] }] }, {}, '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)', "spec.x.a: Required value"],
  [{ type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1 }],
  [{ type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1, b: 1 }, '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  [{ type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }] }, {}, '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid', "spec.x.a: Required value"],
  [{ ...text, allOf: [{ minLength: 1 }, { maxLength: 3 }] }, "ab"],
  [{ ...text, allOf: [{ minLength: 1 }, { maxLength: 3 }] }, "abcd", '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)', "spec.x: Too long: may not be more than 3 bytes"],
  [{ ...text, allOf: [{ minLength: 9 }] }, "a", '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf). None validated', 'spec.x: Invalid value: "a": spec.x in body should be at least 9 chars long'],
  [{ ...text, not: { enum: ["a"] } }, "b"],
  [{ ...text, not: { enum: ["a"] } }, "a", '<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'],
];

for (const [index, [schema, value, ...expected]] of cases.entries()) {
  test(`value ${index + 1}: ${JSON.stringify(value)} against ${JSON.stringify(schema)} ${expected.length === 0 ? "fits" : "does not fit"}`, () => {
    assert.deepEqual(checkValue(schema, value, { path: "spec.x" }).map(printFieldError), expected);
  });
}

/** Formats, with a text that has each and one that has not. */
const formats: readonly (readonly [string, string, string])[] = [
  ["date-time", "2024-02-29T12:00:00.5Z", "2024-02-30"], ["date", "2024-02-29", "2023-02-29"], ["duration", "1h30m", "soon"], ["duration", "3 days", "3 fortnights"],
  ["uri", "https://a.example/b?c=d", "not a uri"], ["email", "a@b.example", "a.b.example"], ["hostname", "a-b.example", "-a.example"], ["ipv4", "10.0.0.1", "10.0.0"],
  ["ipv6", "2001:db8::1", "10.0.0.1"], ["cidr", "10.0.0.0/8", "10.0.0.0"], ["mac", "01:23:45:67:89:ab", "01:23:45"], ["uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"],
  ["uuid4", "123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"], ["byte", "YWJj", "YWJ"], ["isbn10", "0-306-40615-2", "0-306-40615-3"],
  ["isbn13", "978-0-306-40615-7", "978-0-306-40615-8"], ["creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112"], ["ssn", "123-45-6789", "12-345"],
  ["hexcolor", "#fff", "#ff"], ["rgbcolor", "rgb(1, 22, 255)", "rgb(1, 22, 256)"], ["bsonobjectid", "507f1f77bcf86cd799439011", "507f"],
];

for (const [format, good, bad] of formats) {
  test(`${good} has the format ${format}, ${bad} has not`, () => {
    assert.deepEqual(checkValue({ type: "string", format }, good, { path: "x" }), []);
    assert.deepEqual(checkValue({ type: "string", format }, bad, { path: "x" }).map(printFieldError), [`x: Invalid value: ${JSON.stringify(bad)}: x in body must be of type ${format}: ${JSON.stringify(bad)}`]);
  });
}

test("a format nobody knows says nothing", () => {
  assert.deepEqual(checkValue({ type: "string", format: "constructor" }, "anything", { path: "x" }), []);
});

const set: Schema = { type: "array", "x-kubernetes-list-type": "set", items: text };
const map: Schema = { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"], items: { type: "object", properties: { port: whole, protocol: { type: "string", default: "TCP" } } } };

const lists: readonly (readonly [Schema, Json, ...(readonly string[])])[] = [
  [set, ["a", "b"]], [set, ["a", "b", "a"], 'x[2]: Duplicate value: "a"'],
  [map, [{ port: 80, protocol: "TCP" }, { port: 80, protocol: "UDP" }]],
  [map, [{ port: 80, protocol: "TCP" }, { port: 80 }], 'x[1]: Duplicate value: {"port":80,"protocol":"TCP"}'],
  [{ type: "array", items: text }, ["a", "a"]],
  [{ type: "object", additionalProperties: set }, { k: ["a", "a"] }, 'x[k][1]: Duplicate value: "a"'],
];

for (const [index, [schema, value, ...expected]] of lists.entries()) {
  test(`list ${index + 1}: ${JSON.stringify(value)} ${expected.length === 0 ? "has no item twice" : "has an item twice"}`, () => {
    assert.deepEqual(checkListTypes(schema, value, "x").map(printFieldError), expected);
  });
}
