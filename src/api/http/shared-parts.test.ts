import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isJsonObject } from "../../value/json.ts";
import { partLengthMax, SharedParts } from "./shared-parts.ts";

const labels = { "app.kubernetes.io/name": "bench", tier: "a \"quoted\" \\ one" };
const spec = { containers: [{ name: "main", image: "demo:1", args: ["{", "]", "\"", "\\"] }] };

function bodyOf(name: string, more: object = {}): string {
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec, ...more });
}

test("a member that came twice letter for letter is one frozen value from then on, whatever stands beside it", () => {
  const parts = new SharedParts();
  assert.equal(parts.parse(bodyOf("a")), undefined);
  const [second, third] = [parts.parse(bodyOf("b")), parts.parse(bodyOf("c", { status: {} }))];
  assert.deepEqual(second, JSON.parse(bodyOf("b")));
  assert.deepEqual(third, JSON.parse(bodyOf("c", { status: {} })));
  assert.ok(second?.["spec"] === third?.["spec"] && Object.isFrozen(second?.["spec"]));
  assert.ok(isJsonObject(second?.["metadata"]) && isJsonObject(third?.["metadata"]) && second["metadata"]["labels"] === third["metadata"]["labels"]);
});

test("what a look at the text would refuse is left to it", () => {
  const parts = new SharedParts();
  for (let round = 0; round < 3; round++) {
    const known = `"spec":${JSON.stringify(spec)}`;
    for (const text of [
      `{"metadata":{"name":"a","name":"b"},${known}}`, `{"metadata":{"name":"a","n\\u0061me":"b"},${known}}`, `{"metadata":{"__pr\\u006fto__":1},${known}}`, `{"metadata":{"labels":{"a":"1","a":"2","b":"long enough"}},${known}}`, `{"metadata":{"name":"a"},${known},${known}}`, `{"__proto__":{},${known}}`, `{${known}`, `{${known}}}`, `[${known}]`, `{${known},}`, `{1${known}}`,
      `{"spec":{"a":1,"a":2,"text":"long enough to be shared"}}`, `{"spec":{"__proto__":1,"text":"long enough to be shared"}}`,
      `{"spec":${"[".repeat(95)}"long enough to be shared"${"]".repeat(95)}}`, `{"spec":{"text":"${"x".repeat(partLengthMax)}"}}`,
    ]) assert.equal(parts.parse(text), undefined, text);
    parts.parse(`{${known}}`);
  }
  assert.notEqual(parts.parse(`{"spec":${JSON.stringify(spec)}}`), undefined);
});

test("what is read with shared parts is what JSON.parse reads, members in the same order", () => {
  const text = fc.oneof(fc.constantFrom("", "metadata", "spec", "labels", "a{\"}", "\\", "[", "x".repeat(30)), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, text, fc.integer(), fc.constant(null), fc.boolean(), tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(text.filter((key) => key !== "__proto__"), tie("value"), { maxKeys: 4 }),
  }));
  const part = fc.dictionary(fc.constantFrom("spec", "metadata", "labels", "status", "a\"b"), value, { maxKeys: 4 });
  let read = 0;
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(2), (objects, indent) => {
    const parts = new SharedParts();
    for (const object of [...objects, ...objects, ...objects]) {
      for (const name of ["a", "b"]) {
        const body = JSON.stringify({ metadata: { name, labels: object, ...object }, ...object }, undefined, indent);
        const parsed = parts.parse(body);
        if (parsed === undefined) continue;
        read++;
        assert.equal(JSON.stringify(parsed), JSON.stringify(JSON.parse(body)));
      }
    }
  }));
  assert.ok(read > 0, "nothing was shared");
});

test("of a text with a letter changed only what JSON.parse reads is read, and as it reads it", () => {
  fc.assert(fc.property(fc.nat(), fc.constantFrom("", "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "0", "n", "null"), fc.nat(3), (place, put, gone) => {
    const parts = new SharedParts();
    for (const name of ["a", "b", "c"]) parts.parse(bodyOf(name));
    const whole = bodyOf("d");
    const at = place % whole.length;
    const changed = whole.slice(0, at) + put + whole.slice(at + gone);
    for (let round = 0; round < 3; round++) {
      const parsed = parts.parse(changed);
      if (parsed !== undefined) assert.equal(JSON.stringify(parsed), JSON.stringify(JSON.parse(changed)));
    }
  }), { numRuns: 400 });
});
