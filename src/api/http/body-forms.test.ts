import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../value/json.ts";
import { BodyForms } from "./body-forms.ts";

const spec = { containers: [{ name: "main", args: ["{", "\"", "ünï"], env: [{ name: "LEVEL", value: "info" }] }] };

function bodyOf(name: string, { level = "info", ...more }: { readonly level?: string; readonly kind?: string } = {}): string {
  return JSON.stringify({ kind: "Pod", ...more, metadata: { name, labels: { tier: "a \"quoted\" one" } }, spec: { containers: [{ ...spec.containers[0], env: [{ name: "LEVEL", value: level }] }] } });
}

/** Forms that have learned from these bodies. */
function formsOf(...texts: readonly string[]): BodyForms {
  const forms = new BodyForms();
  for (const text of texts) forms.learn(text);
  return forms;
}

test("of a body that differs from two before in its name alone, all else is the very same value", () => {
  const forms = formsOf(bodyOf("a"), bodyOf("b"));
  const [third, fourth] = ["third-one", "d"].map((name) => forms.parse(Buffer.from(bodyOf(name))));
  assert.deepEqual(third, JSON.parse(bodyOf("third-one")));
  assert.deepEqual(fourth, JSON.parse(bodyOf("d")));
  assert.ok(third?.["spec"] === fourth?.["spec"] && Object.isFrozen(third?.["spec"]));
});

test("texts deep inside may differ too, once two bodies have differed there", () => {
  const forms = formsOf(bodyOf("a", { level: "1" }), bodyOf("b", { level: "2" }));
  assert.deepEqual(forms.parse(Buffer.from(bodyOf("c", { level: "some more" }))), JSON.parse(bodyOf("c", { level: "some more" })));
  assert.equal(formsOf(bodyOf("a"), bodyOf("b")).parse(Buffer.from(bodyOf("c", { level: "debug" }))), undefined);
});

test("a text that JSON writes with escapes, or in more bytes than letters, is left to JSON.parse", () => {
  const forms = formsOf(bodyOf("a"), bodyOf("b"));
  for (const name of ["a\"b", "a\\", "a\nb", "ü", "x".repeat(2_000)]) assert.equal(forms.parse(Buffer.from(bodyOf(name))), undefined);
});

test("bodies that differ in a member's name, a number or their length have no form", () => {
  for (const [one, other] of [["{\"a\":\"x\"}", "{\"b\":\"x\"}"], ["{\"a\" :\"x\"}", "{\"b\" :\"x\"}"], ["{\"a\":1}", "{\"a\":2}"], ["{\"a\":\"x\"}", "{\"a\":\"y\"} "], ["{\"a\":\"x\"}", "{\"a\":\"x\"}"]] as const) {
    const forms = formsOf(one, other);
    for (const text of [one, other]) assert.equal(forms.parse(Buffer.from(text)), undefined);
  }
});

test("what is read by a form is what JSON.parse reads, members in the same order", () => {
  const text = fc.oneof(fc.constantFrom("", "<gap:0>", "metadata", "a{\"}", "\\", "[", "é"), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, text, fc.integer(), fc.constant(null), fc.boolean(), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(text.filter((key) => key !== "__proto__"), tie("value"), { maxKeys: 4 })),
  }));
  let read = 0;
  fc.assert(fc.property(fc.dictionary(text.filter((key) => key !== "__proto__"), value), fc.array(text, { minLength: 3, maxLength: 6 }), fc.nat(2), (object, names, indent) => {
    const forms = new BodyForms();
    for (const [index, name] of names.entries()) {
      const body = JSON.stringify({ ...object, metadata: { name: `n${name}`, list: [object, `${index}`] } }, undefined, indent);
      const parsed: JsonObject | undefined = forms.parse(Buffer.from(body));
      if (parsed === undefined) { forms.learn(body); continue; }
      read++;
      assert.equal(JSON.stringify(parsed), JSON.stringify(JSON.parse(body)));
    }
  }));
  assert.ok(read > 0, "nothing had a form");
});

test("of a body with a letter changed only what JSON.parse reads is read, and as it reads it", () => {
  fc.assert(fc.property(fc.nat(), fc.constantFrom("", "{", "}", "\"", "\\", ",", ":", " ", "0", "ü", "\0"), fc.nat(3), (place, put, gone) => {
    const forms = formsOf(bodyOf("a", { level: "1" }), bodyOf("b", { level: "2" }));
    const whole = bodyOf("c", { level: "3" });
    const at = place % whole.length;
    const changed = whole.slice(0, at) + put + whole.slice(at + gone);
    const parsed = forms.parse(Buffer.from(changed));
    if (parsed !== undefined) assert.equal(JSON.stringify(parsed), JSON.stringify(JSON.parse(changed)));
  }), { numRuns: 400 });
});
