import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isRefName, parsePackedRefs, readRef, readRefs } from "./ref-files.ts";

const one = "1".repeat(40);
const two = "2".repeat(40);

test("a packed tag carries what it leads to", () => {
  assert.deepEqual([...parsePackedRefs(`# pack-refs with: peeled fully-peeled sorted \n${one} refs/heads/main\n${two} refs/tags/v1\n^${one}\nnonsense\n`)], [["refs/heads/main", { id: one }], ["refs/tags/v1", { id: two, peeled: one }]]);
});

test("a name that leaves the repository is no ref", () => {
  for (const name of ["refs/heads/../../../other.git/HEAD", "refs/../HEAD", "config", "refs//x", "refs/heads/.x", "refs/heads/a\nb", "refs/heads/x.lock", "/etc/passwd", ""]) assert.equal(isRefName(name), false, name);
  for (const name of ["HEAD", "refs/heads/main", "refs/heads/deep/er", "refs/tags/v1.0"]) assert.equal(isRefName(name), true, name);
});

test("refs read from files are those git lists, loose, packed, symbolic and deleted ones", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-refs-"));
  context.after(() => { rmSync(directory, { recursive: true }); });
  const git = (...words: readonly string[]) => execFileSync("git", ["-C", directory, "-c", "user.name=a", "-c", "user.email=a@x", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  git("init", "--bare", "--quiet", "--initial-branch=main");
  const tree = git("hash-object", "-t", "tree", "-w", "/dev/null");
  const commits = ["first", "second"].map((message) => git("commit-tree", tree, "-m", message));
  const check = async () => {
    const listed = git("for-each-ref", "--format=%(refname) %(objectname)").split("\n");
    assert.deepEqual([...await readRefs(directory)].map(([ref, { id }]) => `${ref} ${id}`).toSorted(), listed.toSorted());
    for (const line of listed) assert.equal(await readRef(directory, line.split(" ")[0] ?? ""), line.split(" ")[1]);
  };
  for (const ref of ["refs/heads/main", "refs/heads/deep/er", "refs/notes/x"]) git("update-ref", ref, commits[0] ?? "");
  git("tag", "-a", "v1", "-m", "one", commits[0] ?? "");
  await check();
  git("pack-refs", "--all");
  await check();
  git("update-ref", "refs/heads/main", commits[1] ?? "");
  git("update-ref", "-d", "refs/heads/deep/er");
  git("symbolic-ref", "refs/heads/alias", "refs/heads/main");
  writeFileSync(join(directory, "refs", "heads", "left.lock"), "");
  await check();
  assert.equal(await readRef(directory, "refs/heads/none"), undefined);
  assert.equal(await readRef(directory, "HEAD"), commits[1]);
});
