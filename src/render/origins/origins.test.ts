import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { chartTestRequest } from "../chart-test.ts";
import type { RenderRequest } from "../render.ts";
import { printPlace } from "../render.ts";
import { renderPacked } from "../render-packed.ts";
import { renderTree } from "../render-tree.ts";
import { packChart } from "../chart/pack.ts";
import type { ObjectOrigins, Origin, OriginQuery, Source } from "./origin.ts";

const encoder = new TextEncoder();

function request(files: Readonly<Record<string, string>>, change: Partial<RenderRequest> = {}): RenderRequest {
  return { ...chartTestRequest({ kind: "tree", digest: "t", files: new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])) }), ...change };
}

function chart(files: Readonly<Record<string, string>>, change: Partial<RenderRequest> = {}): RenderRequest {
  return request({ "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\n", ...files }, change);
}

function render(asked: RenderRequest): { readonly objects: readonly JsonObject[]; readonly origins: readonly ObjectOrigins[] } {
  const result = renderTree({ ...asked, origins: "all" });
  if (result.kind === "failed") throw new Error(result.problems.map((problem) => `${problem.place === undefined ? "" : printPlace(problem.place)} ${problem.message}`).join("\n"));
  assert.deepEqual(toldLater(asked, "all"), result.sourceType === "Directory" ? undefined : result.origins, "what a render keeps tells the same");
  return { objects: result.manifests.map(({ object }) => object), origins: result.origins ?? [] };
}

/** Origins told from what another render kept; undefined where nothing is kept. */
function toldLater(asked: RenderRequest, origins: OriginQuery | "all"): readonly ObjectOrigins[] | undefined {
  const result = renderPacked({ ...asked, keepsOrigins: true });
  if (result.kind === "failed" || result.kept === undefined) return undefined;
  const { values: _values, valueFiles: _files, parameters: _parameters, ...rest } = asked;
  const told = renderPacked({ ...rest, values: {}, valueFiles: [], parameters: [], origins, kept: structuredClone(result.kept) });
  return told.kind === "rendered" ? told.origins : undefined;
}

/** The origin of a field, as people read it. */
function told(asked: RenderRequest, field: string): string {
  const origin = render(asked).origins[0]?.origins.find(({ path }) => path.join(".") === field);
  return origin === undefined ? "nothing" : print(origin);
}

function print({ kind, pieces, inputs, conditions }: Origin): string {
  const source = ({ path, layer, place }: Source): string => `${path} (${place === undefined ? layer : printPlace(place)})`;
  return [
    kind, pieces.map(({ through, place }) => [...through, place].map(printPlace).join(" > ")).join(" + "),
    ...(inputs.length === 0 ? [] : ["from", inputs.map(source).join(", ")]), ...(conditions.length === 0 ? [] : ["if", conditions.map(source).join(", ")]),
  ].join(" ");
}

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const values = "port: 80\nname: web\nimage: {repository: nginx, tag: a}\nisOn: true\nempty: ''\nhosts: [x, y]\ntext: 'n-{{ .Values.name }}'\nblock: |\n  one\n  two\n";

function helm(line: string, files: Readonly<Record<string, string>> = {}, change: Partial<RenderRequest> = {}): string {
  return told(chart({ "values.yaml": values, "templates/a.yaml": `${head}data:\n  k: ${line}\n`, ...files }, change), "data.k");
}

function handlebars(line: string, files: Readonly<Record<string, string>> = {}, change: Partial<RenderRequest> = {}): string {
  return told(chart({ "values.yaml": values, "templates/a.hbs": `${head}data:\n  k: ${line}\n`, ...files }, change), "data.k");
}

test("a plain manifest's scalar stands where it is written", () => {
  const asked = request({ "a.yaml": `# first\n${head}data: &d\n  k: "v"\n---\napiVersion: v1\nkind: List\nitems:\n- ${head.replaceAll("\n", "\n  ").trimEnd()}\n    namespace: other\n  data: {k: [1, {l: 2}]}\n` });
  assert.deepEqual(render(asked).origins.map(({ kind, name, namespace }) => [kind, name, namespace]), [["ConfigMap", "a", ""], ["ConfigMap", "a", "other"]]);
  assert.equal(told(asked, "data.k"), "text a.yaml:7:7");
  assert.deepEqual(render(asked).origins[1]?.origins.map((origin) => `${origin.path.join(".")} ${print(origin)}`), [
    "apiVersion text a.yaml:12:15", "kind text a.yaml:13:9", "metadata.name text a.yaml:15:11", "metadata.namespace text a.yaml:16:16", "data.k.0 text a.yaml:17:14", "data.k.1.l text a.yaml:17:21",
  ]);
});

test("an alias and a merge key lead to where the text stands first", () => {
  const asked = request({ "a.yaml": `${head}data:\n  a: &x v\n  b: *x\n  c: &m {d: e}\n  f: {<<: *m, g: h}\n` });
  assert.equal(told(asked, "data.b"), "text a.yaml:6:9");
  assert.equal(told(asked, "data.f.d"), "text a.yaml:8:13");
});

test("text, copies and computed scalars of Helm's templates", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["fixed", "text templates/a.yaml:6:6"],
    ["{{ .Values.port }}", "copy templates/a.yaml:6:9 from Values.port (values.yaml:1:7)"],
    ["{{ .Values.port | quote }}", "copy templates/a.yaml:6:9 from Values.port (values.yaml:1:7)"],
    ["'{{ .Values.name }}'", "copy templates/a.yaml:6:10 from Values.name (values.yaml:2:7)"],
    ["{{ upper .Values.name }}", "computed templates/a.yaml:6:9 from Values.name (values.yaml:2:7)"],
    ["\"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"", "computed templates/a.yaml:6:10 + templates/a.yaml:6:37 + templates/a.yaml:6:41 from Values.image.repository (values.yaml:3:21), Values.image.tag (values.yaml:3:33)"],
    ["{{ .Values.empty | default .Values.name }}", "computed templates/a.yaml:6:9 from Values.empty (values.yaml:5:8), Values.name (values.yaml:2:7)"],
    ["{{ .Values.name | default .Values.port }}", "copy templates/a.yaml:6:9 from Values.name (values.yaml:2:7)"],
    ["{{ .Values.none | default \"d\" }}", "computed templates/a.yaml:6:9 from Values.none (not set)"],
    ["{{ if .Values.isOn }}a{{ end }}", "text templates/a.yaml:6:27 if Values.isOn (values.yaml:4:7)"],
    ["b{{ if .Values.empty }}a{{ end }}", "computed templates/a.yaml:6:6 from Values.empty (values.yaml:5:8)"],
    ["b{{ .Values.empty }}", "computed templates/a.yaml:6:6 from Values.empty (values.yaml:5:8)"],
    ["{{ $x := .Values.name }}{{ if .Values.empty }}{{ $x = \"z\" }}{{ end }}{{ $x }}", "computed templates/a.yaml:6:78 from Values.empty (values.yaml:5:8), Values.name (values.yaml:2:7)"],
    ["{{ tpl .Values.text . }}", "computed templates/a.yaml:6:9 > templates/a.yaml:6:tpl:1:1 + templates/a.yaml:6:9 > templates/a.yaml:6:tpl:1:6 from Values.text (values.yaml:7:7), Values.name (values.yaml:2:7)"],
    ["{{ (dict \"a\" .Values.name \"b\" .Values.port).a }}", "copy templates/a.yaml:6:9 from Values.name (values.yaml:2:7)"],
    ["{{ .Release.Name }}", "copy templates/a.yaml:6:9 from Release.Name (release)"],
    ["{{ hasKey .Values \"name\" }}", "computed templates/a.yaml:6:9 from Values.name (values.yaml:2:7)"],
    ["{{ .Values.empty }}", "computed templates/a.yaml:6:9 from Values.empty (values.yaml:5:8)"],
    ["{{ len .Values.hosts }}", "computed templates/a.yaml:6:9 from Values.hosts (values.yaml:6:9)"],
    ["{{ .Values.block | toJson }}", "copy templates/a.yaml:6:9 from Values.block (values.yaml:8:8)"],
  ];
  for (const [line, want] of cases) assert.equal(helm(line), want, line);
});

test("an include is named by the calls that lead to it, kept through nindent and told as an input through others", () => {
  const files = { "templates/_h.tpl": "{{ define \"inner\" }}v-{{ .Values.name }}{{ end }}\n{{ define \"outer\" }}\nl: {{ include \"inner\" . }}\nm: n{{ end }}\n" };
  const asked = (line: string): RenderRequest => chart({ "values.yaml": values, "templates/a.yaml": `${head}data:\n  k: ${line}\n`, ...files });
  assert.equal(told(asked("{{ include \"outer\" . | nindent 4 }}"), "data.k.m"), "text templates/a.yaml:6:9 > templates/_h.tpl:4:4");
  assert.equal(told(asked("{{ include \"outer\" . | nindent 4 }}"), "data.k.l"), "computed templates/a.yaml:6:9 > templates/_h.tpl:3:7 > templates/_h.tpl:1:21 + templates/a.yaml:6:9 > templates/_h.tpl:3:7 > templates/_h.tpl:1:26 from Values.name (values.yaml:2:7)");
  assert.equal(told(asked("{{ include \"inner\" . | upper }}"), "data.k"), "computed templates/a.yaml:6:9 from Values.name (values.yaml:2:7)");
});

test("what toYaml writes leads to each value", () => {
  const asked = chart({ "values.yaml": values, "templates/a.yaml": `${head}data:\n  {{- toYaml .Values.image | nindent 2 }}\nhosts: {{ .Values.hosts | toJson }}\n` });
  assert.equal(told(asked, "data.tag"), "copy templates/a.yaml:6:7 from Values.image.tag (values.yaml:3:33)");
  assert.equal(told(asked, "hosts.1"), "copy templates/a.yaml:7:27 from Values.hosts[1] (values.yaml:6:12)");
});

test("text, copies and computed scalars of Handlebars templates", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["fixed", "text templates/a.hbs:6:6"],
    ["{{Values.port}}", "copy templates/a.hbs:6:6 from Values.port (values.yaml:1:7)"],
    ["{{quote Values.port}}", "copy templates/a.hbs:6:6 from Values.port (values.yaml:1:7)"],
    ["{{upper Values.name}}", "computed templates/a.hbs:6:6 from Values.name (values.yaml:2:7)"],
    ["{{Values.image.repository}}:{{Values.image.tag}}", "computed templates/a.hbs:6:6 + templates/a.hbs:6:33 + templates/a.hbs:6:34 from Values.image.repository (values.yaml:3:21), Values.image.tag (values.yaml:3:33)"],
    ["{{default Values.name Values.empty}}", "computed templates/a.hbs:6:6 from Values.empty (values.yaml:5:8), Values.name (values.yaml:2:7)"],
    ["{{default \"d\" Values.none}}", "computed templates/a.hbs:6:6 from Values.none (not set)"],
    ["{{#if Values.isOn}}a{{/if}}", "text templates/a.hbs:6:25 if Values.isOn (values.yaml:4:7)"],
    ["b{{#if Values.empty}}a{{/if}}", "computed templates/a.hbs:6:6 from Values.empty (values.yaml:5:8)"],
    ["{{#with Values.image}}{{tag}}{{/with}}", "copy templates/a.hbs:6:28 from Values.image.tag (values.yaml:3:33) if Values.image (values.yaml:3:21)"],
    ["{{#each Values.hosts}}{{this}}-{{/each}}", "computed templates/a.hbs:6:28 + templates/a.hbs:6:36 from Values.hosts[0] (values.yaml:6:9), Values.hosts[1] (values.yaml:6:12) if Values.hosts (values.yaml:6:9)"],
    ["{{> p v=Values.name}}", "copy templates/a.hbs:6:6 > templates/_p.hbs:1:1 from Values.name (values.yaml:2:7)"],
    ["{{include \"p\" (dict v=Values.name w=Values.port)}}", "copy templates/a.hbs:6:6 > templates/_p.hbs:1:1 from Values.name (values.yaml:2:7)"],
    ["{{tpl Values.hb}}", "computed templates/a.hbs:6:6 from Values.hb (inline values), Values.name (values.yaml:2:7)"],
  ];
  for (const [line, want] of cases) assert.equal(handlebars(line, { "templates/_p.hbs": "{{v}}" }, { values: { hb: "{{Values.name}}!" } }), want, line);
});

test("each value names the layer that won, whatever merges them", () => {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\ndependencies:\n- {name: db, alias: store, import-values: [{child: out, parent: in}]}\n",
    "values.yaml": "a: 1\nb: 1\nc: 1\nd: 1\nglobal: {g: 1}\nstore: {s: 2}\n", "prod.yaml": "\nb: 2\nc: 2\nd: 2\n",
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "charts/db/values.yaml": "s: 1\nt: 1\nout:\n  o: 1\n",
    "charts/db/templates/b.yaml": `${head.replace("name: a", "name: b")}data: {s: {{ .Values.s }}, t: {{ .Values.t }}, g: {{ .Values.global.g }}}\n`,
    "templates/a.yaml": `${head}data: {a: {{ .Values.a }}, b: {{ .Values.b }}, c: {{ .Values.c }}, d: {{ .Values.d }}, o: {{ .Values.in.o }}}\n`,
  };
  const { origins } = render(request(files, { valueFiles: ["prod.yaml"], values: { c: 3, d: 3 }, parameters: [{ name: "d", value: "4" }] }));
  const layers = (name: string): Readonly<Record<string, string>> => Object.fromEntries(origins.find((object) => object.name === name)?.origins.filter(({ path }) => path[0] === "data").map((origin) => [origin.path.join("."), print(origin).replace(/^.*from /, "")] as const) ?? []);
  assert.deepEqual(layers("a"), {
    "data.a": "Values.a (values.yaml:1:4)", "data.b": "Values.b (prod.yaml:2:4)", "data.c": "Values.c (inline values)", "data.d": "Values.d (parameter d)", "data.o": "Values.in.o (charts/db/values.yaml:4:6)",
  });
  assert.deepEqual(layers("b"), { "data.s": "Values.store.s (values.yaml:6:12)", "data.t": "Values.store.t (charts/db/values.yaml:2:4)", "data.g": "Values.store.global.g (values.yaml:5:13)" });
});

test("definitions of a chart and of one it holds packed are told from their files", () => {
  const definition = (name: string): string => `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${name}}\n`;
  const held = packChart({ kind: "tree", digest: "h", files: new Map([["Chart.yaml", "apiVersion: v2\nname: held\nversion: 1.0.0\n"], ["crds/b.yaml", definition("b")]].map(([path = "", text]) => [path, encoder.encode(text)])) });
  const asked = chart({ "crds/a.yaml": definition("a"), "templates/a.yaml": head });
  const { origins } = render({ ...asked, tree: { ...asked.tree, files: new Map([...asked.tree.files, ["charts/held-1.0.0.tgz", held.bytes]]) } });
  assert.deepEqual(origins.map(({ name, origins: [first] }) => [name, first === undefined ? "" : print(first)]), [["a", "text crds/a.yaml:1:13"], ["b", "text charts/held-1.0.0.tgz/crds/b.yaml:1:13"], ["a", "text templates/a.yaml:1:13"]]);
});

test("what is kept holds many texts, whatever they begin and end with", () => {
  const names = ["a", "b", "c"];
  for (const template of ["{{#> l}}kind: ConfigMap{{/l}}", "{{Values.empty}}{{#> l}}kind: ConfigMap{{/l}}{{#if Values.isOn}}{{/if}}", "{{#> l}}kind: {{{Values.kind}}}{{/l}}{{Values.empty}}"]) {
    const files = Object.fromEntries(names.map((name) => [`templates/${name}.hbs`, template.replaceAll("> l", `> l name="${name}"`)]));
    const { origins } = render(chart({ "values.yaml": `${values}kind: ConfigMap\n`, "templates/_l.hbs": "apiVersion: v1\nmetadata:\n  name: {{name}}\n{{> @partial-block}}", ...files }, {}));
    assert.deepEqual(origins.map(({ name }) => name), names, template);
  }
  const { origins } = render(chart({ "values.yaml": values, ...Object.fromEntries(names.map((name) => [`templates/${name}.yaml`, `{{ if .Values.isOn }}${head.replace("name: a", `name: ${name}`)}{{ if .Values.empty }}{{ end }}{{ end }}`])) }));
  assert.deepEqual(origins.map(({ name }) => name), names);
});

test("what a render keeps is small: kilobytes for a chart of some objects", () => {
  const templates = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`templates/${index}.yaml`, `${head.replace("name: a", `name: a${index}`)}data:\n${Array.from({ length: 20 }, (_none, line) => `  k${line}: {{ .Values.name }}\n`).join("")}`]));
  const result = renderPacked(chart({ "values.yaml": values, ...templates }, { keepsOrigins: true }));
  const { length } = result.kind === "rendered" ? result.kept ?? [] : [];
  assert.ok(length > 0 && length < 8_000, `${length} bytes`);
});

test("an argument of a function that lays out a block, and what chose a block, are told", () => {
  const files = { "values.yaml": `${values}width: 4\n`, "templates/a.yaml": `${head}data:\n  {{- $x := toYaml .Values.hosts }}\n  {{- if .Values.isOn }}{{ $x = toYaml .Values.image }}{{ end }}\n  k: {{ $x | nindent (int .Values.width) }}\n` };
  assert.equal(told(chart(files), "data.k.tag").replace(/^.* from /, ""), "Values.image.tag (values.yaml:3:33), Values.width (values.yaml:11:8), Values.isOn (values.yaml:4:7) if Values.isOn (values.yaml:4:7)");
});

test("only the objects that are asked for are told", () => {
  const asked = chart({ "templates/a.yaml": `${head}---\n${head.replace("name: a", "name: b")}` });
  const result = renderTree({ ...asked, origins: { kind: "configmap", name: "b" } });
  assert.deepEqual(result.kind === "rendered" ? result.origins?.map(({ name }) => name) : [], ["b"]);
});

const leaf = fc.oneof(fc.constantFrom("", "q", "rs", "tu"), fc.integer({ min: 0, max: 3 }), fc.boolean());
const someValues = fc.record({ p: leaf, q: leaf, r: leaf, map: fc.record({ a: leaf, b: leaf }), list: fc.array(fc.constantFrom("v", "w", ""), { maxLength: 3 }), nest: fc.record({ x: fc.record({ y: leaf }) }) }, { requiredKeys: ["map", "list", "nest"] });

const helmLines = [
  "{{ .Values.P | toString | quote }}", "x-{{ .Values.P }}-y{{ .Values.Q }}", "{{ default \"d\" .Values.P }}", "{{ .Values.P | default .Values.Q | toJson }}", "{{ printf \"%v/%v\" .Values.P .Values.Q }}",
  "{{ ternary .Values.P .Values.Q (eq (toString .Values.R) \"q\") | toJson }}", "{{ if .Values.P }}yes{{ else if .Values.Q }}maybe{{ end }}", "{{ include \"t\" . }}", "{{ include \"t\" . | upper }}", "{{ include \"u\" (dict \"v\" .Values.P \"w\" $) }}",
  "{{ with .Values.P }}{{ . }}{{ else }}none{{ end }}", "{{ $x := .Values.P }}{{ if .Values.Q }}{{ $x = .Values.R }}{{ end }}{{ $x | toJson }}", "{{ range $i, $v := .Values.list }}{{ $i }}{{ $v }},{{ end }}", "{{ toJson .Values.map }}", "{{ len .Values.list }}",
  "{{ coalesce .Values.P .Values.Q \"c\" | toJson }}", "{{ and .Values.P .Values.Q | toJson }}", "{{ or .Values.P .Values.Q | toJson }}", "{{ trunc 1 (toString .Values.P) }}", "{{ not .Values.P }}", "{{ get .Values.map \"a\" | toJson }}", "{{ index .Values.map \"b\" | toJson }}",
  "{{ (merge (dict) .Values.map).a | toJson }}", "{{ $d := deepCopy .Values.map }}{{ $_ := set $d \"a\" .Values.P }}{{ $d | toJson }}", "{{ list .Values.P .Values.Q | join \"-\" }}", "{{ .Values.map | toYaml | sha256sum }}", "{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}",
  "\n{{ toYaml .Values.map | indent 4 }}", "{{ dig \"x\" \"y\" \"z\" .Values.nest | toJson }}", "{{ has \"v\" .Values.list }}", "{{ first .Values.list }}", "{{ (pick .Values.map \"a\") | toJson }}", "{{ keys .Values.map | sortAlpha | join \",\" }}", "{{ tpl \"{{ .Values.P }}\" . }}{{ .Values.nest.x.y }}",
  "{{ $b := toYaml .Values.nest }}{{ if .Values.P }}{{ $b = toYaml .Values.map }}{{ end }}\n{{ $b | indent 4 }}", "{{ $b := include \"t\" . }}{{ if .Values.R }}{{ $b = printf \"%s!\" $b }}{{ end }}{{ $b }}",
  "{{ toYaml .Values.map | nindent (ternary 4 6 (eq (toString .Values.P) \"q\")) }}", "{{ include \"t\" . | trim | quote }}", "{{ with include \"u\" (dict \"v\" .Values.P \"w\" $) }}{{ . }}{{ end }}", "{{ default (include \"t\" .) .Values.P }}", "{{ .Values.map | toPrettyJson | nindent 4 }}",
];
const helmTemplates = "{{ define \"t\" }}t{{ .Values.P }}{{ if .Values.Q }}q{{ end }}{{ end }}{{ define \"u\" }}{{ if .w.Values.R }}{{ .v }}{{ else }}no{{ end }}{{ end }}";
const handlebarsLines = [
  "{{quote (default \"n\" Values.P)}}", "x-{{default 0 Values.P}}-y{{default 0 Values.Q}}", "{{toJson (default Values.map.a Values.P)}}", "{{printf \"%v/%v\" Values.map.a Values.map.b}}", "{{#if Values.P}}yes{{else if Values.Q}}maybe{{/if}}", "{{include \"t\"}}", "{{upper (include \"t\")}}",
  "{{include \"u\" (dict v=Values.map.a w=@root)}}", "{{#with Values.map.a}}{{this}}{{else}}none{{/with}}", "{{#each Values.list}}{{@index}}{{this}},{{/each}}", "{{toJson Values.map}}", "{{len Values.list}}", "{{toJson (coalesce Values.P Values.Q \"c\")}}", "{{toJson (get Values.map \"a\")}}",
  "{{#each Values.map}}{{@key}}={{this}};{{/each}}", "{{nindent 4 (toYaml Values.map)}}", "{{> p v=Values.map.b}}", "{{sha256sum (toYaml Values.map)}}", "{{#unless Values.P}}off{{/unless}}", "{{join \"-\" Values.list}}{{Values.nest.x.y}}", "{{toJson (first (list Values.map.a Values.map.b))}}",
  "{{nindent (ternary 4 6 Values.P) (toYaml Values.map)}}", "{{default (include \"t\") Values.P}}", "{{#if (include \"e\")}}full{{else}}void{{/if}}", "{{trim (include \"t\")}}", "{{toPrettyJson Values.map}}", "{{quote (include \"t\")}}", "{{#> l}}{{default 0 Values.P}}{{/l}}",
];
const handlebarsTemplates = { "templates/_t.hbs": "t{{default 0 Values.P}}{{#if Values.Q}}q{{/if}}", "templates/_u.hbs": "{{#if w.Values.R}}{{v}}{{else}}no{{/if}}", "templates/_p.hbs": "{{v}}", "templates/_e.hbs": "{{#if Values.P}}{{Values.P}}{{/if}}", "templates/_l.hbs": "<{{> @partial-block}}>{{Values.map.a}}" };

function scalarsOf(value: Json | undefined, path: readonly (string | number)[] = []): readonly (readonly [string, Json])[] {
  if (Array.isArray(value) && value.length > 0) return (value as readonly Json[]).flatMap((item, index) => scalarsOf(item, [...path, index]));
  if (isJsonObject(value) && Object.keys(value).length > 0) return Object.entries(value).flatMap(([key, member]) => scalarsOf(member, [...path, key]));
  return [[JSON.stringify(path), value ?? null]];
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The same values with one leaf changed, for every leaf, and its path. */
function changes(given: JsonObject): readonly { readonly path: string; readonly values: JsonObject }[] {
  const others = (old: Json): readonly Json[] => (typeof old === "boolean" ? [!old] : typeof old === "number" ? [old + 1, 0] : [`${text(old)}z`, ""]).filter((other) => other !== old);
  return scalarsOf(given).flatMap(([key, old]) => {
    const path = JSON.parse(key) as readonly (string | number)[];
    if (typeof old === "object") return [];
    return others(old).map((other) => {
      const changed = structuredClone(given) as Record<string, Json>;
      const holder = path.slice(0, -1).reduce<Record<string | number, Json>>((at, part) => at[part] as unknown as Record<string | number, Json>, changed);
      holder[path.at(-1) ?? ""] = other;
      return { path: `Values${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}`, values: changed };
    });
  });
}

function isTold(origin: Origin | undefined, path: string): boolean {
  return [...origin?.inputs ?? [], ...origin?.conditions ?? []].some((source) => path === source.path || path.startsWith(`${source.path}.`) || path.startsWith(`${source.path}[`));
}

for (const [language, lines, file, partials] of [["Helm", helmLines, "templates/a.yaml", { "templates/_h.tpl": helmTemplates }], ["Handlebars", handlebarsLines, "templates/a.hbs", handlebarsTemplates]] as const) {
  const names = ["p", "q", "r"];
  const filled = (text: string, shift: number): string => text.replaceAll(/Values\.([PQR])/g, (_all, letter: string) => `Values.${names[("PQR".indexOf(letter) + shift) % 3]}`);
  const charts = fc.record({ given: someValues, chosen: fc.array(fc.record({ line: fc.constantFrom(...lines), shift: fc.nat(2) }), { minLength: 1, maxLength: 4 }) });
  const asked = (given: JsonObject, chosen: readonly { readonly line: string; readonly shift: number }[]): RenderRequest => chart({
    ...Object.fromEntries(Object.entries(partials).map(([name, text]) => [name, filled(text, 0)])),
    [file]: `${head}data:\n${chosen.map(({ line, shift }, index) => `  k${index}: ${filled(line, shift)}\n`).join("")}`,
  }, { values: given });

  test(`origins of ${language} charts cover every scalar, copies are what they copy, and nothing that changes a scalar goes untold`, () => {
    fc.assert(fc.property(charts, ({ given, chosen }) => {
      const plain = renderTree(asked(given, chosen));
      fc.pre(plain.kind === "rendered");
      const { objects, origins } = render(asked(given, chosen));
      assert.deepEqual(objects, plain.manifests.map(({ object }) => object), "a traced render is the same render");
      const before = new Map(scalarsOf(objects[0]));
      const known = new Map(origins[0]?.origins.map((origin) => [JSON.stringify(origin.path), origin] as const));
      assert.deepEqual([...known.keys()].toSorted(), [...before.keys()].toSorted(), "every scalar has an origin");
      const valueAt = new Map<string, Json>(scalarsOf(given).map(([path, value]) => [`Values${(JSON.parse(path) as readonly (string | number)[]).map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}`, value] as const));
      for (const [path, origin] of known) if (origin.kind === "copy") assert.equal(text(before.get(path)), text(valueAt.get(origin.inputs[0]?.path ?? "") ?? before.get(path)));
      for (const change of changes(given)) {
        const after = renderTree(asked(change.values, chosen));
        if (after.kind === "failed") continue;
        const scalars = new Map(scalarsOf(after.manifests[0]?.object));
        for (const [path, value] of before) {
          const isSame = scalars.has(path) ? JSON.stringify(scalars.get(path)) === JSON.stringify(value) : typeof value === "object";
          assert.ok(isSame || isTold(known.get(path), change.path), `${path} depends on ${change.path}, but its origin does not say so: ${JSON.stringify(known.get(path))}`);
        }
      }
    }), { numRuns: 60 });
  });
}
