import assert from "node:assert/strict";
import { test } from "node:test";
import { printSnapshots, runChartTests } from "./chart-test.ts";
import { printPlace } from "./render.ts";

type Files = Readonly<Record<string, string>>;

const chart: Files = {
  "Chart.yaml": "name: shop\nversion: 1.0.0\n", "values.yaml": "replicas: 1\nlist: [{name: a, n: 1}]\n", "prod.yaml": "replicas: 9\n",
  "templates/a.hbs": `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{Release.Name}}
  namespace: {{Release.Namespace}}
data:
  replicas: {{quote Values.replicas}}
  upgrade: {{quote Release.IsUpgrade}}
  kube: {{quote Capabilities.KubeVersion.Version}}
  old: {{quote (default "none" (get (lookup "v1" "Secret" Release.Namespace "old") "type"))}}
  list: {{quote (toJson Values.list)}}
extra: {{nindent 2 (toYaml Values.list)}}
`,
  "templates/NOTES.hbs": "Run it {{Release.Revision}} times.\n",
};
const helmChart: Files = { "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "values.yaml": "a: x\n", "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  a: {{ .Values.a | upper }}\n" };

function run(tests: string, files: Files = chart, filter?: string): readonly string[] {
  const tree = treeOf({ ...files, "tests/t.yaml": tests });
  return runChartTests(tree, filter === undefined ? {} : { filter }).flatMap(({ name, failures }) => (failures.length === 0 ? [`ok ${name}`] : failures.map(({ place, message }) => `${printPlace(place)}: ${message}`)));
}

function treeOf(files: Files): { readonly kind: "tree"; readonly digest: string; readonly files: Map<string, Uint8Array> } {
  return { kind: "tree", digest: "t", files: new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)) };
}

const passing: readonly (readonly [what: string, test: string])[] = [
  ["a field", "expect: [{ object: ConfigMap/demo, path: data.replicas, equals: \"1\" }]"],
  ["values", "values: { replicas: 3 }\n  expect: [{ object: ConfigMap/demo, path: data.replicas, equals: \"3\", differsFromDefault: true }]"],
  ["a value file", "valueFiles: [prod.yaml]\n  expect: [{ object: ConfigMap/demo, path: data.replicas, equals: \"9\" }]"],
  ["the release", "release: { name: x, namespace: y, isUpgrade: true }\n  expect: [{ object: ConfigMap/x, path: metadata.namespace, equals: y }, { object: ConfigMap/x, path: data.upgrade, equals: \"true\" }]"],
  ["capabilities", "capabilities: { kubeVersion: v1.20.0 }\n  expect: [{ object: ConfigMap/demo, path: data.kube, equals: v1.20.0 }]"],
  ["objects of the cluster", "cluster: [{ apiVersion: v1, kind: Secret, metadata: { name: old, namespace: default }, type: Opaque }]\n  expect: [{ object: ConfigMap/demo, path: data.old, equals: Opaque }]"],
  ["counts", "expect: [{ count: 1 }, { count: 1, kind: ConfigMap }, { count: 0, kind: Secret }]"],
  ["presence", "expect: [{ object: ConfigMap/demo, exists: true }, { object: Secret/demo, exists: false }, { object: ConfigMap/demo, path: data.zz, exists: false }]"],
  ["parts", "expect: [{ object: ConfigMap/demo, path: data.list, contains: name }, { object: ConfigMap/demo, path: extra, contains: { name: a } }, { object: ConfigMap/demo, path: data, contains: { replicas: \"1\" } }, { object: ConfigMap/demo, path: data.kube, matches: ^v1 }]"],
  ["notes", "expect: [{ notes: Run it 1 times }]"],
  ["an error", "values: { replicas: null }\n  expectError: Values.replicas is missing"],
  ["inequality", "expect: [{ object: ConfigMap/demo, path: data.replicas, notEquals: \"2\" }]"],
];

for (const [what, text] of passing) test(`a test may speak of ${what}`, () => assert.deepEqual(run(`- name: it\n  ${text}\n`), ["ok it"]));

const failing: readonly (readonly [what: string, text: string, message: string])[] = [
  ["another value", "expect:\n    - { object: ConfigMap/demo, path: data.replicas, equals: \"2\" }", "tests/t.yaml:3: ConfigMap/demo data.replicas is \"1\", expected \"2\""],
  ["an object that is not there", "expect:\n    - { object: Secret/demo, path: a, equals: 1 }", "tests/t.yaml:3: there is no Secret/demo; there are ConfigMap/demo"],
  ["another count", "expect: [{ count: 2 }]", "tests/t.yaml:2: there are 1 objects, expected 2: ConfigMap/demo"],
  ["a chart that does not render", "values: { replicas: null }\n  expect: [{ count: 1 }]", "tests/t.yaml:1: templates/a.hbs:7:13: Values.replicas is missing; quote needs it; set it in values.yaml, or write (default …)"],
  ["an error that does not come", "expectError: boom", "tests/t.yaml:2: it rendered 1 objects, but an error was expected that says \"boom\""],
  ["another error", "values: { replicas: null }\n  expectError: boom", "tests/t.yaml:3: no error says \"boom\"; they say: Values.replicas is missing; quote needs it; set it in values.yaml, or write (default …)"],
  ["nothing asked", "values: {}", "tests/t.yaml:1: the test expects nothing; write expect, expectError or snapshot: true"],
  ["a misspelt member", "expects: []", "tests/t.yaml:2: nothing reads expects; did you mean expect?"],
  ["a misspelt question", "expect: [{ object: ConfigMap/demo, path: a, equal: 1 }]", "tests/t.yaml:2: nothing reads equal; did you mean equals?"],
  ["no question", "expect: [{ object: ConfigMap/demo, path: a }]", "tests/t.yaml:2: an expectation of ConfigMap/demo a says nothing; use equals, notEquals, contains, matches, exists, differsFromDefault"],
  ["no snapshot", "snapshot: true", "tests/t.yaml:2: there is no snapshot yet; capstan chart test --update writes it"],
];

for (const [what, text, message] of failing) test(`${what} is a failure with its line`, () => assert.deepEqual(run(`- name: it\n  ${text}\n`), [message]));

test("a file that holds no tests says so", () => {
  assert.deepEqual(run("suite: x\ntests: []\n"), ["tests/t.yaml:1: the file must hold a list of tests, each with name, values and expect"]);
  assert.match(run("- name: a\n  expect: [\n")[0] ?? "", /^tests\/t\.yaml:\d+: /);
});

test("Helm charts are tested the same way", () => {
  assert.deepEqual(run("- name: it\n  values: { a: q }\n  expect: [{ object: ConfigMap/demo, path: data.a, equals: Q }]\n", helmChart), ["ok it"]);
});

test("a filter leaves the other tests out", () => {
  assert.deepEqual(run("- name: one\n  expect: [{ count: 1 }]\n- name: two\n  expect: [{ count: 2 }]\n", chart, "one"), ["ok one"]);
});

test("a snapshot is written, holds, and tells field by field what changed", () => {
  const tests = "- name: all\n  snapshot: true\n";
  const tree = treeOf({ ...helmChart, "tests/t.yaml": tests });
  const written = printSnapshots(tree, runChartTests(tree));
  assert.deepEqual([...written.keys()], ["tests/snapshots/t.yaml"]);
  const snapshots = Object.fromEntries(written);
  assert.deepEqual(run(tests, { ...helmChart, ...snapshots }), ["ok all"]);
  assert.deepEqual(run(tests, { ...helmChart, ...snapshots, "values.yaml": "a: z\n" }), ['tests/t.yaml:2: ConfigMap/demo data.a is "Z", the snapshot has "X"; when that is meant, capstan chart test --update']);
});
