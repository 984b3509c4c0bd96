import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prettyAnswer, prettyParts, wantsPretty } from "./pretty-json.ts";

function pretty(text: string, cut = text.length): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([...prettyParts([bytes.subarray(0, cut), bytes.subarray(cut)])]).toString();
}

test("property: every document is laid out as JSON.stringify does, wherever it is cut", () => {
  fc.assert(fc.property(fc.json(), fc.nat(), (text, cut) => {
    const document: unknown = JSON.parse(text);
    const compact = JSON.stringify(document);
    assert.equal(pretty(`${compact}\n`, cut % (compact.length + 1)), JSON.stringify(document, null, 2));
  }));
});

test("numbers and the order of members stay as they were written", () => {
  assert.equal(pretty('{"b":1.0,"2":12345678901234567890,"1":{}}\n'), '{\n  "b": 1.0,\n  "2": 12345678901234567890,\n  "1": {}\n}');
});

const asked: readonly (readonly [query: string, userAgent: string | undefined, wanted: boolean])[] = [
  ["", undefined, false], ["", "kubectl/v1.33.0", false], ["", "curl/7.88.1", true], ["", "Mozilla/5.0 (X11)", true], ["pretty=true", "kubectl/v1.33.0", true],
  ["pretty=1", undefined, true], ["pretty=false", "curl/7.88.1", false], ["pretty=no", "curl/7.88.1", false], ["pretty=", "Wget/1.21", true],
];

for (const [query, userAgent, wanted] of asked) {
  test(`?${query} of ${userAgent ?? "nobody"} is ${wanted ? "" : "not "}meant to be read`, () => { assert.equal(wantsPretty(`/api/v1?${query}`, { "user-agent": userAgent }), wanted); });
}

test("what is no JSON document stays as it is", () => {
  const answers = [{ kind: "body", code: 200, contentType: "application/yaml", body: Buffer.from("{}") }, { kind: "stream", contentType: "application/json", chunks: (async function* () { /* nothing */ })() }] as const;
  for (const answer of answers) assert.equal(prettyAnswer(answer), answer);
});
