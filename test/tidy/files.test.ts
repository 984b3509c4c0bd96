import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeOf, root, sourcesBelow } from "./sources.ts";

/** More lines than this are two ideas. */
const fileLinesMax = 500;

const sources = ["src", "cmd", "test", "bench"].flatMap((folder) => sourcesBelow(folder));
const shipped = sources.filter((file) => (file.path.startsWith("src/") || file.path.startsWith("cmd/")) && !file.path.endsWith(".test.ts"));

test("no file is longer than 500 lines", () => {
  assert.deepEqual(sources.filter((file) => !file.path.startsWith("src/model/generated/") && file.lines.length > fileLinesMax).map((file) => `${file.path}: ${file.lines.length}`), []);
});

test("no file or folder has a name that says nothing", () => {
  const banned = /(^|\/)(utils?|common|helpers?|shared|lib|misc|types|index)(\.ts)?(\/|$)/;
  assert.deepEqual(sources.filter((file) => banned.test(file.path)).map((file) => file.path), []);
});

test("file names are kebab-case", () => {
  assert.deepEqual(sources.filter((file) => !/^_?[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|tsx|mts)$/.test(file.path.split("/").at(-1) ?? "")).map((file) => file.path), []);
});

test("nothing is exported wholesale or by default", () => {
  assert.deepEqual(shipped.filter((file) => /export\s+\*|export\s+default/.test(codeOf(file.text))).map((file) => file.path), []);
});

test("time and chance come from the world", () => {
  const banned = /(?<![\w.])(setTimeout|setInterval|Date\.now|Math\.random|new Date\(\))/;
  const wrong = shipped.filter((file) => !file.path.startsWith("src/world/real/") && !file.path.startsWith("src/web/app/") && banned.test(codeOf(file.text)));
  assert.deepEqual(wrong.map((file) => `${file.path}: ${banned.exec(codeOf(file.text))?.[0] ?? ""}`), []);
});

test("no any, no enum, no namespace, no non-null assertion of a call", () => {
  const banned = /:\s*any\b|<any>|as any\b|^\s*(export\s+)?(const\s+)?enum\s/m;
  assert.deepEqual(shipped.filter((file) => banned.test(codeOf(file.text))).map((file) => file.path), []);
});

test("no path of somebody's machine is written down", () => {
  const banned = /\/wor[k]\/|\/tmp\/[a-z]/;
  assert.deepEqual(sources.filter((file) => banned.test(file.text)).map((file) => file.path), []);
});

test("every exported function, class and constant says what it is for", () => {
  const wrong = shipped.filter((file) => !file.path.startsWith("src/model/generated/")).flatMap((file) => file.lines.flatMap((line, index) =>
    /^export (async )?(function|class|const|abstract class)\b/.test(line) && !/\*\/\s*$/.test(file.lines[index - 1] ?? "") ? [`${file.path}:${index + 1}`] : []));
  assert.deepEqual(wrong, []);
});

/** Folders whose files are listed in a file of the same name (DESIGN 3). */
const lists: readonly { readonly folder: string; readonly list: string }[] = [
  { folder: "src/model/kinds", list: "src/model/kinds.ts" },
  { folder: "src/scheduler/plugins", list: "src/scheduler/plugins.ts" },
  { folder: "src/api/admission", list: "src/api/admission.ts" },
  { folder: "src/api/verbs", list: "src/api/pipeline.ts" },
  { folder: "src/render/functions", list: "src/render/functions.ts" },
  { folder: "src/render/engines", list: "src/render/engines.ts" },
  { folder: "src/store/engines", list: "src/store/engines.ts" },
  { folder: "src/jobs/drivers", list: "src/jobs/drivers.ts" },
  { folder: "src/sources/webhooks", list: "src/sources/webhooks.ts" },
  { folder: "cmd/commands", list: "cmd/commands.ts" },
];

for (const { folder, list } of lists) {
  test(`every file of ${folder}/ is in ${list}`, () => {
    const text = readFileSync(join(root, list), "utf8");
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("_"));
    assert.ok(files.length > 0);
    assert.deepEqual(files.filter((name) => !text.includes(`/${name}"`)), []);
  });
}

test("every controller has a folder with its decision and its shell, and is in the list", () => {
  const text = readFileSync(join(root, "src/controllers.ts"), "utf8");
  const folders = readdirSync(join(root, "src/controllers"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert.ok(folders.length > 0);
  assert.deepEqual(folders.filter((name) => !existsSync(join(root, "src/controllers", name, "controller.ts")) || !text.includes(`/${name}/controller.ts"`)), []);
});

test("the lists name folders that exist", () => {
  assert.deepEqual(lists.filter(({ folder, list }) => !existsSync(join(root, folder)) || !existsSync(join(root, list))), []);
});
