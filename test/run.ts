import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./tidy/sources.ts";

/** Test files at once: the machines have two cores, and of three files one waits for a disk, a timer or a program. */
const filesAtOnce = 3;

/** A file that hangs is ended, and fails, after this. */
const testTimeoutMs = 600_000;

/** Where Node's runner writes its figures. */
const folder = mkdtempSync(join(tmpdir(), "capstan-tests-"));
const tapFile = join(folder, "results.tap");

/**
 * Where Node keeps what it made of a source, without its types and compiled: each test file is a process of its own, and most of them load the same hundreds of
 * sources, which took a third of all processor time.
 */
const compiledFolder = join(folder, "compiled");

/** What `npm test` runs, in this order: what is quick and tells most comes first. */
const steps: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: "types", words: [join(root, "node_modules/typescript/bin/tsc"), "-p", "."] },
  { name: "types of the page", words: [join(root, "node_modules/typescript/bin/tsc"), "-p", "src/web/app"] },
  { name: "lint", words: [join(root, "node_modules/oxlint/bin/oxlint"), "--type-aware", "--quiet", "cmd", "src", "test", "bench"] },
  { name: "layout", words: testWords("test/tidy/*.test.ts") },
  { name: "units", words: testWords("src/**/*.test.ts", "cmd/**/*.test.ts", "charts/**/*.test.ts", "test/{api,control,fuzz,golden,world}/**/*.test.ts") },
  { name: "ports", words: testWords("test/conformance/**/*.test.ts") },
  { name: "simulation", words: testWords("test/sim/**/*.test.ts") },
  { name: "crashes", words: testWords("test/crash/**/*.test.ts") },
  { name: "end to end", words: testWords("test/e2e/**/*.test.ts") },
];

const counts = { passed: 0, failed: 0, skipped: 0 };
const failed: string[] = [];
const only = process.argv.slice(2);

for (const { name, words } of steps.filter((step) => only.length === 0 || only.includes(step.name))) {
  const startedMs = performance.now();
  const isTest = words.includes("--test");
  if (isTest && words.at(-1) === "--test") continue;
  const code = await runStep(words, isTest);
  if (!isTest) counts[code === 0 ? "passed" : "failed"]++;
  if (code !== 0) failed.push(name);
  process.stdout.write(`${code === 0 ? "ok" : "FAILED"}  ${name} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)\n`);
}

rmSync(folder, { recursive: true });
if (failed.length > 0) process.stdout.write(`failed: ${failed.join(", ")}\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = failed.length > 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0;

/** Node's test runner over the files of some patterns; the patterns are resolved here, so that a step without files is seen. */
function testWords(...patterns: readonly string[]): readonly string[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ["**/node_modules/**"] })).toSorted();
  return ["--import", join(root, "test/properties/one-seed.ts"), `--test-concurrency=${filesAtOnce}`, `--test-timeout=${testTimeoutMs}`, "--test-reporter=dot", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${tapFile}`, "--test", ...files];
}

function runStep(words: readonly string[], isTest: boolean): Promise<number> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: compiledFolder };
    const child = spawn(process.execPath, words, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("close", (code) => {
      if (isTest) countTests(readFileSync(tapFile, "utf8"));
      resolve(code ?? 1);
    });
  });
}

/** Adds up what Node's runner reports, and names what failed or was left out. */
function countTests(tap: string): void {
  for (const [key, word] of [["passed", "pass"], ["failed", "fail"], ["skipped", "skipped"]] as const) counts[key] += Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
  for (const [, title] of tap.matchAll(/^\s*not ok \d+ - (.*)$/gm)) process.stdout.write(`not ok: ${title}\n`);
  for (const [, title] of tap.matchAll(/^\s*ok \d+ - (.*# SKIP.*)$/gm)) process.stdout.write(`skipped: ${title}\n`);
}
