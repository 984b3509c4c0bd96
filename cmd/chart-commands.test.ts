import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  for (const [words, code, says] of [
    [["new", join(folder, "Bad_Name")], exitCodes.usage, /cannot name a chart/], [["new", join(folder, "x"), "--engine", "jinja"], exitCodes.usage, /choose one of handlebars, go/],
    [["lint", join(folder, "nowhere")], exitCodes.notFound, /is no folder/], [["test", folder], exitCodes.notFound, /is no chart/], [["render", folder, "-f", "none.yaml"], exitCodes.notFound, /no value file none\.yaml/],
    [["render", folder, "--set", "x"], exitCodes.usage, /write KEY=VALUE/], [["lint", folder, "--loud"], exitCodes.usage, /usage: capstan chart lint/],
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
});
