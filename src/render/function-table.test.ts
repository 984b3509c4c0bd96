import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { printFunctionTable } from "./function-table.ts";
import { lintRules } from "./lint.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");

test("docs/functions.md holds the table of all functions; node charts/write-function-table.ts writes it", () => {
  assert.ok(readFileSync(join(docs, "functions.md"), "utf8").includes(`\n${printFunctionTable()}\n`));
});

test("docs/charts.md names every rule of lint with what it finds", () => {
  const text = readFileSync(join(docs, "charts.md"), "utf8");
  assert.deepEqual(lintRules.filter(({ name, finds }) => !text.includes(`| \`${name}\` | ${finds} |`)).map(({ name }) => name), []);
});
