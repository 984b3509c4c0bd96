import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "../../cmd/commands.ts";
import { serveFlags } from "../../src/daemon/settings.ts";
import { root } from "./sources.ts";

const pages: ReadonlyMap<string, string> = new Map(["README.md", "CONTRIBUTING.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].map((path) => [path, readFileSync(join(root, path), "utf8")]));

/** The text of one page. */
function page(path: string): string {
  return pages.get(path) ?? assert.fail(`there is no ${path}`);
}

/** Words at the beginning of the rows of a table: a row of cli.md is a command. */
function rowsOf(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].flatMap(([, words]) => words ?? []);
}

test("docs/cli.md tells every command, and no other", () => {
  const rows = rowsOf(page("docs/cli.md"));
  const names = commands.map(({ name }) => name);
  const isTold = (name: string) => rows.some((row) => row === name || row.startsWith(`${name} `)) || page("docs/cli.md").includes(`\`${name}\``);
  assert.deepEqual(names.filter((name) => !isTold(name)), []);
  assert.deepEqual(rows.filter((row) => /^[a-z]/.test(row) && !names.some((name) => row === name || row.startsWith(`${name} `))), []);
});

test("every flag of the daemon is told, with the rest of its family at least", () => {
  const told = `${page("docs/operating.md")}${page("docs/access.md")}`;
  assert.deepEqual(Object.keys(serveFlags).filter((name) => !new RegExp(`--${name}(?![\\w-])`).test(told)), []);
});

test("every flag the first column of a table in docs/ names is one of a command", () => {
  const known = new Set([...Object.keys(serveFlags), ...commands.flatMap(({ flags }) => Object.keys(flags))]);
  const wrong = [...pages].filter(([path]) => path.startsWith("docs/") && path !== "docs/performance.md").flatMap(([path, text]) =>
    [...text.matchAll(/^\|((?:[^|\\]|\\.)+)\|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/--([a-z][a-z-]*)(?=[\s`=,|]|$)/g)].flatMap(([, flag = ""]) => (known.has(flag) ? [] : [`${path}: --${flag}`]))));
  assert.deepEqual(wrong, []);
});

test("every link from one page to another leads somewhere", () => {
  const anchorsOf = (text: string) => new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title.toLowerCase().replaceAll(/[^\w\s-]/g, "").trim().replaceAll(/\s/g, "-")));
  const wrong = [...pages].flatMap(([path, text]) => [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, file = "", anchor]) => {
    const target = file === "" ? path : join(path, "..", file);
    const isThere = existsSync(join(root, target)) && (anchor === undefined || anchorsOf(pages.get(target) ?? "").has(anchor));
    return isThere ? [] : [`${path}: ${link}`];
  }));
  assert.deepEqual(wrong, []);
});
