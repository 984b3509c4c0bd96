import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

/** Growth of the heap from an early to a late moment that is still noise: parsed objects and compiled code are kept to a bound. */
const growthMaxBytes = 24 * 1024 * 1024;

const { values } = parseArgs({ options: { requests: { type: "string", default: "100000" }, seed: { type: "string", default: "1" }, first: { type: "string", default: "0" } } });
const startedMs = performance.now();
const report = await fuzz({
  seed: Number(values.seed), requests: Number(values.requests), first: Number(values.first),
  onProgress: (done) => { if (done % 10_000 === 0) process.stdout.write(`${done} requests, ${Math.round((performance.now() - startedMs) / 1000)} s\n`); },
});
for (const line of report.wrong) process.stdout.write(`${line}\n`);
const { early, late } = report.heapBytes;
const grown = late - early;
process.stdout.write(`${report.requests} requests: ${[...report.codes].toSorted(([a], [b]) => a - b).map(([code, count]) => `${code} ${count}`).join(", ")}\n`);
process.stdout.write(`heap ${(early / 1e6).toFixed(1)} MB early, ${(late / 1e6).toFixed(1)} MB late; ${report.wrong.length} wrong\n`);
process.exitCode = report.wrong.length > 0 || (report.requests >= 10_000 && grown > growthMaxBytes) ? 1 : 0;
