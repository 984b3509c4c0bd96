import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { realChance } from "../world/real/chance.ts";
import { openSecretKeys, parseKeys } from "./secret-keys.ts";

test("a key file is made once, for its owner only, and one that others may read is refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "capstan-keys-"));
  const path = join(directory, "secret-keys");
  const made = await openSecretKeys(path, { chance: realChance });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await openSecretKeys(path, { chance: realChance }), made);
  assert.deepEqual(made.prefixes.toSorted(), ["/registry/capstan.dev/artifacts/", "/registry/core/secrets/"]);
  await chmod(path, 0o644);
  await assert.rejects(openSecretKeys(path, { chance: realChance }), { message: `--secret-keys ${path} may be read by others: chmod 600 ${path}` });
  assert.ok((await readFile(path, "utf8")).startsWith("# Keys that seal secrets"));
  await rm(directory, { recursive: true });
});

test("a line that is no key is named and not shown", () => {
  assert.throws(() => parseKeys("# one\nc2hvcnQ=\n", "/k"), { message: "--secret-keys /k:2: not 32 bytes in base64; make a key with: openssl rand -base64 32" });
  assert.throws(() => parseKeys("\n", "/k"), { message: "--secret-keys /k: holds no key; make one with: openssl rand -base64 32" });
});
