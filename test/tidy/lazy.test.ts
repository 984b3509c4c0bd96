import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveImport, sourcesBelow } from "./sources.ts";
import type { SourceFile } from "./sources.ts";

/** What most daemons are never asked for, and who asks: it enters the memory with the first question. */
const lazyFiles: readonly string[] = [
  // The texts of `kubectl explain`: 200 kB, for the OpenAPI documents only.
  "src/model/descriptions.ts",
];

const files: ReadonlyMap<string, SourceFile> = new Map(sourcesBelow("src").filter(({ path }) => !path.endsWith(".test.ts")).map((file) => [file.path, file]));

/** Paths a file imports as soon as it is loaded. */
function importedAtOnce(file: SourceFile): readonly string[] {
  const awaited = new Set([...file.text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(([, from]) => from));
  return file.imports.flatMap(({ from, isType }) => (isType || awaited.has(from) ? [] : resolveImport(file, from) ?? []));
}

test("what is seldom asked for is not loaded when the daemon starts", () => {
  const open = [...files.keys()].filter((path) => path.startsWith("src/daemon/"));
  const loaded = new Set(open);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = files.get(path);
    for (const next of file === undefined ? [] : importedAtOnce(file)) {
      if (loaded.has(next)) continue;
      loaded.add(next);
      open.push(next);
    }
  }
  assert.ok(loaded.has("src/api/http/openapi.ts"));
  assert.deepEqual(lazyFiles.filter((path) => !files.has(path)), []);
  assert.deepEqual(lazyFiles.filter((path) => loaded.has(path)), []);
});
