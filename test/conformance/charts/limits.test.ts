import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { chartTestRequest } from "../../../src/render/chart-test.ts";
import { printPlace } from "../../../src/render/render.ts";
import type { RenderRequest } from "../../../src/render/render.ts";
import { createRenderer } from "../../../src/render/renderer.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { realWorld } from "../../../src/world/real/world.ts";

/** Less than a user has, so that those who loop are told soon; what is asserted is that the bound ends them. */
const deadlineMs = 1_500;
const processes = startProcesses();
const renderer = createRenderer({ world: realWorld(), processes, workers: 2, bounds: { deadlineMs, memoryMib: 256, wallMs: 600_000 } });
after(async () => {
  await renderer.close();
  await processes.close();
});
const never = new AbortController().signal;

type Files = Readonly<Record<string, string | Uint8Array>>;

function request(files: Files): RenderRequest {
  const contents = Object.entries({ "Chart.yaml": "name: a\nversion: 1.0.0\n", ...files }).map(([path, content]) => [path, typeof content === "string" ? new TextEncoder().encode(content) : content] as const);
  return chartTestRequest({ kind: "tree", digest: "t", files: new Map(contents) });
}

const neighbour = request({ "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" });

const go = (template: string, more: Files = {}): Files => ({ "templates/a.yaml": template, ...more });
const hbs = (template: string, more: Files = {}): Files => ({ "templates/a.hbs": template, ...more });
/** Ten of ten of ten … of a text: 10^8 texts in 300 letters. */
const aliasBomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg".charAt(index)}`).join(",")}]\n`).join("")}`;
const timeOut = /^templates\/a\.\w+: the render of demo took longer than 1\.5 s and was stopped here; look for loops/;

/** What a chart may try, by what it is, and the one error it ends in. */
const attempts: readonly (readonly [string, Files, RegExp])[] = [
  ["Go: range over a huge number", go("{{ range $i := 9223372036854775807 }}{{ end }}"), /^templates\/a.yaml:1:4: the templates take more than 5000000 steps; is there a loop/],
  ["Go: range that writes", go("{{ range 1000000000 }}x{{ end }}"), /^templates\/a.yaml:1:23: the templates give more than 33554432 characters; is there/],
  ["Go: a definition that includes itself", go('{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}'), /^templates\/a.yaml:1:20: templates include each other more than 1000 deep; is there/],
  ["Go: a template that calls itself", go('{{ define "x" }}a{{ template "x" . }}{{ end }}{{ template "x" . }}'), /^templates\/a.yaml:1:21: templates include each other more than 1000 deep/],
  ["Go: exponential tpl", go('{{ tpl .Values.t (dict "n" 40 "t" .Values.t "Template" .Template) }}', { "values.yaml": 't: \'{{ if gt (int .n) 0 }}{{ tpl .t (dict "n" (sub .n 1) "t" .t "Template" .Template) }}{{ tpl .t (dict "n" (sub .n 1) "t" .t "Template" .Template) }}{{ end }}\'\n' }), timeOut],
  ["Go: tpl of itself", go("{{ tpl .Values.t . }}", { "values.yaml": "t: '{{ tpl .Values.t . }}'\n" }), /^templates\/a.yaml(?::1:tpl)+:1:4: templates include each other more than 1000 deep/],
  ["Go: a text that doubles", go('{{ $x := "aaaaaaaaaa" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}'), /^templates\/a.yaml:1:53: error calling print: makes a text of more than 33554432 characters; is there a loop that doubles it\?/],
  ["Go: a list that doubles", go('{{ $x := list 1 2 }}{{ range until 60 }}{{ $x = concat $x $x $x $x $x $x $x $x }}{{ end }}'), /^templates\/a.yaml:1:\d+: error calling concat: makes a list of more than 1048576 items/],
  ["Go: a list that holds itself twice, sixty times", go("{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ deepCopy $x | len }}"), /^templates\/a.yaml: the render of demo (?:took longer than 1\.5 s|needed more than 256 MiB of memory) and was stopped here; look for loops/],
  ["Go: a map that holds itself", go('{{ $x := dict }}{{ $_ := set $x "a" $x }}{{ toYaml $x }}'), /^templates\/a.yaml:1:45: toYaml goes on without end: a value holds itself/],
  ["Go: a huge repeat", go('{{ repeat 1000000000 "ab" }}'), /^templates\/a.yaml:1:4: error calling repeat: would make more than 4194304 characters/],
  ["Go: a huge until", go("{{ until 1000000000 }}"), /^templates\/a.yaml:1:4: error calling until: would make a list of 1000000000 numbers; at most 1000000/],
  ["Go: a huge indent", go('{{ indent 1000000000 "a" }}'), /^templates\/a.yaml:1:4: error calling indent: indents at most 1000 columns/],
  ["Go: a huge printf", go('{{ printf "%1000000000d" 1 }}'), /^templates\/a.yaml:1:4: error calling printf: pads to at most 100000 characters, and not to 1000000000/],
  ["Go: texts within JSON without end", go('{{ fromJson (print (repeat 100000 "{\\"a\\":") "1" (repeat 100000 "}")) }}'), /^templates\/a.yaml:1:4: fromJson goes on without end: .* values are nested too deeply/],
  ["Go: aliases in a rendered text", go(aliasBomb), /^templates\/a.yaml:1:1: the rendered YAML cannot be read: aliases repeat more than 100 times/],
  ["Go: methods of the engine", go("{{ .Capabilities.constructor }}"), /^templates\/a.yaml:1:4: can't evaluate field constructor in type \*common.Capabilities/],
  ["Go: functions of the engine", go("{{ constructor }}"), /^templates\/a.yaml:1:4: function "constructor" not defined/],
  ["Go: brackets without end", go(`{{ ${"(".repeat(5_000)}1${")".repeat(5_000)} }}`), /^templates\/a.yaml:1:503: expressions are nested more than 500 deep/],
  ["Handlebars: a partial that calls itself", hbs("{{> x}}", { "templates/_x.hbs": "a{{> x}}" }), /^templates\/_x.hbs:1: partials call each other more than 1000 deep; does this one call itself/],
  ["Handlebars: a layout in itself", hbs("{{#> x}}a{{/x}}", { "templates/_x.hbs": "{{#> x}}{{> @partial-block}}{{/x}}" }), /^templates\/_x.hbs:1: partials call each other more than 1000 deep/],
  ["Handlebars: an inline partial in itself", hbs('{{#*inline "x"}}{{> x}}{{/inline}}{{> x}}'), /^templates\/a.hbs: the template is nested too deeply, calls itself without end/],
  ["Handlebars: an include of itself", hbs('{{include "x"}}', { "templates/_x.hbs": '{{include "x"}}' }), /^templates\/_x.hbs:1:1: templates include each other more than 1000 deep/],
  ["Handlebars: exponential partials", hbs("{{> x n=60}}", { "templates/_x.hbs": "{{#if n}}{{> x n=(sub n 1)}}{{> x n=(sub n 1)}}{{/if}}" }), timeOut],
  ["Handlebars: loops in loops", hbs("{{#each (until 9999)}}{{#each (until 9999)}}{{/each}}{{/each}}"), /^templates\/a.hbs:1:\d+: the templates take more than 5000000 steps|took longer than 1\.5 s/],
  ["Handlebars: a loop that writes", hbs('{{#each (until 9999)}}{{repeat 9999 "x"}}\n{{/each}}'), /^templates\/a.hbs:1:23: the templates give more than 33554432 characters/],
  ["Handlebars: a huge repeat", hbs('{{repeat 1000000000 "ab"}}'), /^templates\/a.hbs:1:1: repeat needs a number from 0 to 1048576/],
  ["Handlebars: a huge indent", hbs('{{indent 1000000000 "ab"}}'), /^templates\/a.hbs:1:1: indent needs a number from 0 to 200/],
  ["Handlebars: a huge printf", hbs('{{printf "%1000000000d" 1}}'), /^templates\/a.hbs:1:1: printf pads to at most 1000 characters/],
  ["Handlebars: a huge until", hbs("{{until 1000000000}}"), /^templates\/a.hbs:1:1: until needs a number from 0 to 10000/],
  ["Handlebars: constructors of values", hbs("a: {{Values.constructor}}"), /^templates\/a.hbs:1:4: Values.constructor is missing/],
  ["Handlebars: prototypes of values", hbs("a: {{Values.__proto__}}", { "values.yaml": "a: 1\n" }), /^templates\/a.hbs:1:4: Values.__proto__ is missing/],
  ["Handlebars: constructors of texts", hbs('a: {{lookup Release.Name "constructor"}}'), /^templates\/a.hbs:1:4: lookup needs a map, but was given a text/],
  ["Handlebars: members looked up", hbs('a: {{lookup (lookup Values "__proto__") "x"}}'), /^templates\/a.hbs:1:4: .* is missing/],
  ["Handlebars: a helper that is none", hbs('{{quote (constructor "return process")}}'), /^templates\/a.hbs:1:9: there is no function constructor/],
  ["Handlebars: Handlebars' own helpers", hbs("{{helperMissing}}"), /^templates\/a.hbs:1:1: helperMissing is missing/],
  ["Handlebars: a partial of the engine", hbs('{{> (lookup Values "p")}}', { "values.yaml": "p: __proto__\n" }), /^templates\/a.hbs:1:5: there is no partial __proto__/],
  ["Handlebars: a decorator", hbs("{{* constructor}}"), /^templates\/a.hbs:1:1: this form is not part of the template language/],
  ["Handlebars: a file outside", hbs('{{file "../../etc/passwd"}}'), /^templates\/a.hbs:1:1: file finds no file ..\/..\/etc\/passwd in the chart/],
  ["Handlebars: a file by its full path", hbs('{{file "/etc/passwd"}}'), /^templates\/a.hbs:1:1: file finds no file \/etc\/passwd in the chart/],
  ["aliases in values", go("a: 1", { "values.yaml": aliasBomb }), /^values.yaml:1:1: aliases repeat more than 100 times what they point at/],
  ["aliases in Chart.yaml", go("a: 1", { "Chart.yaml": `name: a\nversion: 1.0.0\n${aliasBomb}` }), /^Chart.yaml:1:1: aliases repeat more than 100 times/],
  ["values nested without end", go("a: 1", { "values.yaml": `a: ${"[".repeat(2_000)}${"]".repeat(2_000)}` }), /^values.yaml:1:\d+: values are nested deeper than 200/],
  ["a schema that is itself", go("a: 1", { "values.yaml": "a: 1\n", "values.schema.json": '{"$ref":"#"}' }), /^values.schema.json: the schema cannot be used: it refers to itself without end/],
  ["a schema elsewhere", go("a: 1", { "values.yaml": "a: 1\n", "values.schema.json": '{"$ref":"file:///etc/passwd"}' }), /^values.schema.json: the schema cannot be used: can't resolve reference file:/],
  ["a pattern that backtracks", go("a: 1", { "values.yaml": `a: ${"a".repeat(60)}b\n`, "values.schema.json": '{"properties":{"a":{"pattern":"^(a+)+$"}}}' }), /^values.yaml:1: Values.a must match pattern/],
  ["a package that is far larger than it looks", { "charts/b-1.tgz": gzipSync(Buffer.alloc(80 * 1024 * 1024)), "templates/a.yaml": "a: 1" }, /^charts\/b-1.tgz: the packed chart cannot be unpacked/],
  ["more templates than anybody writes", Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`templates/${index}.yaml`, ""])), /^templates: the chart has 1001 templates; at most 1000 are rendered/],
];

for (const [name, files, expected] of attempts) {
  test(`${name}: one error with its place, and a chart beside it renders`, async () => {
    const [stopped, beside] = await Promise.all([renderer.render(request(files), never), renderer.render(neighbour, never)]);
    assert.equal(beside.kind, "rendered");
    assert.ok(stopped.kind === "failed", "it rendered");
    const [problem] = stopped.problems;
    assert.equal(stopped.problems.length, 1);
    assert.match(problem?.place === undefined ? problem?.message ?? "" : `${printPlace(problem.place)}: ${problem.message}`, expected);
    assert.ok((problem?.message.length ?? 0) < 2_100);
  });
}

/** What looks like a trick, and is only data. */
const harmless: readonly (readonly [string, Files, string])[] = [
  ["Go: names of the engine in values", go("x: {{ .Values.constructor.prototype.x }}{{ (dict).x }}{{ .Release.__proto__ }}{{ get .Values \"toString\" }}", { "values.yaml": "__proto__: {x: 1}\nconstructor: {prototype: {x: 2}}\n" }), "2"],
  ["Go: files outside of the chart", go('x: "{{ .Files.Get "../../../etc/passwd" }}{{ .Files.Get "/etc/passwd" }}{{ .Files.Get "__proto__" }}{{ range $name, $_ := .Files.Glob "/etc/**" }}{{ $name }}{{ end }}"'), ""],
  ["Go: an expression that would backtrack", go('x: "{{ regexMatch "^(a+)+$" (print (repeat 50000 "a") "b") }}"'), "false"],
  ["Handlebars: names of the engine in values", hbs('x: "{{Values.constructor.prototype.x}}"', { "values.yaml": "__proto__: {x: 1}\nconstructor: {prototype: {x: 2}}\n" }), "2"],
  ["Handlebars: an expression that would backtrack", hbs('x: "{{regexMatch "^(a+)+$" (repeat 50000 "a")}}"'), "true"],
];

for (const [name, files, expected] of harmless) {
  test(`${name}: nothing but the chart's own data`, async () => {
    const wrapped = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, path.startsWith("templates/") && typeof content === "string" ? `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  ${content}\n` : content]));
    const result = await renderer.render(request(wrapped), never);
    assert.ok(result.kind === "rendered", JSON.stringify(result));
    const data = result.manifests[0]?.object["data"] as { readonly x?: string | number | boolean | null } | undefined;
    assert.equal(String(data?.x ?? ""), expected);
  });
}

/** One file of a tar archive, of a type: `2` is a link to `target`. */
function tarEntry(path: string, { content = "", type = "0", target = "" }: { readonly content?: string; readonly type?: string; readonly target?: string } = {}): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(content.length.toString(8).padStart(11, "0"), 124);
  header.write(type, 156);
  header.write(target, 157);
  header.write("ustar\u000000", 257);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

test("entries of a package that lead out of it, links and absolute names among them, are nobody's files", async () => {
  const show = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  names: \"{{ range $name, $_ := .Files.Glob \"**\" }}{{ $name }} {{ end }}\"\n";
  const packed = gzipSync(Buffer.concat([
    tarEntry("b/Chart.yaml", { content: "name: b\nversion: 1.0.0\n" }), tarEntry("b/templates/b.yaml", { content: show }), tarEntry("b/own.txt", { content: "own" }),
    tarEntry("b/../../../etc/cron.d/x", { content: "out" }), tarEntry("../x.txt", { content: "out" }), tarEntry("/etc/x.txt", { content: "absolute" }),
    tarEntry("b/link.txt", { type: "2", target: "/etc/passwd" }), tarEntry("b/hard.txt", { type: "1", target: "../../etc/passwd" }), Buffer.alloc(1024),
  ]));
  const result = await renderer.render(request({ "charts/b-1.0.0.tgz": packed }), never);
  assert.ok(result.kind === "rendered", JSON.stringify(result));
  const data = result.manifests[0]?.object["data"] as { readonly names: string } | undefined;
  // A leading slash is no folder: what lies below `etc` is a file of the chart, as its path says without it.
  assert.equal(data?.names.trim(), "own.txt x.txt");
});
