import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRuleCosts } from "./rule-costs.ts";
import type { Schema } from "./schema-parts.ts";

const text: Schema = { type: "string" };
const short: Schema = { type: "string", maxLength: 20 };
const withRule = (schema: Schema, rule: string): Schema => ({ ...schema, "x-kubernetes-validations": [{ rule }] });
const listOf = (items: Schema, maxItems?: number): Schema => ({ type: "array", items, ...(maxItems === undefined ? {} : { maxItems }) });
const object = (properties: Readonly<Record<string, Schema>>): Schema => ({ type: "object", properties });
const hint = "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

/** A schema, and by how much its rule exceeds its budget; undefined where it does not. */
const cases: Readonly<Record<string, readonly [Schema, string | undefined]>> = {
  "a comparison of fields": [withRule(object({ a: { type: "integer" }, b: { type: "integer" } }), "self.a < self.b"), undefined],
  "a text without bound, compared with a short one": [withRule(object({ a: text }), "self.a == 'x'"), undefined],
  "a regular expression over a text without bound": [withRule(object({ a: text }), "self.a.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')"), undefined],
  "the same in a list without bound": [object({ list: listOf(withRule(text, "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')")) }), "more than 100x"],
  "the same in a list with bounds": [object({ list: listOf(withRule(short, "self.matches('^[a-z]+$')"), 100) }), undefined],
  "a walk through a list without bound": [withRule(object({ list: listOf(short) }), "self.list.all(x, x != 'a')"), undefined],
  "a walk within a walk": [withRule(object({ list: listOf(short) }), "self.list.all(x, self.list.exists(y, x == y))"), "more than 100x"],
  "a walk within a walk of bounded lists": [withRule(object({ list: listOf(short, 50) }), "self.list.all(x, self.list.exists(y, x == y))"), undefined],
  "texts without bound, compared in a walk": [withRule(object({ list: listOf(text), a: text }), "self.list.all(x, x == self.a)"), "more than 100x"],
  "a walk a little too far": [withRule(object({ list: listOf({ type: "integer" }, 1_000_000) }), "self.list.all(x, x > 1 && x < 3 && x != 2)"), undefined],
  "a walk through a map's keys": [withRule({ type: "object", additionalProperties: short, maxProperties: 64 }, "self.all(k, self[k] != 'x')"), undefined],
  "a choice costs its dearer side": [withRule(object({ list: listOf(short), a: { type: "boolean" } }), "self.a ? true : self.list.all(x, self.list.exists(y, x == y))"), "more than 100x"],
};

for (const [title, [schema, excess]] of Object.entries(cases)) {
  test(`${title} ${excess === undefined ? "fits the budget" : "is refused"}`, () => {
    const details = checkRuleCosts(schema, "s").filter(({ path }) => path.endsWith(".rule")).map(({ type, detail }) => `${type}: ${detail}`);
    assert.deepEqual(details, excess === undefined ? [] : [`Forbidden: estimated rule cost exceeds budget by factor of ${excess} ${hint}`]);
  });
}

test("rules that fit one by one may be too much together", () => {
  const rule = "self.list.all(x, x != 'a' && x != 'b')";
  const schema = object({ list: listOf(short) });
  const many: Schema = { ...schema, "x-kubernetes-validations": Array.from({ length: 30 }, () => ({ rule })) };
  const errors = checkRuleCosts(many, "s");
  assert.deepEqual(errors.map(({ path }) => path), ["s"]);
  assert.match(errors[0]?.detail ?? "", /^x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1\.\d/);
});
