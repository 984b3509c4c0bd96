import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LogPreparation } from "./companion-files.ts";

test("a log is lengthened with zeros slice by slice, and keeps what it holds", () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-log-"));
  const path = join(directory, "cluster.db-wal");
  writeFileSync(path, "frames");
  const sizeBytes = 600_000;
  const preparation = new LogPreparation(directory, sizeBytes);
  let steps = 0;
  while (preparation.step()) steps++;
  preparation.close();
  assert.equal(steps, 3);
  assert.deepEqual(readFileSync(path), Buffer.concat([Buffer.from("frames"), Buffer.alloc(sizeBytes - "frames".length)]));
  rmSync(directory, { recursive: true });
});

test("a log that is long enough is left as it is", () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-log-"));
  writeFileSync(join(directory, "cluster.db-wal"), "frames");
  const preparation = new LogPreparation(directory, 3);
  assert.equal(preparation.step(), false);
  preparation.close();
  assert.equal(readFileSync(join(directory, "cluster.db-wal"), "latin1"), "frames");
  rmSync(directory, { recursive: true });
});
