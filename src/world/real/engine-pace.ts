import { setFlagsFromString } from "node:v8";
import { realClock } from "./clock.ts";

/** How V8 runs: fast, or in little memory. */
export type Pace = "small" | "fast";

/**
 * What V8 spends memory on. A daemon is small; under load these flags more than double the processor time of a request, so they are lifted for as long as
 * it lasts. The heap's growth and the compilers read them anew each time they decide. A heap that is small again gives back what a load has left, in two
 * collections that move what is scattered; the delay before them is V8's own under load.
 *
 * Not among `cmd/node-flags`, because there `--optimize-for-size` holds the young generation at 1 MB for good: of requests that wait for the disk nearly
 * everything would outlive it, and be garbage until the next full collection.
 */
const flags: Readonly<Record<Pace, readonly string[]>> = {
  small: ["--optimize-for-size", "--gc-memory-reducer-start-delay-ms=2000", "--invocation-count-for-maglev=4000", "--invocation-count-for-turbofan=100000", "--invocation-count-for-osr=20000", "--invocation-count-for-maglev-osr=5000"],
  // V8's own.
  fast: ["--no-optimize-for-size", "--gc-memory-reducer-start-delay-ms=8000", "--invocation-count-for-maglev=400", "--invocation-count-for-turbofan=3000", "--invocation-count-for-osr=500", "--invocation-count-for-maglev-osr=100"],
};

/** V8 looks at what was allocated in the five seconds before a collection: that much later it sees that a process rests. */
const youngRestMs = 6_000;

/** Ends what is planned for the rest after a load. The flags are the process's, and so is this. */
let cancelRest = (): void => {};

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
  paceNow = pace;
  for (const flag of flags[pace]) setFlagsFromString(flag);
  cancelRest();
  if (pace === "small") cancelRest = realClock.after(youngRestMs, () => { cancelRest = realClock.after(youngRestMs, collectYoung); collectYoung(); });
}

/**
 * Collects the young generation, some milliseconds at most. It grows with what outlives it, to 16 MB, and shrinks only in a collection before which little was
 * allocated: a process that rests makes one in minutes. There is nothing to call where Node runs without the flags of `cmd/node-flags`.
 */
function collectYoung(): void {
  globalThis.gc?.({ type: "minor" });
}
