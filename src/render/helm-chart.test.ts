import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { asJson } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { chartTestRequest } from "./chart-test.ts";
import { printPlace } from "./render.ts";
import type { RenderRequest, RenderResult } from "./render.ts";
import { renderTree } from "./render-tree.ts";

const encoder = new TextEncoder();

function request(files: Readonly<Record<string, string | Uint8Array>>, change: Partial<RenderRequest> = {}): RenderRequest {
  const all = { "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: '9'\n", ...files };
  return { ...chartTestRequest({ kind: "tree", digest: "t", files: new Map(Object.entries(all).map(([path, content]) => [path, typeof content === "string" ? encoder.encode(content) : content])) }), ...change };
}

function errors(result: RenderResult): readonly string[] {
  return result.kind === "failed" ? result.problems.map((problem) => `${problem.place === undefined ? "" : `${printPlace(problem.place)}: `}${problem.message}`) : [];
}

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

/** The `data` of every ConfigMap by name. */
function dataOf(files: Readonly<Record<string, string | Uint8Array>>, change: Partial<RenderRequest> = {}): Readonly<Record<string, Json | undefined>> {
  const result = renderTree(request(files, change));
  if (result.kind === "failed") throw new Error(errors(result).join("\n"));
  return Object.fromEntries(result.manifests.map(({ object }) => [object.metadata.name, object["data"]]));
}

function map(name: string, data: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`;
}

/** What one template expression writes. */
function write(expression: string, values: JsonObject = {}, files: Readonly<Record<string, string>> = {}): Json | undefined {
  const data = dataOf({ "templates/a.yaml": `${head}data:\n  v: {{ ${expression} | toJson }}\n`, ...files }, { values })["a"];
  return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as JsonObject)["v"] : undefined;
}

test("templates see Helm's objects", () => {
  for (const [expression, expected] of [
    [".Release.Name", "demo"], [".Release.Service", "Helm"], [".Chart.Name", "shop"], [".Chart.AppVersion", "9"], [".Chart.IsRoot", true], [".Template.Name", "shop/templates/a.yaml"], [".Template.BasePath", "shop/templates"],
    [".Capabilities.KubeVersion.Version", "v1.33.0"], [".Capabilities.KubeVersion.GitVersion", "v1.33.0"], [".Capabilities.KubeVersion.Minor", "33"], ['.Capabilities.APIVersions.Has "apps/v1"', true], ['.Capabilities.APIVersions.Has "none/v1"', false],
    ["(.Values.AsMap).x", 1], ['.Files.Get "conf/a.txt"', "one\ntwo\n"], ['.Files.Lines "conf/a.txt"', ["one", "two"]], ['(.Files.Glob "conf/*").AsConfig', "a.txt: |\n  one\n  two"], ['.Files.Get "../secret"', ""], ["kindOf .Values.x", "float64"],
  ] as const) assert.deepEqual(write(expression, { x: 1 }, { "conf/a.txt": "one\ntwo\n" }), expected, expression);
});

test("what templates define is shared by the tree, and a parent's definition wins", () => {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.x, alias: store}\n",
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.4.0\n", "charts/db/values.yaml": "size: 1\nnote: x\n", "charts/db/templates/_h.tpl": '{{ define "who" }}db{{ end }}',
    "charts/db/templates/m.yaml": map("db", 'v: {{ include "who" . }} {{ .Chart.Name }} {{ .Values.size }} {{ .Values.global.g }} {{ hasKey .Values "note" }} {{ .Template.Name }}'),
    "templates/_h.tpl": '{{ define "who" }}shop{{ end }}', "templates/m.yaml": map("own", "v: {{ .Values.store.size }} {{ .Subcharts.store.Values.size }}"),
  };
  assert.deepEqual(dataOf(files, { values: { store: { size: 2, note: null }, global: { g: "G" } } }), { db: { v: "shop store 2 G false shop/charts/store/templates/m.yaml" }, own: { v: "2 2" } });
});

test("dependencies follow conditions before tags, and export values to their parent", () => {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.0.0, condition: 'db.on,global.db', tags: [back], import-values: [out, {child: deep.part, parent: taken}]}\n",
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "charts/db/values.yaml": "exports: {out: {port: 5}}\ndeep: {part: {k: v}}\n", "charts/db/templates/m.yaml": map("db", "v: here"),
    "templates/m.yaml": map("own", "v: {{ .Values.port }} {{ (.Values.taken).k }}"),
  };
  const names = (values: JsonObject): readonly string[] => Object.keys(dataOf(files, { values })).toSorted();
  assert.deepEqual(names({}), ["db", "own"]);
  assert.deepEqual(names({ db: { on: false } }), ["own"]);
  assert.deepEqual(names({ tags: { back: false } }), ["own"]);
  assert.deepEqual(names({ tags: { back: false }, db: { on: true } }), ["db", "own"]);
  assert.deepEqual(dataOf(files)["own"], { v: "5 v" });
});

test("a packed dependency renders as one in a folder, and paths that lead out of it are left out", () => {
  const tar = (files: Readonly<Record<string, string>>): Uint8Array => gzipSync(Buffer.concat([...Object.entries(files).map(([path, text]) => {
    const block = Buffer.alloc(512 + Math.ceil(Buffer.byteLength(text) / 512) * 512);
    block.write(path, 0);
    block.write(Buffer.byteLength(text).toString(8).padStart(11, "0"), 124);
    block.write("0", 156);
    block.write(text, 512);
    return block;
  }), Buffer.alloc(1024)]));
  const packed = tar({ "db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "db/templates/m.yaml": map("db", "v: '{{ .Chart.Version }}'"), "db/../../evil/templates/x.yaml": map("evil", "v: x") });
  assert.deepEqual(dataOf({ "charts/db-1.0.0.tgz": packed }), { db: { v: "1.0.0" } });
  assert.match(errors(renderTree(request({ "charts/db-1.0.0.tgz": encoder.encode("no") })))[0] ?? "", /^charts\/db-1\.0\.0\.tgz: the packed chart cannot be unpacked/);
});

test("a library chart only defines, and notes are the root's", () => {
  const result = renderTree(request({ "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n", "charts/lib/templates/_l.tpl": '{{ define "l" }}L{{ end }}', "charts/lib/templates/x.yaml": "{{ fail \"never\" }}", "templates/m.yaml": map("own", 'v: {{ include "l" . }}'), "templates/NOTES.txt": "Hello {{ .Release.Name }}\n" }));
  assert.deepEqual(result.kind === "rendered" && [result.sourceType, result.notes, result.manifests.length], ["Helm", "Hello demo\n", 1]);
});

test("errors say Go's reason, the template's place and the value at fault", () => {
  for (const [template, message] of [
    ["{{ .Values.a.b.c }}", /^templates\/a\.yaml:1:4: nil pointer evaluating interface \{\}\.c, at <\.Values\.a\.b\.c>$/],
    ["{{ required \"set a\" .Values.x }}", /^templates\/a\.yaml:1:4: set a$/],
    ["\n{{ fail \"no\" }}", /^templates\/a\.yaml:2:4: no$/],
    ["{{ nosuch }}", /^templates\/a\.yaml:1:4: function "nosuch" not defined$/],
    ["{{ include \"none\" . }}", /^templates\/a\.yaml:1:4: error calling include: no template "none"/],
    ["{{ if }}", /^templates\/a\.yaml:1:7: missing value for if$/],
    ["{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}", /templates include each other more than 1000 deep|without end/],
    ["{{ range until 100000000 }}{{ end }}", /would make a list of 100000000 numbers/],
    ["{{ tpl \"{{ .Values.a.b.c }}\" . }}", /^templates\/a\.yaml:1:tpl:1:4: nil pointer|^templates\/a\.yaml:1:4:tpl/],
  ] as const) assert.match(errors(renderTree(request({ "templates/a.yaml": template }, { values: { a: {} } })))[0] ?? "", message, template);
});

test("the same release renders the same chance, another seed another, and certificates verify", () => {
  const template = `${head}data:\n  p: {{ randAlphaNum 12 }}\n  q: {{ randAlphaNum 12 }}\n  u: {{ uuidv4 }}\n{{- $ca := genCA "ca" 10 }}{{- $c := genSignedCert "x" (list "10.0.0.1" "::1") (list "a.b") 5 $ca }}\n  ca: {{ $ca.Cert | toJson }}\n  cert: {{ $c.Cert | toJson }}\n`;
  const at = (seed: string): JsonObject => dataOf({ "templates/a.yaml": template }, { pins: { seed, nowMs: Date.UTC(2026, 0, 1) } })["a"] as JsonObject;
  const first = at("one");
  assert.deepEqual(at("one"), first);
  assert.notEqual(at("two")["p"], first["p"]);
  assert.notEqual(first["p"], first["q"]);
  const certificate = new X509Certificate(textOf(first["cert"]));
  const authority = new X509Certificate(textOf(first["ca"]));
  assert.ok(certificate.verify(authority.publicKey) && authority.verify(authority.publicKey) && authority.ca && !certificate.ca);
  assert.equal(certificate.subjectAltName, "DNS:a.b, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  assert.equal(certificate.checkHost("a.b"), "a.b");
});

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

test("lookup answers from the request, and says what it was not told", () => {
  const template = `${head}data:\n  v: {{ (lookup "v1" "Secret" "ns" "s").kind | default "none" }}\n`;
  const query = { apiVersion: "v1", kind: "Secret", namespace: "ns", name: "s" };
  const unknown = renderTree(request({ "templates/a.yaml": template }));
  assert.deepEqual(unknown.kind === "rendered" && [unknown.manifests[0]?.object["data"], unknown.asked], [{ v: "none" }, [query]]);
  const known = renderTree(request({ "templates/a.yaml": template }, { lookups: { "v1 Secret ns s": { kind: "Secret" } } }));
  assert.deepEqual(known.kind === "rendered" && [known.manifests[0]?.object["data"], known.asked], [{ v: "Secret" }, undefined]);
});

test("hooks are told apart by events, weight and policies", () => {
  const hook = (annotations: string): Json | undefined => {
    const result = renderTree(request({ "templates/a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations: {${annotations}}\n` }));
    return result.kind === "rendered" ? ((result.manifests[0]?.hook as Json | undefined) ?? null) : undefined;
  };
  assert.equal(hook("a: b"), null);
  assert.equal(hook("helm.sh/hook: crd-install"), null);
  assert.deepEqual(hook('helm.sh/hook: "pre-install, pre-upgrade", helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: hook-succeeded'), { events: ["pre-install", "pre-upgrade"], weight: -5, deletePolicies: ["hook-succeeded"] });
  assert.deepEqual(hook("helm.sh/hook: test"), { events: ["test"], weight: 0, deletePolicies: ["before-hook-creation"] });
});

test("an object leads back to the template that writes it, and a line of it to where it stands, through include", () => {
  const result = renderTree(request({ "templates/_h.tpl": '{{ define "whole" -}}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n{{- end }}', "templates/a.yaml": '{{ include "whole" . }}\n---\n# two\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n' }));
  assert.deepEqual(result.kind === "rendered" && result.manifests.map(({ place }) => printPlace(place)), ["templates/a.yaml:1:4", "templates/a.yaml:4:1"]);
  const nameless = renderTree(request({ "templates/_h.tpl": '{{ define "whole" -}}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 1\n{{- end }}', "templates/a.yaml": '{{ include "whole" . }}\n' }));
  assert.deepEqual(nameless.kind === "failed" && nameless.problems.map(({ place }) => place === undefined ? "" : printPlace(place)), ["templates/_h.tpl:5:3"]);
});

test("what follows three dashes on their line is a document of its own, as Helm cuts it", () => {
  const result = renderTree(request({ "templates/a.yaml": `${head}---{{ if true -}}\n# two\n{{ end }}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---# three\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n` }));
  assert.deepEqual(result.kind === "rendered" && result.manifests.map(({ object, place }) => `${object.metadata.name} ${printPlace(place)}`), ["a templates/a.yaml:1:1", "b templates/a.yaml:7:10", "c templates/a.yaml:11:1", "d templates/a.yaml:14:4"]);
});

test("blanks at the end of a template are in no block of text, as Helm cuts it", () => {
  const result = renderTree(request({ "templates/a.yaml": `${head}data:\n  a: |-\n    one\n    {{- with "" }}{{ . }}{{ end }}\n      {{ if false }}{{ end }}\n` }));
  assert.deepEqual(result.kind === "rendered" && result.manifests.map(({ object }) => asJson(object)["data"]), [{ a: "one" }]);
});

test("htpasswd verifies", async () => {
  const line = textOf(write('htpasswd "ann" "secret"'));
  const { compareSync } = await import("bcryptjs");
  assert.ok(line.startsWith("ann:$2a$10$") && compareSync("secret", line.slice(4)));
});

/** Each dialect with a rule only it, or only the others, know. */
const dialects: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ["http://json-schema.org/draft-07/schema#", { definitions: { port: { type: "integer", maximum: 65_535 } }, properties: { port: { $ref: "#/definitions/port" }, pair: { items: [{ type: "string" }, { type: "integer" }] } }, dependencies: { tls: ["secret"] } },
    ["charts/db/values.yaml:2: Values.db.port must be <= 65535", "values.yaml:2: Values.db.pair.1 must be integer, and is a text", "charts/db/values.schema.json: Values.db.secret is missing"]],
  ["https://json-schema.org/draft/2020-12/schema", { $defs: { port: { type: "integer", maximum: 65_535 } }, properties: { port: { $ref: "#/$defs/port" }, pair: { prefixItems: [{ type: "string" }, { type: "integer" }], items: false } }, dependentRequired: { tls: ["secret"] }, unevaluatedProperties: true },
    ["charts/db/values.yaml:2: Values.db.port must be <= 65535", "values.yaml:2: Values.db.pair.1 must be integer, and is a text", "charts/db/values.schema.json: Values.db.secret is missing"]],
  ["https://json-schema.org/draft/2019-09/schema", { $defs: { port: { type: "integer", maximum: 65_535 } }, properties: { port: { $ref: "#/$defs/port" }, pair: { items: [{ type: "string" }, { type: "integer" }] } }, dependentRequired: { tls: ["secret"] } },
    ["charts/db/values.yaml:2: Values.db.port must be <= 65535", "values.yaml:2: Values.db.pair.1 must be integer, and is a text", "charts/db/values.schema.json: Values.db.secret is missing"]],
];

for (const [dialect, rules, expected] of dialects) {
  test(`values of a held chart are held to its own schema of ${dialect}, and told from the root with file and line`, () => {
    const files = {
      "values.yaml": "db:\n  pair: [a, b]\n  tls: true\n", "templates/a.yaml": head,
      "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "charts/db/values.yaml": "# beyond\nport: 70000\n", "charts/db/values.schema.json": JSON.stringify({ $schema: dialect, type: "object", ...rules }),
    };
    const found = errors(renderTree(request(files)));
    for (const [index, message] of expected.entries()) assert.ok(found.some((one) => one.includes(message)), `${index}: ${message} in\n${found.join("\n")}`);
    assert.deepEqual(errors(renderTree(request(files, { values: { db: { port: 80, pair: ["a", 1], secret: "s" } } }))), []);
    assert.deepEqual(errors(renderTree(request(files, { skipSchema: true }))), []);
  });
}

test("a value may be the text of a file of the source, over all other layers, and no text is taken for anything else", () => {
  const files = { "values.yaml": "banner: none\n", "files/banner.txt": "true, {a}\nsecond: line\n", "templates/a.yaml": `${head}data: { v: {{ .Values.banner | toJson }} }\n` };
  assert.deepEqual(dataOf(files, { parameters: [{ name: "banner", value: "set" }], fileParameters: [{ name: "banner", path: "files/banner.txt" }] })["a"], { v: "true, {a}\nsecond: line\n" });
  assert.deepEqual(errors(renderTree(request(files, { fileParameters: [{ name: "banner", path: "../banner.txt" }] }))), ["../banner.txt: this file, the value of parameter banner, is not in the source's folder; add it, or correct fileParameters"]);
});
