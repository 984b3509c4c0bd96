import assert from "node:assert/strict";
import { test } from "node:test";
import { renderTree } from "../render-tree.ts";
import type { RenderRequest } from "../render.ts";
import { FunctionFault } from "../fault.ts";
import { functions, ownFunctionNames } from "../functions.ts";
import type { CallContext, TemplateValue } from "../functions.ts";
import { helmFunctions } from "../helm-functions.ts";
import { goMap } from "../template/value.ts";
import { Block } from "../text.ts";

const context: CallContext = {
  include: (name) => new Block(`included ${name}`), renderText: (text) => new Block(text), files: {}, plainText: (text) => text.text,
  nowMs: Date.UTC(2025, 0, 2, 3, 4, 5), randomBytes: (_name, count) => new Uint8Array(count).fill(7), lookup: () => goMap(),
};

/** A call, and its answer; a RegExp is the message of a fault. */
const cases: readonly (readonly [name: string, args: readonly TemplateValue[], answer: TemplateValue | RegExp])[] = [
  ["abbrev", [6, "abcdefghij"], "abc..."], ["camelcase", ["http_server"], "HttpServer"], ["cat", ["a", 1, true], "a 1 true"], ["nospace", ["a b"], "ab"], ["plural", ["one", "many", 2], "many"],
  ["snakecase", ["FirstName"], "first_name"], ["substr", [0, 3, "abcdef"], "abc"], ["swapcase", ["aB"], "Ab"], ["initials", ["Ann Bee"], "AB"], ["wrap", [3, "ab cd"], "ab\ncd"],
  ["splitList", [",", "a,b"], ["a", "b"]], ["splitn", [",", 2, "a,b,c"], { _0: "a", _1: "b,c" }], ["addf", [1.5, 2], 3.5], ["divf", [3, 2], 1.5], ["biggest", [1, 3], 3], ["atoi", ["7"], 7],
  ["seq", [1, 3], "1 2 3"], ["untilStep", [0, 6, 2], [0, 2, 4]], ["chunk", [2, [1, 2, 3]], [[1, 2], [3]]], ["all", [1, "x"], true], ["any", [0, undefined], false], ["deepEqual", [{ a: [1] }, { a: [1] }], true],
  ["toStrings", [[1, true]], ["1", "true"]], ["typeOf", [1], "int64"], ["typeIs", ["string", "x"], true], ["tuple", [1, 2], [1, 2]], ["push", [[1], 2], [1, 2]], ["mustFirst", [[1]], 1], ["mustFirst", ["x"], /needs a list/],
  ["regexMatch", ["^a+$", "aaa"], true], ["regexReplaceAll", ["a(.)", "abac", "<$1>"], "<b><c>"], ["regexFindAll", ["[0-9]", "1a2", -1], ["1", "2"]], ["regexSplit", ["-", "a-b", -1], ["a", "b"]], ["regexQuoteMeta", ["a.b"], "a\\.b"],
  ["duration", [90], "1m30s"], ["durationRound", ["2h10m5s"], "2h"], ["mustToDuration", ["90s"], "1m30s"], ["base", ["/a/b.txt"], "b.txt"], ["dir", ["/a/b"], "/a"], ["ext", ["a.yaml"], ".yaml"],
  ["urlJoin", [{ scheme: "https", host: "x.y", path: "/z" }], "https://x.y/z"], ["sha1sum", ["abc"], "a9993e364706816aba3e25717850c26c9cd0d89d"], ["adler32sum", ["abc"], "38600999"], ["b32enc", ["a"], "ME======"],
  ["toRawJson", [{ a: "<" }], new Block('{"a":"<"}')], ["mustToJson", [{ a: 1 }], new Block('{"a":1}')], ["toYamlPretty", [{ a: [1] }], new Block("a:\n- 1")], ["toToml", [{ a: 1 }], "a = 1\n"], ["fromToml", ["a = 1"], { a: 1 }],
  ["fromToml", ["a = ["], /cannot read the text/], ["html", ["<a>"], "&lt;a&gt;"], ["int64", ["12"], 12], ["float64", ["1.5"], 1.5], ["randAlphaNum", [3], "HHH"], ["chunk", [1.5, [1]], /needs a whole number/], ["substr", [0, 1, [1]], /needs a text/],
  ["toDecimal", ["777"], 511], ["getHostByName", ["example.org"], ""], ["mustMerge", [{ a: 1 }, { b: 2 }], { a: 1, b: 2 }], ["untitle", ["Ab"], "ab"], ["shuffle", ["a"], "a"],
];

for (const [name, args, answer] of cases) {
  test(`${name} of Helm's table answers in Handlebars: ${JSON.stringify(args).slice(0, 40)}`, () => {
    const run = () => functions.get(name)?.run(args, context);
    if (answer instanceof RegExp) assert.throws(run, (error) => error instanceof FunctionFault && answer.test(error.message));
    else assert.deepEqual(run(), answer);
  });
}

test("every function of Helm's table is one of Handlebars, but for call and hello", () => {
  assert.deepEqual([...helmFunctions.keys()].filter((name) => !functions.has(name)), ["call", "hello"]);
  assert.ok([...ownFunctionNames].every((name) => functions.has(name)));
});

test("every function says how it is written, with its own name first", () => {
  assert.deepEqual([...functions.values()].filter(({ name, usage }) => usage.split(" ", 1)[0] !== name).map(({ name }) => name), []);
});

function renderOne(text: string, more: Partial<RenderRequest> = {}): Record<string, unknown> {
  const files = new Map(Object.entries({ "Chart.yaml": "name: t\nversion: 1.0.0\n", "values.yaml": "cert: {name: example.org}\n", "templates/a.hbs": `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n${text}` }).map(([path, content]) => [path, new TextEncoder().encode(content)] as const));
  const result = renderTree({
    tree: { kind: "tree", digest: "t", files }, release: { name: "r", namespace: "n", revision: 1, isInstall: true }, valueFiles: [], values: {}, parameters: [],
    directory: { recurse: true, include: "", exclude: "" }, capabilities: { kubeVersion: "v1.33.0", apiVersions: [] }, ...more,
  });
  assert.equal(result.kind, "rendered", JSON.stringify(result));
  return result.kind === "rendered" ? result.manifests[0]?.object["stringData"] as Record<string, unknown> : {};
}

test("a certificate made by one call signs in the next, and its parts are members", () => {
  const data = renderOne("{{#with (genCA 'ca' 30) as |ca|}}{{#with (genSignedCert @root.Values.cert.name (list) (list 'a.b') 30 ca) as |cert|}}\n  crt: {{quote cert.Cert}}\n  key: {{quote cert.Key}}\n{{/with}}{{/with}}");
  assert.match(String(data["crt"]), /^-----BEGIN CERTIFICATE-----\n/);
  assert.match(String(data["key"]), /^-----BEGIN RSA PRIVATE KEY-----\n/);
});

test("times and versions go from one function to the next", () => {
  const data = renderOne("  day: {{date '2006-01-02' (dateModify '48h' (now))}}\n  major: {{quote (get (semver '1.2.3') 'Major')}}\n", { pins: { seed: "s", nowMs: Date.UTC(2025, 5, 7) } });
  assert.deepEqual(data, { day: "2025-06-09", major: "1" });
});

test("chance is pinned: the same request gives the same password, another seed another", () => {
  const pinned = (seed: string): unknown => renderOne("  a: {{randAlphaNum 20}}\n  b: {{randAlphaNum 20}}\n", { pins: { seed, nowMs: 0 } });
  assert.deepEqual(pinned("1"), pinned("1"));
  assert.notDeepEqual(pinned("1"), pinned("2"));
  const { a, b } = pinned("1") as Record<string, string>;
  assert.notEqual(a, b);
});

test("lookup answers what the shell found, and asks for what it was not told", () => {
  const data = renderOne("  was: {{get (get (lookup 'v1' 'Secret' 'n' 'old') 'data') 'p'}}\n", { lookups: { "v1 Secret n old": { data: { p: "kept" } } } });
  assert.deepEqual(data, { was: "kept" });
});
