import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveImport, sourcesBelow } from "./sources.ts";

/** DESIGN 3: imports go down only. */
const floors: Readonly<Record<string, number>> = {
  cmd: 8, "src/daemon": 7, "src/web": 6, "src/sources": 5, "src/reconcile": 5, "src/controllers": 5, "src/scheduler": 5, "src/agent": 5,
  "src/control": 4, "src/api": 3, "src/store": 2, charts: 2, "src/render": 2, "src/jobs": 2, "src/model": 1, "src/value": 0, "src/world": 0,
};

/** The folder of the table a file belongs to. */
function folderOf(path: string): string | undefined {
  const [top = "", second = ""] = path.split("/");
  const folder = top === "src" ? `src/${second.replace(/\.ts$/, "")}` : top;
  return folder in floors ? folder : undefined;
}

const sources = [...sourcesBelow("src"), ...sourcesBelow("cmd")].filter((file) => !file.path.endsWith(".test.ts"));

test("there are sources to look at", () => {
  assert.ok(sources.length > 50);
});

test("every file of src belongs to a floor", () => {
  assert.deepEqual(sources.filter((file) => folderOf(file.path) === undefined).map((file) => file.path), []);
});

test("imports go to the own folder or a lower floor", () => {
  const wrong = sources.flatMap((file) => file.imports.flatMap(({ from }) => {
    const target = resolveImport(file, from);
    if (target === undefined || target.endsWith("package.json")) return [];
    const own = folderOf(file.path) ?? "";
    const other = folderOf(target);
    if (other === own) return [];
    if (other === undefined) return [`${file.path} imports ${target}, which is on no floor`];
    return (floors[other] ?? 0) < (floors[own] ?? 0) || (floors[other] === 0 && floors[own] === 0) ? [] : [`${file.path} (floor ${floors[own]}) imports ${target} (floor ${floors[other]})`];
  }));
  assert.deepEqual(wrong, []);
});

test("a file whose name begins with _ is imported only from its own folder", () => {
  const wrong = sources.flatMap((file) => file.imports.flatMap(({ from }) => {
    const target = resolveImport(file, from);
    if (target === undefined || !/\/_[^/]+$/.test(target)) return [];
    return target.slice(0, target.lastIndexOf("/")) === file.path.slice(0, file.path.lastIndexOf("/")) ? [] : [`${file.path} imports ${target}`];
  }));
  assert.deepEqual(wrong, []);
});
