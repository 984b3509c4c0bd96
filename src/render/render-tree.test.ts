import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyMergePatch } from "../value/merge-patch.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { chartTestRequest } from "./chart-test.ts";
import { printPlace } from "./render.ts";
import type { RenderRequest, RenderResult } from "./render.ts";
import { renderTree } from "./render-tree.ts";

/** A chart with one ConfigMap template; `files` add or replace. */
function chart(files: { readonly [path: string]: string }, change: Partial<RenderRequest> = {}): RenderRequest {
  const all = { "Chart.yaml": "name: shop\nversion: 1.2.3\nappVersion: '9'\n", ...files };
  return { ...folder(all), ...change };
}

function folder(files: { readonly [path: string]: string }, change: Partial<RenderRequest> = {}): RenderRequest {
  const encoder = new TextEncoder();
  return { ...chartTestRequest({ kind: "tree", digest: "t", files: new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])) }), ...change };
}

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

/** The `data` of the one ConfigMap a template gives. */
function render(data: string, values: JsonObject = {}, files: { readonly [path: string]: string } = {}): Json | undefined {
  const result = renderTree(chart({ "templates/a.hbs": `${head}data:\n${data}\n`, ...files }, { values }));
  if (result.kind === "failed") throw new Error(errors(result).join("\n"));
  return result.manifests[0]?.object["data"];
}

function errors(result: RenderResult): readonly string[] {
  return result.kind === "failed" ? result.problems.map((problem) => `${problem.place === undefined ? "" : `${printPlace(problem.place)}: `}${problem.message}`) : [];
}

/** The errors of a template. */
function fails(template: string, values: JsonObject = {}, files: { readonly [path: string]: string } = {}): readonly string[] {
  return errors(renderTree(chart({ "templates/a.hbs": template, ...files }, { values })));
}

test("a plain text keeps being one text, whatever YAML would make of it", () => {
  for (const value of ["yes", "null", "1.10", "0x1f", "a: b", "x #y", "- z", "{a}", "[b", "'", '"', "*alias", "&anchor", "!tag", "|", ">", "%", "@", "`", "---", " lead", "2001-01-01", "<<", "", "\t", "é\u{1F600}"]) {
    assert.deepEqual(render("  whole: {{Values.v}}\n  part: x{{Values.v}}y\n  quoted: \"{{Values.v}}\"\n  single: '{{Values.v}}'", { v: value }),
      { whole: value, part: `x${value}y`, quoted: value, single: value }, JSON.stringify(value));
  }
});

test("any one-line text comes through as it is, at every place of a scalar", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\p{Cc}\u2028\u2029\uFDD0-\uFDD3]/u.test(text)), (value) => {
    assert.deepEqual(render("  a: {{Values.v}}\n  b: [{{Values.v}}, 1]\n  {{Values.v}}k: 1\n  c: |\n    {{Values.v}}!", { v: value }), { a: value, b: [value, 1], [`${value}k`]: 1, c: `${value}!\n` });
  }));
});

test("numbers and booleans keep their types, and are texts inside quotes", () => {
  assert.deepEqual(render('  n: {{Values.n}}\n  f: {{Values.f}}\n  b: {{Values.b}}\n  q: "{{Values.n}}"', { n: 3, f: 1.5, b: true }), { n: 3, f: 1.5, b: true, q: "3" });
});

test("a value with a line break or control character is an error that names it", () => {
  for (const [text, what] of [["a\nb: c", "line break"], ["a\r", "line break"], ["a\u2028b", "control character"], ["\u0000", "control character"], ["a\uFDD0b", "reserved"]] as const) {
    const [message = ""] = fails(`${head}data:\n  v: {{Values.deep.v}}\n`, { deep: { v: text } });
    assert.match(message, what === "reserved" ? /reserved/ : new RegExp(`^templates/a.hbs:6:6: Values.deep.v holds a ${what}, .* from inline values`));
  }
});

const mistakes: readonly (readonly [what: string, template: string, message: RegExp])[] = [
  ["a missing value", "a: {{Values.image.tag}}", /^templates\/a.hbs:1:4: Values\.image\.tag is missing; set it in values\.yaml/],
  ["a misspelt value", "a: {{Values.map.aa}}", /^templates\/a.hbs:1:4: Values\.map\.aa is missing; did you mean Values\.map\.a\?/],
  ["a misspelt object", "a: {{Release.Nmae}}", /^templates\/a.hbs:1:4: Release\.Nmae is missing; did you mean Release\.Name\?/],
  ["a misspelt member inside each", "{{#each Values.ports}}\n- {{prot}}\n{{/each}}", /^templates\/a.hbs:2:3: Values\.ports\[0\]\.prot is missing; did you mean Values\.ports\[0\]\.port\?/],
  ["a missing argument", "a: {{quote Values.x}}", /^templates\/a.hbs:1:4: Values\.x is missing; quote needs it/],
  ["a missing member inside each", "{{#each Values.ports}}\n- {{name}}\n{{/each}}", /^templates\/a.hbs:2:3: Values\.ports\[0\]\.name is missing/],
  ["a map as plain value", "a: {{Values.map}}", /^templates\/a.hbs:1:4: Values\.map is a map and cannot stand as a plain value; write \{\{nindent 4 \(toYaml Values\.map\)\}\}/],
  ["an unknown function", "\n\na: {{quoet Values.x}}", /^templates\/a.hbs:3:4: there is no function quoet; did you mean quote\?/],
  ["an unknown nested function", "a: {{quote (lowr Values.x)}}", /^templates\/a.hbs:1:12: there is no function lowr; did you mean lower\?/],
  ["a wrong number of arguments", "a: {{trunc 3}}", /^templates\/a.hbs:1:4: trunc was given 1 argument; it is written: trunc LENGTH TEXT/],
  ["a wrong kind of argument", "a: {{join \",\" Values.map}}", /^templates\/a.hbs:1:4: join needs a list, but was given a map/],
  ["an unknown block", "{{#foreach Values.map}}{{/foreach}}", /^templates\/a.hbs:1:1: foreach is no block; the blocks are each, if, unless, with/],
  ["an unknown partial", "{{> labls}}", /^templates\/a.hbs:1:1: there is no partial labls; did you mean labels\?/],
  ["an unknown included partial", "a: {{include \"labls\"}}", /^templates\/a.hbs:1:4: there is no partial labls; did you mean labels\?/],
  ["a block without end", "a\n{{#if Values.map}}\nb", /^templates\/a.hbs:3: the template ends before a block or expression is closed/],
  ["the wrong end of a block", "{{#if Values.map}}\n{{/each}}", /^templates\/a.hbs:1:\d+: if doesn't match each/],
  ["an unreadable expression", "a: {{Values.x | quote}}", /^templates\/a.hbs:1: the template cannot be read here/],
  ["each over a text", "{{#each Values.text}}{{/each}}", /^templates\/a.hbs:1:1: #each goes through lists and maps, but Values\.text is a text/],
  ["a failed requirement", "a: {{required \"set the tag\" Values.tag}}", /^templates\/a.hbs:1:4: set the tag$/],
  ["fail", "{{fail \"no way\"}}", /^templates\/a.hbs:1:1: no way$/],
  ["partials without end", "{{> loop}}", /without end|more than 1000 deep/],
  ["includes without end", "a: {{include \"endless\"}}", /(without end|include each other more than 1000 deep)/],
  ["tpl without end", "a: {{tpl Values.self}}", /(without end|include each other more than 1000 deep)/],
  ["a missing value where a block would take it for false", "{{#if (need Values.x)}}{{/if}}", /^templates\/a.hbs:1:7: Values\.x is missing; need needs it/],
  ["two values for a block", "{{#if Values.map Values.text}}{{/if}}", /^templates\/a.hbs:1:1: #if takes one value/],
  ["a member a block does not read", "{{#each Values.map as=Values.text}}{{/each}}", /^templates\/a.hbs:1:1: #each reads no as=/],
  ["a partial that a layout calls and nobody gives", "{{#> page}}{{/page}}", /^templates\/_page.hbs:2:3: there is no partial body/],
  ["a document that is no map", "- a\n", /^templates\/a.hbs:1:1: a manifest must be a map/],
  ["an object without kind", "\n\napiVersion: v1\n", /^templates\/a.hbs:3:1: the object has no kind/],
  ["an object without name", "apiVersion: v1\nkind: A\nmetadata:\n  labels: {}\n", /^templates\/a.hbs:\d:\d: the A has no metadata\.name/],
  ["a generated name", "apiVersion: v1\nkind: A\nmetadata:\n  generateName: a-\n", /^templates\/a.hbs:4:3: the A uses metadata\.generateName/],
  ["YAML that cannot be read", "a: 1\n{{#if Values.map}}\n  b: 2\n{{/if}}\n", /^templates\/a.hbs:[13]:\d+: the rendered YAML cannot be read/],
];

for (const [what, template, message] of mistakes) {
  test(`${what} is one error with its place`, () => {
    const found = fails(template, { map: { a: 1 }, ports: [{ port: 1 }], text: "abc", self: "{{tpl Values.self}}" }, {
      "templates/_labels.hbs": "a: b\n", "templates/_loop.hbs": "{{> loop}}", "templates/_endless.hbs": "{{include \"endless\"}}", "templates/_page.hbs": "a: 1\n  {{> body}}\n",
    });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", message);
  });
}

test("prototypes are out of reach", () => {
  for (const path of ["constructor", "__proto__", "Values.constructor", "Values.__proto__.x", "Values.text.constructor", "Values.list.constructor.constructor", "this.constructor.name", "toString", "Values.text.length.constructor"]) {
    assert.match(fails(`a: {{${path}}}`, { text: "t", list: [] })[0] ?? "", /is missing/, path);
  }
  for (const call of ['get Values "constructor"', 'lookup Values "constructor"', 'lookup Values.list "constructor"', 'lookup (lookup Values "constructor") "prototype"', 'index Values "__proto__"', 'dig "constructor" "name" "" Values']) {
    const result = renderTree(chart({ "templates/a.hbs": `${head}data: {a: "{{default "" (${call})}}"}` }, { values: { list: [] } }));
    assert.ok(result.kind === "failed" || JSON.stringify(result.manifests[0]?.object["data"]) === '{"a":""}', call);
  }
  assert.match(fails("{{#with \"s\" as |string|}}{{#with (split \"\" \"\") as |c|}}{{#with (string.sub.apply 0 c)}}{{this}}{{/with}}{{/with}}{{/with}}")[0] ?? "", /there is no function/);
  assert.match(fails("{{[#emit] 1 \"x\"}}")[0] ?? "", /there is no function #emit/);
  assert.match(fails("{{#[#call]}}{{/[#call]}}")[0] ?? "", /is no block/);
  assert.match(fails("{{#*decorate \"x\"}}{{/decorate}}")[0] ?? "", /only decorator/);
  assert.deepEqual(render('  a: {{toJson (dict "__proto__" 1)}}'), JSON.parse('{"a":{"__proto__":1}}'));
});

test("loops and texts without measure end with one error, without a clock", () => {
  assert.match(fails("{{#each (until 3000)}}{{#each (until 3000)}}{{#each (until 3000)}}{{/each}}{{/each}}{{/each}}")[0] ?? "", /more than 5000000 steps/);
  assert.match(fails("{{#each (until 10000)}}{{#each (until 10000)}}0123456789012345678901234567890123456789{{/each}}{{/each}}")[0] ?? "", /more than 33554432 characters/);
  assert.match(fails(`${head}data: {a: &a [1,1,1,1,1,1,1,1,1,1], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]}`)[0] ?? "", /aliases/);
  assert.match(errors(renderTree(chart({ "values.yaml": "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n" })))[0] ?? "", /^values\.yaml:1:\d+: aliases/);
});

test("comments and whitespace control leave no trace", () => {
  assert.deepEqual(render("  {{! a comment }}\n  {{!-- {{another}} --}}\n  a: x   {{~ Values.x ~}}   y\n  {{#if true}}\n  b: 1\n  {{else}}\n  c: 2\n  {{/if}}", { x: "v" }), { a: "xvy", b: 1 });
  assert.deepEqual(render("  {{#unless Values.off}}\n  a: 1\n  {{/unless}}\n  {{#with Values.m as |m|}}\n  b: {{m.x}}\n  {{/with}}", { m: { x: 2 } }), { a: 1, b: 2 });
});

test("each goes through maps in key order, and Values is found from any scope", () => {
  assert.deepEqual(render("  {{#each Values.m}}\n  {{@key}}: {{@index}}{{this}}{{Values.sep}}{{@last}}\n  {{/each}}", { m: { b: "y", a: "x" }, sep: "-" }), { a: "0x-false", b: "1y-true" });
  assert.deepEqual(render("  {{#each Values.l as |item i|}}\n  k{{i}}: {{item.n}}{{#each item.l}}{{../n}}{{this}}{{/each}}\n  {{/each}}", { l: [{ n: "a", l: [1, 2] }] }), { k0: "aa1a2" });
  assert.deepEqual(render("  a: 1\n  {{#each Values.none}}\n  b: 1\n  {{else}}\n  c: 1\n  {{/each}}"), { a: 1, c: 1 });
});

test("partials, inline partials, include and tpl see the chart's objects", () => {
  const files = {
    "templates/_name.hbs": "{{Release.Name}}-{{Chart.Name}}\n", "templates/_more.hbs": '{{#*inline "version"}}v{{Chart.AppVersion}}{{/inline}}',
    "templates/_pair.hbs": "{{key}}: {{value}}\n",
  };
  assert.deepEqual(render('  a: {{include "name"}}\n  b: {{include "version"}}\n  {{> pair key="c" value="yes"}}\n  d: {{tpl Values.t}}\n  e: [{{include "pair" (dict "key" "x" "value" 1)}}]', { t: "{{Release.Namespace}}: x" }, files),
    { a: "demo-shop", b: "v9", c: "yes", d: "default: x", e: [{ x: 1 }] });
});

const layerKeys = fc.constantFrom("a", "b", "c");
const layerValues = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constant(null), fc.integer(), fc.constantFrom("x", "true", "1"), fc.array(fc.integer(), { maxLength: 2 }), fc.dictionary(layerKeys, tie("value"), { maxKeys: 3 })),
})).value;
const layer = fc.dictionary(layerKeys, layerValues, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;

test("values are the layers merged in order: chart, files, inline", () => {
  fc.assert(fc.property(layer, layer, layer, (base, file, inline) => {
    fc.pre(!JSON.stringify([base, file, inline]).includes("null"));
    const result = renderTree(chart({ "values.yaml": JSON.stringify(base), "prod.yaml": JSON.stringify(file) }, { valueFiles: ["prod.yaml"], values: inline }));
    // As Helm: what is set is merged first, and the chart's defaults fill in what it does not say.
    const expected = applyMergePatch(base, applyMergePatch(file, inline));
    assert.equal(result.kind, "rendered");
    if (result.kind === "rendered") assert.deepEqual(result.values, expected);
  }));
});

test("a null takes a default away, stays where there is none, and a later layer wins over it", () => {
  for (const [base, file, inline, expected] of [
    [{ a: 1, b: 2 }, { a: null }, {}, { b: 2 }],
    [{ m: { x: 1, y: 2 } }, { m: { x: null } }, {}, { m: { y: 2 } }],
    [{}, { a: null }, {}, { a: null }],
    [{ a: null, b: { c: null, d: 1 } }, {}, {}, { b: { d: 1 } }],
    [{ m: { x: 1 } }, { m: null }, { m: { y: 2 } }, { m: { x: 1, y: 2 } }],
  ] as const) {
    const result = renderTree(chart({ "values.yaml": JSON.stringify(base), "prod.yaml": JSON.stringify(file) }, { valueFiles: ["prod.yaml"], values: inline }));
    assert.deepEqual(result.kind === "rendered" && result.values, expected);
  }
});

test("equal requests give equal results", () => {
  fc.assert(fc.property(layer, (values) => {
    const request = chart({ "templates/a.hbs": `${head}data: {{nindent 2 (toYaml Values)}}\n  s: {{sha256 (toJson Values)}}\n` }, { values });
    assert.deepEqual(renderTree(request), renderTree(structuredClone(request)));
  }));
});

test("parameters set single values above all layers, with escapes and list indexes", () => {
  const parameters = [
    { name: "a.b", value: "1" }, { name: "a.c\\.d", value: "true" }, { name: "l[1].x", value: "t" }, { name: "s", value: "007" }, { name: "f", value: "5", forceString: true },
    { name: "gone", value: "null" }, { name: "list", value: "{x,2}" }, { name: "nodes.kubernetes\\.io/os", value: "linux" },
  ];
  const result = renderTree(chart({ "values.yaml": "a: {z: 1}\ngone: 1\n" }, { parameters, values: { a: { b: 0 } } }));
  assert.deepEqual(result.kind === "rendered" && result.values, { a: { z: 1, b: 1, "c.d": true }, l: [null, { x: "t" }], s: "007", f: "5", list: ["x", 2], nodes: { "kubernetes.io/os": "linux" } });
  for (const name of ["", "a..b", ".a", "a.", "[0]", "a[x]", "a[99999999]", "a[-1]"]) {
    assert.match(errors(renderTree(chart({}, { parameters: [{ name, value: "1" }] })))[0] ?? "", /^parameter .* cannot be set/, name);
  }
  const polluted = renderTree(chart({}, { parameters: [{ name: "__proto__.x", value: "1" }] }));
  assert.equal(({} as { x?: unknown }).x, undefined);
  assert.equal(polluted.kind, "rendered");
});

test("a missing value file is an error, or nothing when it may be missing", () => {
  assert.deepEqual(errors(renderTree(chart({}, { valueFiles: ["no.yaml"] }))), ["no.yaml: this value file is not in the source's folder; add it, correct valueFiles, or set ignoreMissingValueFiles"]);
  assert.equal(renderTree(chart({}, { valueFiles: ["no.yaml"], ignoreMissingValueFiles: true })).kind, "rendered");
  assert.match(errors(renderTree(chart({ "values.yaml": "a: [\n" })))[0] ?? "", /^values\.yaml:\d:\d/);
  const inText = (text: string) => errors(renderTree({ ...chart({}), valuesText: { name: "spec.source.helm.values", text } }))[0] ?? "";
  assert.match(inText("a: [\n"), /^spec\.source\.helm\.values:\d+:\d+: /);
  assert.match(inText("- a\n"), /^spec\.source\.helm\.values:1: this text must hold a map/);
  assert.match(inText(`deep: ${"[".repeat(10_000)}${"]".repeat(10_000)}`), /^spec\.source\.helm\.values:1:\d+: .*nested deeper/);
  assert.match(errors(renderTree(chart({ "values.yaml": "- a\n" })))[0] ?? "", /^values\.yaml:1: a value file must hold a map/);
});

test("the schema names the value at fault and the layer it is from", () => {
  const schema = JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", $id: "http://a.example/x", type: "object", properties: { replicas: { type: "integer" }, mode: { enum: ["a", "b"] } } });
  assert.deepEqual(errors(renderTree(chart({ "values.schema.json": schema, "values.yaml": "replicas: 1\n", "prod.yaml": "# here\nreplicas: two\n" }, { valueFiles: ["prod.yaml"], values: { mode: "c" } }))), [
    "prod.yaml:2: Values.replicas must be integer, and is a text; the value is from prod.yaml",
    'values.schema.json: Values.mode must be equal to one of the allowed values ("a", "b"); the value is from inline values',
  ]);
  const closed = JSON.stringify({ additionalProperties: false, required: ["name"], properties: { name: {}, replicas: {} } });
  assert.deepEqual(errors(renderTree(chart({ "values.schema.json": closed, "values.yaml": "\nreplica: 1\n" }))), [
    "values.schema.json: Values.name is missing, and the schema requires it",
    "values.yaml:2: Values.replica is not in the schema; did you mean Values.replicas?; the value is from values.yaml",
  ]);
  assert.match(errors(renderTree(chart({ "values.schema.json": "{" })))[0] ?? "", /^values\.schema\.json: the schema cannot be used/);
  const newer = JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", properties: { l: { prefixItems: [{ type: "string" }] } } });
  assert.match(errors(renderTree(chart({ "values.schema.json": newer }, { values: { l: [1] } })))[0] ?? "", /Values\.l\.0 must be string/);
});

test("a chart without a name is one clear error", () => {
  assert.match(errors(renderTree(folder({ "Chart.yaml": "version: 1\n" })))[0] ?? "", /^Chart\.yaml:1: the chart needs at least/);
});

test("crds come first unless skipped, plain YAML in templates is taken as it is, .helmignore leaves out", () => {
  const crd = (name: string): string => `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${name}}\n`;
  const request = chart({ "crds/a.yaml": crd("a"), "templates/z.yaml": crd("z"), "templates/b.hbs": head, "templates/x.hbs": "{{broken", ".helmignore": "# no\nx.hbs\n" });
  const names = (result: RenderResult): readonly string[] => (result.kind === "rendered" ? result.manifests.map(({ object, place }) => `${object.kind} ${object.metadata.name} ${printPlace(place)}`) : errors(result));
  const rest = ["CustomResourceDefinition z templates/z.yaml:1:1", "ConfigMap a templates/b.hbs:1:1"];
  assert.deepEqual(names(renderTree(request)), ["CustomResourceDefinition a crds/a.yaml:1:1", ...rest]);
  assert.deepEqual(names(renderTree({ ...request, skipCrds: true })), rest);
});

test("a plain folder gives its YAML and JSON files, as include, exclude and recurse choose", () => {
  const files = { "a.yaml": head, "sub/b.yml": head.replace("name: a", "name: b"), "c.json": '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"c"}}]}', "README.md": "{{", ".github/x.yaml": "- no\n", "empty.yaml": "# nothing\n---\n" };
  const names = (change: Partial<RenderRequest["directory"]>): readonly string[] => {
    const result = renderTree(folder(files, { directory: { recurse: true, include: "", exclude: "", ...change } }));
    return result.kind === "rendered" ? result.manifests.map(({ object }) => object.metadata.name) : errors(result);
  };
  assert.deepEqual(names({}), ["a", "c", "b"]);
  assert.deepEqual(names({ recurse: false }), ["a", "c"]);
  assert.deepEqual(names({ include: "**/*.{yml,json}" }), ["c", "b"]);
  assert.deepEqual(names({ exclude: "sub/**" }), ["a", "c"]);
  const result = renderTree(folder({ "a.yaml": head }));
  assert.equal(result.kind === "rendered" && result.sourceType, "Directory");
});

test("one object given twice is an error with both places", () => {
  assert.deepEqual(errors(renderTree(folder({ "a.yaml": `---\n${head}`, "b.yaml": `${head}data: {}\n` }))), ["b.yaml:1:1: ConfigMap a is given twice: here and at a.yaml:2:1"]);
});

test("YAML mistakes of plain files name their line", () => {
  assert.match(errors(renderTree(folder({ "a.yaml": `${head}data:\n  a: b: c\n` })))[0] ?? "", /^a\.yaml:6:\d+: the YAML cannot be read/);
  assert.match(errors(renderTree(folder({ "a.yaml": "\uFFFFa: [" })))[0] ?? "", /^a\.yaml:\d+:\d+/);
});

test("files over the limits, of no text, and charts whose dependencies are not there are one error each", () => {
  const bytes = (file: string, content: Uint8Array): RenderRequest => {
    const request = chart({});
    return { ...request, tree: { ...request.tree, files: new Map([...request.tree.files, [file, content]]) } };
  };
  assert.match(errors(renderTree(bytes("templates/a.hbs", new Uint8Array(9 * 1024 * 1024))))[0] ?? "", /^templates\/a\.hbs: the file has 9437184 bytes; at most 8388608 are read/);
  assert.match(errors(renderTree(bytes("values.yaml", new Uint8Array([0xff, 0xfe]))))[0] ?? "", /^values\.yaml: the file is not UTF-8/);
  assert.match(errors(renderTree(chart(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`templates/${index}.hbs`, ""])))))[0] ?? "", /^templates: the chart has 1001 templates/);
  assert.match(errors(renderTree(chart({ "Chart.yaml": "name: a\ndependencies: [{name: b}]\n" })))[0] ?? "", /^Chart\.yaml: the dependency b is not in charts\/; run "helm dependency build"/);
});

test("a second render with other values, read from memory, has the same places", () => {
  const template = `${head}data:\n  a: {{Values.a}}\n---\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n    metadata:\n      name: {{Values.a}}\n`;
  const places = (a: string): readonly string[] => {
    const result = renderTree(chart({ "templates/a.hbs": template }, { values: { a } }));
    return result.kind === "rendered" ? result.manifests.map(({ object, place }) => `${object.metadata.name} ${printPlace(place)}`) : errors(result);
  };
  assert.deepEqual(places("x"), ["a templates/a.hbs:1:1", "x templates/a.hbs:11:3"]);
  assert.deepEqual(places("much-longer"), ["a templates/a.hbs:1:1", "much-longer templates/a.hbs:11:3"]);
});

test("every template's mistake is told, not only the first", () => {
  assert.deepEqual(errors(renderTree(chart({ "templates/a.hbs": "{{Values.x}}", "templates/b.hbs": head, "templates/c.hbs": "{{zebra 1}}" }))), [
    "templates/a.hbs:1:1: Values.x is missing; set it in values.yaml, or write (default …)", "templates/c.hbs:1:1: there is no function zebra",
  ]);
});

test("an object that a layout writes leads to the template that calls it, and its fields to the layout", () => {
  const layout = "apiVersion: v1\nkind: A\n{{> @partial-block}}\n";
  const found = (body: string): readonly string[] => errors(renderTree(chart({ "templates/_layout.hbs": layout, "templates/a.hbs": `# first\n{{#> layout}}\n${body}\n{{/layout}}\n---\n{{#> layout}}\n${body}\n{{/layout}}\n` })));
  assert.deepEqual(found("metadata: {name: a}"), ["templates/a.hbs:6:1: A a is given twice: here and at templates/a.hbs:2:1"]);
  assert.match(found("metadata: {}")[0] ?? "", /^templates\/a\.hbs:\d+:\d+: the A has no metadata\.name/);
});
