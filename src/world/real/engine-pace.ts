import { setFlagsFromString } from "node:v8";

/** How V8 runs: fast, or in little memory. */
export type Pace = "small" | "fast";

/**
 * How much the heap may grow under load before all of it is collected. V8 by itself chose a third to the double: a collection every 1.5 to 2 seconds, each 200
 * to 300 ms of processor time and a pause of 10 to 30 ms. That holds for the bytes of the store's values as well, for which V8 would otherwise collect once
 * they are 64 MB more, however many there are: every 5 seconds of creates. Later V8s count them so by themselves.
 */
const growthPercent = 200;

/**
 * What V8 spends memory on. A daemon is small; under load these flags more than double the processor time of a request, so they are lifted for as long as
 * it lasts. The heap's growth and the compilers read them anew each time they decide. A heap that is small again gives back what a load has left, in two
 * collections that move what is scattered; the delay before them is V8's own under load.
 *
 * Not among `cmd/node-flags`, because there `--optimize-for-size` holds the young generation at 1 MB for good: of requests that wait for the disk nearly
 * everything would outlive it, and be garbage until the next full collection.
 */
const flags: Readonly<Record<Pace, readonly string[]>> = {
  small: ["--optimize-for-size", "--heap-growing-percent=0", "--no-external-memory-accounted-in-global-limit", "--gc-memory-reducer-start-delay-ms=2000", "--invocation-count-for-maglev=4000", "--invocation-count-for-turbofan=100000", "--invocation-count-for-osr=20000", "--invocation-count-for-maglev-osr=5000"],
  // V8's own, but for the growth.
  fast: ["--no-optimize-for-size", `--heap-growing-percent=${growthPercent}`, "--external-memory-accounted-in-global-limit", "--gc-memory-reducer-start-delay-ms=8000", "--invocation-count-for-maglev=400", "--invocation-count-for-turbofan=3000", "--invocation-count-for-osr=500", "--invocation-count-for-maglev-osr=100"],
};

/** Why it may be fast. */
export type Haste = "many requests" | "a long start";

const hastes = new Set<Haste>();
let paceNow: Pace | undefined;

/** Has this process's JavaScript run fast while there is a reason to, else in little memory. */
export function setHaste(haste: Haste, isThere: boolean): void {
  if (isThere) hastes.add(haste);
  else hastes.delete(haste);
  const pace = hastes.size > 0 ? "fast" : "small";
  if (pace !== paceNow) setPace(pace);
}

function setPace(pace: Pace): void {
  for (const flag of flags[pace]) setFlagsFromString(flag);
  if (paceNow === "fast" && pace === "small") beginGivingBack();
  paceNow = pace;
}

/**
 * Begins a collection of the whole heap, in steps, as V8 does by itself where more was kept than now: where a load left garbage alone, it leaves the young
 * generation at the 16 MB to which it grew, and idle watches would each seem to take 12 KB more. V8 asks whether the time has come at the end of a small
 * collection; there is none to call where Node runs without the flags of `cmd/node-flags`.
 */
function beginGivingBack(): void {
  setFlagsFromString("--incremental-marking-hard-trigger=1");
  globalThis.gc?.({ type: "minor" });
  setFlagsFromString("--incremental-marking-hard-trigger=0");
}
