import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import type { SeedReport } from "./simulation.ts";
import { runSeed, stepsDefault } from "./simulation.ts";

/** A seed whose worker has used more processor time than this hangs in a loop that never waits. A crowded machine does not count: a good seed uses a few seconds. */
const seedProcessorTimeMaxMs = 120_000;
/** A seed that takes longer than this waits for something that never comes. */
const seedTimeMaxMs = 900_000;
const lookEveryMs = 1_000;

/** A worker ends after this many seeds: processes that died in them keep their memory, some 30 MB a seed, for nobody aborts what they waited for. */
const seedsPerWorker = 10;

interface Ask {
  readonly seed: number;
  readonly steps: number;
}

/** What comes back from a worker: classes lose their shape on the way, so the violation is text. */
type Answer = Omit<SeedReport, "violation"> & { readonly violation: string | undefined };

if (isMainThread) await main();
else parentPort?.on("message", (ask: Ask) => { void answer(ask); });

async function answer({ seed, steps }: Ask): Promise<void> {
  const report = await runSeed(seed, steps);
  parentPort?.postMessage({ ...report, violation: report.violation?.message } satisfies Answer);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: "string", default: "200" }, seed: { type: "string" }, first: { type: "string", default: "1" }, steps: { type: "string", default: String(stepsDefault) }, "until-failed": { type: "boolean", default: false } } });
  const steps = Number(values.steps);
  const first = Number(values.first);
  const seeds = values.seed === undefined ? Array.from({ length: Number(values.seeds) }, (_, index) => first + index) : [Number(values.seed)];
  const startedMs = performance.now();
  const failed: number[] = [];
  const sums = { simulatedMs: 0, revisions: 0 };
  let done = 0;
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), seeds.length) }, async () => {
    let worker = await openWorker();
    const renew = async () => { await worker.terminate(); worker = await openWorker(); };
    for (let [seed, ran] = [seeds.shift(), 0]; seed !== undefined; seed = seeds.shift(), ran++) {
      if (ran > 0 && ran % seedsPerWorker === 0) await renew();
      const report = await ask(worker, { seed, steps });
      done++;
      if (report === undefined) {
        failed.push(seed);
        process.stdout.write(`seed ${seed} hangs: more than ${seedProcessorTimeMaxMs / 1000} s of processor time, or ${seedTimeMaxMs / 1000} s\n`);
        await renew();
        continue;
      }
      sums.simulatedMs += report.simulatedMs;
      sums.revisions += report.revisions;
      if (report.violation === undefined) continue;
      failed.push(seed);
      if (values["until-failed"]) seeds.length = 0;
      process.stdout.write(printFailure(report, steps));
    }
    await worker.terminate();
  }));
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(`${done - failed.length} of ${done} seeds passed in ${seconds.toFixed(1)} s (${(done / seconds).toFixed(2)} seeds/s, ${(sums.simulatedMs / 3_600_000).toFixed(1)} simulated hours, ${sums.revisions} revisions)\n`);
  if (failed.length > 0) process.stdout.write(`failed: ${failed.toSorted((a, b) => a - b).join(" ")}\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

async function openWorker(): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url));
  await once(worker, "online");
  return worker;
}

async function ask(worker: Worker, question: Ask): Promise<Answer | undefined> {
  const startedMs = performance.now();
  const usedMs = await processorTimeMs(worker);
  return new Promise((resolve, reject) => {
    const settle = (report: Answer | undefined) => { end(); resolve(report); };
    const fail = (error: Error) => { end(); reject(error); };
    const timer = setInterval(() => { void look().catch(fail); }, lookEveryMs);
    const look = async () => {
      if (performance.now() - startedMs > seedTimeMaxMs || await processorTimeMs(worker) - usedMs > seedProcessorTimeMaxMs) settle(undefined);
    };
    const end = () => { clearInterval(timer); worker.off("message", settle); worker.off("error", fail); };
    worker.on("message", settle);
    worker.on("error", fail);
    worker.postMessage(question);
  });
}

async function processorTimeMs(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1000;
}

function printFailure(report: Answer, steps: number): string {
  return [
    `seed ${report.seed} failed after ${(report.simulatedMs / 1000).toFixed(3)} simulated seconds: ${report.violation ?? ""}`,
    "what happened:", ...report.script.map((line) => `  ${line}`),
    "last log lines:", ...report.logLines.map((line) => `  ${line.slice(0, 600)}`),
    `replay: npm run sim -- --seed ${report.seed}${steps === stepsDefault ? "" : ` --steps ${steps}`}`, "",
  ].join("\n");
}
