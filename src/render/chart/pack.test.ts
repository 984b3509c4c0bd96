import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FileTree } from "../../value/file-tree.ts";
import { packChart } from "./pack.ts";
import { unpackChart } from "./tar.ts";

function treeOf(files: Readonly<Record<string, string>>): FileTree {
  return { kind: "tree", digest: "t", files: new Map(Object.entries({ "Chart.yaml": "name: shop\nversion: 1.2.3\n", ...files }).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)) };
}

const segment = fc.stringMatching(/^[a-z]{1,30}$/);

test("what is packed is unpacked again, whatever order it came in, to the same bytes", () => {
  fc.assert(fc.property(fc.dictionary(fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => `x/${parts.join("/")}`), fc.string({ maxLength: 2_000 }), { maxKeys: 8 }), (files) => {
    const tree = treeOf(files);
    const { bytes } = packChart(tree);
    assert.deepEqual(packChart({ ...tree, files: new Map([...tree.files].toReversed()) }).bytes, bytes);
    const found = unpackChart("shop.tgz", bytes);
    assert.deepEqual([...found.keys()].toSorted(), [...tree.files.keys()].toSorted());
    for (const [path, content] of tree.files) assert.deepEqual(Buffer.from(found.get(path) ?? []), Buffer.from(content));
  }), { numRuns: 50 });
});

test("a package is named after the chart, and .helmignore keeps files out of it", () => {
  const { fileName, bytes } = packChart(treeOf({ ".helmignore": "*.bak\ntests/\n", "a.bak": "x", "tests/t.yaml": "x", "templates/a.hbs": "x" }));
  assert.equal(fileName, "shop-1.2.3.tgz");
  assert.deepEqual([...unpackChart(fileName, bytes).keys()], ["Chart.yaml", ".helmignore", "templates/a.hbs"]);
});

test("a chart without a version is not packed", () => {
  assert.throws(() => packChart({ kind: "tree", digest: "t", files: new Map([["Chart.yaml", new TextEncoder().encode("name: a\n")]]) }), /semantic version/);
});

test("a package may be given another version than its folder, whose other lines stay", () => {
  const tree = treeOf({ "Chart.yaml": "# ours\nname: shop\nversion: 1.2.3 # the last one\ntype: application\n" });
  const { fileName, bytes } = packChart(tree, { version: "2.0.0-rc.1+b5", appVersion: "9.10" });
  assert.equal(fileName, "shop-2.0.0-rc.1+b5.tgz");
  assert.equal(Buffer.from(unpackChart(fileName, bytes).get("Chart.yaml") ?? []).toString(), '# ours\nname: shop\nversion: "2.0.0-rc.1+b5"\ntype: application\nappVersion: "9.10"\n');
  assert.equal(Buffer.from(tree.files.get("Chart.yaml") ?? []).toString().includes("2.0.0"), false);
  assert.throws(() => packChart(treeOf({ "Chart.yaml": "{name: shop, version: 1.2.3}\n" }), { version: "2.0.0" }), /lines of their own|cannot be read|end of|expected/i);
});
