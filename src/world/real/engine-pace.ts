import { setFlagsFromString } from "node:v8";

/**
 * What V8 spends memory on. A daemon starts with `cmd/node-flags`, which keep it small; under load these flags more than double the processor time of a
 * request, so they are lifted for as long as it lasts. The heap's growth and the compilers read them anew each time they decide.
 */
const paces: Readonly<Record<"small" | "fast", readonly string[]>> = {
  small: ["--optimize-for-size", "--invocation-count-for-maglev=4000", "--invocation-count-for-turbofan=100000", "--invocation-count-for-osr=20000", "--invocation-count-for-maglev-osr=5000"],
  // V8's own.
  fast: ["--no-optimize-for-size", "--invocation-count-for-maglev=400", "--invocation-count-for-turbofan=3000", "--invocation-count-for-osr=500", "--invocation-count-for-maglev-osr=100"],
};

/** Has this process's JavaScript run fast, or in little memory. */
export function setEnginePace(pace: "small" | "fast"): void {
  for (const flag of paces[pace]) setFlagsFromString(flag);
}
