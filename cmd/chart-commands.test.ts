import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findCommand } from "./commands.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

const folder = mkdtempSync(join(tmpdir(), "capstan-charts-"));
after(() => { rmSync(folder, { recursive: true }); });

/** Runs one command as a person would; the folder of the chart is named absolutely. */
async function run(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const found = findCommand(words);
  assert.ok(found !== undefined, words.join(" "));
  const lines: string[] = [];
  try {
    const code = await found.command.run({
      words: found.rest, environment: {}, signal: new AbortController().signal, nowMs: () => 0, sleep: async () => {}, confirm: async () => false,
      output: { isTerminal: false, print: (text) => { lines.push(text); }, note: () => {} },
    });
    return { code, text: lines.join("\n") };
  } catch (error) {
    if (error instanceof CommandError) return { code: error.exitCode, text: error.message };
    throw error;
  }
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), `${file} holds ${from}`);
  writeFileSync(file, text.replace(from, to));
}

for (const engine of ["handlebars", "go"]) {
  test(`a new ${engine} chart is made, tested, linted, rendered, packed and typed`, async () => {
    const chart = join(folder, engine, "shop");
    assert.equal((await run("chart", "new", chart, "--engine", engine)).code, exitCodes.done);
    assert.equal((await run("chart", "new", chart)).code, exitCodes.refused);
    assert.deepEqual(await run("chart", "lint", chart, "--strict"), { code: exitCodes.done, text: "nothing to mend" });
    const tested = await run("chart", "test", chart);
    assert.match(tested.text, /^6 passed, 0 failed$/m);
    assert.equal(tested.code, exitCodes.done);
    const rendered = await run("chart", "render", chart, "--set", "replicas=4", "--set", "message=hi", "-o", "json");
    const objects = JSON.parse(rendered.text) as readonly { readonly kind: string; readonly spec?: { readonly replicas?: number }; readonly data?: { readonly MESSAGE?: string } }[];
    assert.deepEqual([objects.find(({ kind }) => kind === "Deployment")?.spec?.replicas, objects.find(({ kind }) => kind === "ConfigMap")?.data?.MESSAGE], [4, "hi"]);
    assert.deepEqual(JSON.parse((await run("chart", "schema", chart)).text), JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")));
    const packed = JSON.parse((await run("chart", "package", chart, "--into", folder, "-o", "json")).text) as { readonly file: string; readonly digest: string };
    assert.deepEqual(JSON.parse((await run("chart", "package", chart, "--into", folder, "-o", "json")).text), packed);
    assert.match(execFileSync("tar", ["tzf", packed.file], { encoding: "utf8" }), /^shop\/Chart\.yaml\nshop\/\.helmignore\n/);
  });
}

test("what is broken is told with file and line, and an exit code of its own", async () => {
  const chart = join(folder, "broken");
  await run("chart", "new", chart);
  edit(join(chart, "values.yaml"), "replicas: 1", "replicas: one");
  edit(join(chart, "templates/service.hbs"), "targetPort: http", "targetPort: {{Values.service.prot}}");
  const linted = await run("chart", "lint", chart);
  assert.equal(linted.code, exitCodes.faulty);
  assert.deepEqual(linted.text.replaceAll(`${chart}/`, "").split("\n"), [
    "templates/service.hbs:8:21: warning: Values.service.prot is read here, and values.yaml has no service.prot; did you mean Values.service.port? (undeclared)",
    "values.yaml:8: error: Values.replicas must be integer, and is a text; the value is from values.yaml (render)",
    "1 error, 1 warning",
  ]);
  const tested = await run("chart", "test", chart, "--filter", "defaults", "-o", "json");
  assert.equal(tested.code, exitCodes.faulty);
  assert.match(tested.text, /"message": "values\.yaml:8: Values\.replicas must be integer, and is a text/);
});

test("snapshots are written where tests ask for them", async () => {
  const chart = join(folder, "snap");
  await run("chart", "new", chart);
  writeFileSync(join(chart, "tests/all.yaml"), "- name: everything\n  snapshot: true\n");
  assert.equal((await run("chart", "test", chart, "--filter", "everything")).code, exitCodes.faulty);
  assert.equal((await run("chart", "test", chart, "--update")).code, exitCodes.done);
  assert.ok(existsSync(join(chart, "tests/snapshots/all.yaml")));
  edit(join(chart, "values.yaml"), "replicas: 1", "replicas: 2");
  assert.match((await run("chart", "test", chart, "--filter", "everything")).text, /Deployment\/demo spec\.replicas is 2, the snapshot has 1/);
});

test("words nobody knows and folders that are no charts are refused, each with its exit code", async () => {
  const chart = join(folder, "words");
  await run("chart", "new", chart);
  for (const [words, code, says] of [
    [["new", join(folder, "Bad_Name")], exitCodes.usage, /cannot name a chart/], [["new", join(folder, "x"), "--engine", "jinja"], exitCodes.usage, /choose one of handlebars, go/],
    [["lint", join(folder, "nowhere")], exitCodes.notFound, /is no folder/], [["test", folder], exitCodes.notFound, /is no chart/], [["render", chart, "-f", "none.yaml"], exitCodes.notFound, /no value file none\.yaml/],
    [["render", chart, "--set", "x"], exitCodes.usage, /write KEY=VALUE/], [["lint", folder, "--loud"], exitCodes.usage, /usage: capstan chart lint/],
  ] as const) {
    const result = await run("chart", ...words);
    assert.equal(result.code, code, result.text);
    assert.match(result.text, says);
  }
});

test("a value file may lie in the chart or outside of it", async () => {
  const chart = join(folder, "files");
  await run("chart", "new", chart);
  writeFileSync(join(chart, "prod.yaml"), "replicas: 5\n");
  writeFileSync(join(folder, "more.yaml"), "message: from outside\n");
  const { text } = await run("chart", "render", chart, "-f", "prod.yaml", "-f", join(folder, "more.yaml"));
  assert.match(text, /replicas: 5\n/);
  assert.match(text, /MESSAGE: from outside\n/);
  writeFileSync(join(folder, "message.txt"), "of a file");
  assert.match((await run("chart", "render", chart, "--set-file", `message=${join(folder, "message.txt")}`)).text, /MESSAGE: of a file\n/);
  assert.match((await run("chart", "render", chart, "--set-file", "message=nowhere.txt")).text, /there is no file nowhere\.txt/);
});

test("a chart made before schemas were gets one that its own values fit, once and for all, and keeps what it had", async () => {
  const chart = join(folder, "older");
  mkdirSync(join(chart, "templates"), { recursive: true });
  mkdirSync(join(chart, "charts/db"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: older\nversion: 0.1.0\ndependencies:\n  - { name: db, version: 1.x, alias: store }\n");
  writeFileSync(join(chart, "charts/db/Chart.yaml"), "apiVersion: v2\nname: db\nversion: 1.0.0\n");
  writeFileSync(join(chart, "charts/db/values.yaml"), "size: 1\n");
  writeFileSync(join(chart, "values.yaml"), "# How many.\nreplicas: 1\nempty: {}\nnothing: null\nratio: 0.5\nlist: [{ name: a }]\nmixed: [1, a]\nglobal: { region: eu }\nstore: { size: 2 }\n");
  writeFileSync(join(chart, "templates/a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { all: {{ .Values | toJson | quote }} }\n");
  assert.match((await run("chart", "schema", chart, "--write")).text, /^wrote .*values\.schema\.json$/);
  const [values, schema] = ["values.yaml", "values.schema.json"].map((file) => readFileSync(join(chart, file), "utf8"));
  assert.match(values ?? "", /^# yaml-language-server: \$schema=values\.schema\.json\n/);
  assert.equal((await run("chart", "render", chart)).code, exitCodes.done);
  assert.equal((await run("chart", "render", chart, "--set", "store.anything=1", "--set", "global.more=1", "--set", "empty.any=1", "--set", "nothing=some")).code, exitCodes.done);
  assert.match((await run("chart", "render", chart, "--set", "replica=2")).text, /Values\.replica is not in the schema; did you mean Values\.replicas\?/);
  await run("chart", "schema", chart, "--write");
  assert.deepEqual(["values.yaml", "values.schema.json"].map((file) => readFileSync(join(chart, file), "utf8")), [values, schema]);
  edit(join(chart, "values.schema.json"), '"type": "integer"', '"type": "integer",\n      "maximum": 3');
  edit(join(chart, "values.yaml"), "ratio: 0.5", "ratio: 0.5\nadded: text");
  await run("chart", "schema", chart, "--write");
  const { properties } = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as { readonly properties: { readonly replicas: { readonly maximum: number }; readonly added: { readonly type: string } } };
  assert.deepEqual([properties.replicas.maximum, properties.added.type], [3, "string"]);
});

test("a package is given its version and verified by who signed it", async () => {
  const chart = join(folder, "release");
  await run("chart", "new", chart);
  const packed = await run("chart", "package", chart, "--into", folder, "--version", "3.0.0", "--app-version", "7", "-o", "json");
  const { file } = JSON.parse(packed.text) as { readonly file: string };
  assert.match(file, /release-3\.0\.0\.tgz$/);
  assert.match((await run("chart", "render", file, "--name", "packed", "--set", "message=of a package")).text, /MESSAGE: of a package\n/);
  assert.match((await run("chart", "render", folder)).text, /is no chart: it has no Chart\.yaml; capstan chart new NAME makes one/);
  assert.match(execFileSync("tar", ["xzOf", file, "release/Chart.yaml"], { encoding: "utf8" }), /^version: "3\.0\.0"$/m);
  assert.deepEqual([(await run("chart", "package", chart, "--version", "new")).code, (await run("chart", "verify", file)).code, (await run("chart", "verify", file, "--keyring", file)).code], [exitCodes.usage, exitCodes.usage, exitCodes.notFound]);
  writeFileSync(`${file}.prov`, "unsigned\n");
  const refused = await run("chart", "verify", file, "--keyring", file);
  assert.equal(refused.code, exitCodes.refused);
  assert.match(refused.text, /the keyring holds no OpenPGP public keys/);
});

test("a chart that does not come to an end is told by test and lint as by render", async () => {
  const chart = join(folder, "endless");
  await run("chart", "new", chart, "--engine", "go");
  writeFileSync(join(chart, "templates/endless.yaml"), "{{ range until 9999 }}{{ $x := sha512sum (repeat 1000000 \"ab\") }}{{ end }}");
  const words = [chart, "--render-seconds", "0.5"];
  const message = /templates\/endless\.yaml: (?:error: )?the render of \S+ took longer than 0\.5 s and was stopped here/;
  for (const command of ["render", "lint", "test"]) {
    const result = await run("chart", command, ...words, ...(command === "test" ? ["--filter", "defaults"] : []));
    assert.equal(result.code, command === "render" ? exitCodes.refused : exitCodes.faulty);
    assert.match(result.text, message);
  }
});
