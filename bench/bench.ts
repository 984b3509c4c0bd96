import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { apiStageNames, benchApi } from "./api.ts";
import { benchDirectory, childrenOf, endWithSignals, startBenchDaemon } from "./daemon.ts";
import type { BenchDaemon } from "./daemon.ts";
import { benchPush, percentile } from "./push.ts";
import type { PushBench } from "./push.ts";
import { benchLanguages, benchRender } from "./render.ts";
import { benchStore, printStoreBench } from "./store.ts";

/** The parts that can be asked for by name; without a name all run. */
const partNames = ["store", "api", "render", "start", "push", "memory"] as const;

/** Rounds of 1 s for each contender and number of writers. */
const storeRounds = 5;
const storeRoundMs = 1_000;

/** How long writes and reads of the API are measured each, how long they run before that, and how many pods there are in the end. */
const apiLoadMs = 10_000;
const apiWarmMs = 10_000;
const podsDefault = 50_000;

/** Later starts measured; the first start of a directory is not one of them. */
const startRounds = 5;

/** The demo is left alone this long before memory is read. */
const settleSecondsDefault = 60;

/** Pushes counted for each number of replicas; 30 in all. */
const pushesDefault = 15;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { pushes: { type: "string" }, pods: { type: "string" }, stages: { type: "string" }, settle: { type: "string" }, verbose: { type: "boolean", short: "v" }, help: { type: "boolean", short: "h" } },
});
const stages = new Set<string>(flags.stages?.split(",") ?? apiStageNames);
const unknown = [...positionals.filter((name) => !partNames.some((part) => part === name)), ...[...stages].filter((name) => !apiStageNames.some((stage) => stage === name))];
if (flags.help === true || unknown.length > 0) {
  console.error(`usage: npm run bench -- [${partNames.join("|")}]… [--pushes N] [--pods N] [--stages ${apiStageNames.join(",")}] [--settle SECONDS] [--verbose]`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const settleMs = Number(flags.settle ?? settleSecondsDefault) * 1_000;
const parts = new Set<string>(positionals.length === 0 ? partNames : positionals);

endWithSignals();
console.log(`Capstan's figures on ${cpus().length} cores of ${cpus()[0]?.model ?? "an unknown processor"}, Linux ${release()}, Node ${process.versions.node}\n`);
if (parts.has("store")) console.log(`${printStoreBench(await benchStore({ rounds: storeRounds, roundMs: storeRoundMs }))}\n`);
if (parts.has("api")) {
  await benchApi({ loadMs: apiLoadMs, warmMs: apiWarmMs, pods: Number(flags.pods ?? podsDefault), stages });
  console.log("");
}
if (parts.has("render")) {
  console.log("Rendering of a chart of 20 templates, renders per second of one core");
  for (const language of benchLanguages) {
    const { coldMs, rendersPerSecond, tracedPerSecond, ratio, keptBytes, packMs } = benchRender(language);
    console.log(`  ${language.padEnd(12)}${Math.round(rendersPerSecond)}/s warm, the first ${Math.round(coldMs)} ms; ${Math.round(tracedPerSecond)}/s with the origin of every scalar (${ratio.toFixed(2)} times the work; ${(keptBytes / 1_000).toFixed(1)} kB kept, packed in ${packMs.toFixed(1)} ms)`);
  }
  console.log("");
}
if (parts.has("start") || parts.has("push") || parts.has("memory")) await benchWithDaemon();

/** One directory for all that needs a daemon: first start, later starts, pushes, rest. */
async function benchWithDaemon(): Promise<void> {
  const directory = benchDirectory();
  let daemon: BenchDaemon | undefined;
  try {
    daemon = await startBenchDaemon(directory.path);
    console.log(`First start, demo made\n  ready after ${Math.round(daemon.startMs)} ms\n`);
    if (parts.has("start")) daemon = await benchStarts(daemon);
    if (parts.has("push")) {
      for (const replicas of [2, 3]) {
        console.log(`Push to ready, demo of ${replicas} replicas, from the start of git push to new pods alone in the endpoints`);
        console.log(printPushes(await benchPush(daemon, { replicas, pushes: Number(flags.pushes ?? pushesDefault), isVerbose: flags.verbose === true })));
      }
    }
    if (parts.has("memory")) {
      await new Promise((resolve) => { setTimeout(resolve, settleMs); });
      console.log(printMemory(daemon.pid));
    }
  } finally {
    await daemon?.stop();
    directory.remove();
  }
}

async function benchStarts(first: BenchDaemon): Promise<BenchDaemon> {
  let daemon = first;
  const times: number[] = [];
  for (let round = 0; round < startRounds; round++) {
    await daemon.stop();
    daemon = await startBenchDaemon(first.directory);
    times.push(daemon.startMs);
  }
  console.log(`Later starts, as npm start does them (goal 2000 ms)\n  ready after ${Math.round(percentile(times, 0.5))} ms, median of ${startRounds} (${times.map(Math.round).join(", ")})\n`);
  return daemon;
}

function printPushes({ readyMs, pushMs, stretches, loop }: PushBench): string {
  return [
    `  ready p50 ${Math.round(percentile(readyMs, 0.5))} ms (goal 1500), p99 ${Math.round(percentile(readyMs, 0.99))} ms over ${readyMs.length} pushes; git push itself p50 ${Math.round(percentile(pushMs, 0.5))} ms`,
    `  stretches of the sync, medians: ${[...stretches].map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(", ")}`,
    `  longest turn of the serving thread ${loop.maxMs.toFixed(1)} ms (goal 5), p99 ${loop.p99Ms.toFixed(1)} ms\n`,
  ].join("\n");
}

/** Memory of the daemon and of its Redis. Pss counts pages shared with other processes by their share. @see proc(5) */
function printMemory(pid: number): string {
  const lines = [`Memory after ${settleMs / 1000} s of rest with the demo running (goal: daemon 150 MB)`, `  daemon ${memoryOf(pid)}`];
  for (const child of childrenOf(pid)) if (readFileSync(`/proc/${child}/comm`, "utf8").startsWith("redis")) lines.push(`  redis  ${memoryOf(child)}`);
  return lines.join("\n");
}

function memoryOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const read = (name: string) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1_024 / 1_000_000);
  return `${read("Rss")} MB RSS, ${read("Pss")} MB PSS`;
}
