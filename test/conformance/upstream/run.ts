import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { TestDaemon } from "../../e2e/daemon.ts";

/** Of one test, when nobody says otherwise: some wait for a compaction of the store, which comes every five minutes. */
const secondsDefault = 480;
/** What a test that is out of time has left to take away what it made. */
const graceSeconds = 10;
/** Bytes of a failed test's last words that are shown. */
const shownMax = 4_000;

/** A test of Kubernetes' program, and whether it is known to pass. */
interface UpstreamTest {
  readonly name: string;
  readonly passes: boolean;
}

/** `npm run conformance -- PATH`: asks a daemon of its own what Kubernetes' program at PATH, `e2e.test`, asks a cluster, a process for each test. */
const { values, positionals: [program] } = parseArgs({ allowPositionals: true, options: { focus: { type: "string", default: "" }, jobs: { type: "string", default: "2" }, seconds: { type: "string", default: String(secondsDefault) }, runtime: { type: "string", default: "simulated" } } });
if (program === undefined) {
  process.stderr.write("which program? npm run conformance -- PATH-OF-e2e.test [--focus TEXT] [--jobs N] [--seconds N] [--runtime simulated|containerd]; docs/conformance.md tells where it comes from\n");
  process.exit(2);
}
const tests = readTests().filter(({ name }) => name.includes(values.focus));
const waiting = [...tests];
const daemon = await TestDaemon.start(["--no-demo", "--redis", "none", "--runtime", values.runtime, "--node", "e2e"]);
const unexpected: string[] = [];
const counts = { passed: 0, FAILED: 0, "not in this program": 0 };
try {
  await Promise.all(Array.from({ length: Number(values.jobs) }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const startedMs = performance.now();
      const { outcome, words } = await run(program, next.name);
      counts[outcome]++;
      process.stdout.write(`${outcome} ${Math.round((performance.now() - startedMs) / 1000)} s ${next.name}\n`);
      if (outcome === "not in this program" || (outcome === "passed") === next.passes) continue;
      unexpected.push(`${next.passes ? "passed before" : "passes now"}: ${next.name}`);
      if (next.passes) process.stdout.write(`${words.slice(-shownMax)}\n`);
    }
  }));
} finally {
  await daemon.close();
}
process.stdout.write(`${Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`).join(", ")}\n${unexpected.map((line) => `${line}\n`).join("")}`);
process.exitCode = unexpected.length > 0 ? 1 : 0;

/** `pass NAME` or `fail NAME` a line; what begins with # is for people. */
function readTests(): readonly UpstreamTest[] {
  const lines = readFileSync(new URL("tests.txt", import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => ({ passes: line.startsWith("pass "), name: line.slice("pass ".length) }));
}

function run(path: string, name: string): Promise<{ readonly outcome: keyof typeof counts; readonly words: string }> {
  const child = spawn(path, [
    "--kubeconfig", daemon.kubeconfig, "--provider=skeleton", "--num-nodes=1", "--allowed-not-ready-nodes=0", "--disable-log-dump",
    "--ginkgo.no-color", `--ginkgo.timeout=${values.seconds}s`, `--ginkgo.grace-period=${graceSeconds}s`, `--ginkgo.focus=${RegExp.escape(name)}$`,
  ], { stdio: ["ignore", "pipe", "pipe"], cwd: daemon.home });
  let words = "";
  const take = (chunk: Buffer) => { words += chunk.toString(); };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => { resolve({ outcome: outcomeOf(code, words), words }); });
  });
}

/** A test that skips itself has not passed. */
function outcomeOf(code: number | null, words: string): keyof typeof counts {
  if (words.includes("Ran 0 of ") && !words.includes("[SKIPPED]")) return "not in this program";
  return code === 0 && /\b1 Passed\b/.test(words) ? "passed" : "FAILED";
}
