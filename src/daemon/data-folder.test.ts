import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDataFolder } from "./data-folder.ts";
import { explainStart, parseSettings } from "./settings.ts";

test("a folder is made with those above it, for this user alone; one that is there stays", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "capstan-data-"));
  context.after(() => { rmSync(folder, { recursive: true }); });
  const path = join(folder, "a", "b", "c");
  await makeDataFolder(path);
  await makeDataFolder(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

for (const [what, place, reason] of [["a file system that takes no folders", "/proc/x", /--data \/proc\/x .*; give another with --data DIR/], ["a file", "file", /--data \S+file is no folder; give another/], ["below a file", "file/x", /--data \S+file\/x lies in what is no folder; give another/]] as const) {
  test(`a data directory that cannot be made fails at once and says so: ${what}`, { timeout: 5_000 }, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "capstan-data-"));
    context.after(() => { rmSync(folder, { recursive: true }); });
    writeFileSync(join(folder, "file"), "");
    const path = place.startsWith("/") ? place : join(folder, place);
    const settings = parseSettings(["--data", path], {}, "n");
    await assert.rejects(makeDataFolder(path).catch((error: unknown) => { throw explainStart(error, settings); }), reason);
  });
}
