import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileOfPackage } from "./generate.ts";
import { printTypes } from "./print-types.ts";
import { schemaPackages } from "./schema.ts";

for (const pkg of schemaPackages) {
  test(`the types of ${pkg.package} are those its schema prints`, () => {
    const file = new URL(`generated/${fileOfPackage(pkg.package)}.ts`, import.meta.url);
    assert.equal(readFileSync(file, "utf8"), printTypes(pkg, fileOfPackage), "run `npm run generate`");
  });
}
