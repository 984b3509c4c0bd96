import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { builtInDoors, freeBuiltIns, packageDoors, requiredPackages } from "./doors.ts";
import { root, sourcesBelow } from "./sources.ts";

const sources = ["src", "cmd"].flatMap((folder) => sourcesBelow(folder)).filter((file) => !file.path.endsWith(".test.ts"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly dependencies: Record<string, string>; readonly devDependencies: Record<string, string> };

/** The package of an import: `@scope/name/deep` is `@scope/name`. */
function packageOf(from: string): string {
  return from.split("/").slice(0, from.startsWith("@") ? 2 : 1).join("/");
}

function isAllowed(path: string, doors: readonly string[] | undefined): boolean {
  return doors?.some((door) => (door.endsWith("/") ? path.startsWith(door) : path === door)) === true;
}

test("every package enters through its door", () => {
  const wrong = sources.flatMap((file) => file.imports
    .filter(({ from, isType }) => !isType && !from.startsWith(".") && !from.startsWith("node:") && !isAllowed(file.path, packageDoors[packageOf(from)]))
    .map(({ from }) => `${file.path} imports ${from}`));
  assert.deepEqual(wrong, []);
});

test("every built-in that touches the world enters through its door", () => {
  const wrong = sources.flatMap((file) => file.imports
    .filter(({ from, isType }) => !isType && from.startsWith("node:") && !freeBuiltIns.has(from) && !isAllowed(file.path, builtInDoors[from]))
    .map(({ from }) => `${file.path} imports ${from}`));
  assert.deepEqual(wrong, []);
});

test("no door leads nowhere", () => {
  const used = new Map<string, string[]>();
  for (const file of sources) for (const { from } of file.imports) used.set(from.startsWith("node:") ? from : packageOf(from), [...(used.get(from.startsWith("node:") ? from : packageOf(from)) ?? []), file.path]);
  const wrong = Object.entries({ ...packageDoors, ...builtInDoors }).flatMap(([name, doors]) => doors.filter((door) => !(used.get(name) ?? []).some((path) => isAllowed(path, [door]))).map((door) => `${name} at ${door}`));
  assert.deepEqual(wrong, []);
});

test("every package the daemon installs is used", () => {
  assert.deepEqual(Object.keys(manifest.dependencies).filter((name) => packageDoors[name] === undefined && !requiredPackages.has(name)), []);
});

test("versions are pinned exactly", () => {
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  assert.deepEqual(loose, []);
});
