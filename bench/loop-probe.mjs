// Loaded into the daemon by the benchmark: measures how long the event loop stays in one turn, and writes it when asked by a signal.
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const file = process.env.CAPSTAN_BENCH_LOOP;
if (isMainThread && file !== undefined && process.argv.includes("serve")) {
  // The timer behind it fires every millisecond; what comes later than that was kept waiting.
  const resolutionMs = 1;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  process.on("SIGUSR2", () => {
    const inMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
    writeFileSync(`${file}.new`, JSON.stringify({ maxMs: inMs(delay.max), p99Ms: inMs(delay.percentile(99)) }));
    renameSync(`${file}.new`, file);
    delay.reset();
  });
}
