import assert from "node:assert/strict";
import { test } from "node:test";
import { lintChart, lintRules } from "./lint.ts";
import { printPlace } from "./render.ts";

type Files = Readonly<Record<string, string>>;

const metadata = 'apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: "1"\ndescription: A shop.\n';
const object = (text: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n${text}`;
const deployment = (image: string, more = ""): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  selector:\n    matchLabels: {a: b}\n  template:\n    metadata:\n      labels: {a: b}\n    spec:\n      containers:\n        - name: a\n          image: ${image}\n${more}`;

function lint(files: Files): readonly string[] {
  const tree = { kind: "tree", digest: "t", files: new Map(Object.entries({ "Chart.yaml": metadata, ...files }).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)) } as const;
  return lintChart(tree).map(({ place, level, rule, message }) => `${printPlace(place)}: ${level} ${rule}: ${message}`);
}

/** Charts that break one rule, and all that is said of them. */
const cases: readonly (readonly [title: string, files: Files, found: readonly string[]])[] = [
  ["a sound chart has no findings", { "values.yaml": "a: x\n", "templates/a.hbs": object("data: {a: {{quote Values.a}} }\n") }, []],
  ["Chart.yaml is asked for what it lacks", { "Chart.yaml": "name: a b\nversion: one\ndescripton: x\n", "templates/a.hbs": "" }, [
    "Chart.yaml:1: error metadata: apiVersion is missing; write apiVersion: v2",
    "Chart.yaml:1: error metadata: name may hold letters, digits, dots, underscores and dashes only",
    "Chart.yaml:1: warning metadata: description is missing; say in one line what the chart runs",
    "Chart.yaml:1: warning metadata: appVersion is missing; it tells people which version of the program runs",
    "Chart.yaml:2: error metadata: version is \"one\"; it must be a semantic version, as \"1.2.3\"",
    "Chart.yaml:3: warning metadata: Chart.yaml has no field descripton; did you mean description?",
  ]],
  ["a value nobody reads is found, its map only once", { "values.yaml": "a: x\nb:\n  c: 1\n  d: 2\ne:\n  f: 1\n  g: 2\n", "templates/a.hbs": object("data: {a: {{quote Values.a}}, f: {{quote Values.e.f}} }\n") }, [
    "values.yaml:2: warning unused: Values.b is set here, and no template reads it", "values.yaml:7: warning unused: Values.e.g is set here, and no template reads it",
  ]],
  ["a map that is handed on whole is read", { "values.yaml": "a: {b: 1}\nc: {d: 1}\ne: [1]\n", "templates/_p.hbs": "x: {{quote d}}\n", "templates/a.hbs": object("data:\n  a: {{quote (toJson Values.a)}}\n  {{> p Values.c}}\n\n{{#each Values.e}}\n  e{{@index}}: {{quote this}}\n{{/each}}\n") }, []],
  ["a misspelt value is found, with the one that was meant", { "values.yaml": "image: {tag: \"1\"}\n", "templates/a.hbs": object("data:\n  {{#if Values.image.tagg}}\n  a: b\n  {{/if}}\n  t: {{quote Values.image.tag}}\n") }, [
    "templates/a.hbs:6:9: warning undeclared: Values.image.tagg is read here, and values.yaml has no image.tagg; did you mean Values.image.tag?",
  ]],
  ["what the schema declares, or a map leaves open, may be read", { "values.yaml": "env: {}\n", "values.schema.json": '{"properties":{"env":{"type":"object"},"extra":{"type":"string"}}}', "templates/a.hbs": object("data:\n{{#if Values.extra}}\n  a: b\n{{/if}}\n{{#if Values.env.FOO}}\n  c: d\n{{/if}}\n") }, []],
  ["a value beside those of the schema is found", { "values.yaml": "a: 1\nb: 2\n", "values.schema.json": '{"properties":{"a":{"type":"integer"}}}', "templates/a.hbs": object("data: {a: {{quote (print Values.a Values.b)}} }\n") }, [
    "values.yaml:2: warning schema: Values.b is not in values.schema.json; capstan chart schema --write adds it",
  ]],
  ["defaults that do not fit the schema are errors at their line", { "values.yaml": "# one\na: x\n", "values.schema.json": '{"properties":{"a":{"type":"integer"}}}', "templates/a.hbs": object("data: {a: {{quote Values.a}} }\n") }, [
    "values.yaml:2: error render: Values.a must be integer, and is a text; the value is from values.yaml",
  ]],
  ["a template that cannot be read is one error, and nothing is called unused", { "values.yaml": "a: 1\n", "templates/a.hbs": "{{#if Values.a}}" }, ["templates/a.hbs:1: error render: the template ends before a block or expression is closed, near \"{{#if Values.a}}\""]],
  ["images without a version are found at their line", { "templates/a.hbs": `${deployment("registry:5000/app")}---\n${deployment("b:latest").replace("name: a", "name: b")}---\n${deployment("c@sha256:0123").replace("name: a", "name: c")}` }, [
    "templates/a.hbs:14:11: warning images: the image registry:5000/app of Deployment a has no tag; name the version, or better the digest",
    "templates/a.hbs:29:11: warning images: the image b:latest of Deployment b has the tag latest; name the version, or better the digest",
  ]],
  ["an invalid object is told with the field and its line", { "values.yaml": "port: 70000\n", "templates/a.hbs": deployment("a:1", "          ports:\n            - containerPort: {{Values.port}}\n          comand: [a]\n") }, [
    "templates/a.hbs:16:13: error objects: Deployment a: spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    'templates/a.hbs:17:11: error objects: Deployment a: unknown field "spec.template.spec.containers[0].comand"',
  ]],
  ["a field of the wrong type is told", { "templates/a.hbs": deployment("a:1").replace("spec:\n  selector", "spec:\n  replicas: two\n  selector") }, [
    'templates/a.hbs:6:3: error objects: Deployment a: spec.replicas: Invalid value: "two": must be an integer',
  ]],
  ["a kind of another version is named, an unknown one only warned of", { "templates/a.hbs": "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: a}\n" }, [
    "templates/a.hbs:1:1: error objects: Ingress a: extensions/v1beta1 Ingress is not served; it is networking.k8s.io/v1 here",
    "templates/a.hbs:5:1: warning objects: Issuer a: cert-manager.io/v1 Issuer is not served unless something else defines it",
  ]],
  ["Helm charts are read too: fields, variables, index, define and tpl", {
    "values.yaml": "a: x\nb-c: {d: y}\ne: 1\nf: \"{{ .Values.g }}\"\ng: z\nh: 1\n",
    "templates/_p.tpl": '{{- define "p" -}}{{ $v := . }}{{ $.Values.a }}{{ index .Values "b-c" "d" }}{{- end -}}',
    "templates/a.yaml": object('data:\n  p: {{ include "p" . | quote }}\n  e: {{ with .Values.e }}{{ . | quote }}{{ end }}\n  f: {{ tpl .Values.f . }}\n  x: {{ .Values.x | default "none" }}\n'),
  }, ["templates/a.yaml:9:9: warning undeclared: Values.x is read here, and values.yaml has no x", "values.yaml:6: warning unused: Values.h is set here, and no template reads it"]],
  ["a folder that is no chart is one error", { "Chart.yaml": "version: 1.0.0\n" }, ["Chart.yaml:1: error chart: the chart needs at least `name: …` here"]],
];

for (const [title, files, found] of cases) test(title, () => assert.deepEqual(lint(files), found));

test("every rule is broken by some chart", () => {
  const broken = new Set(cases.flatMap(([, , found]) => found.map((line) => line.split(": ")[1]?.split(" ")[1])));
  assert.deepEqual(lintRules.map(({ name }) => name).filter((name) => !broken.has(name)), []);
});
