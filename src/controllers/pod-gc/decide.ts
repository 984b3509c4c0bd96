import type { Pod } from "../../model/kinds/pod.ts";

/** Finished pods kept for people to look at; the oldest beyond go (upstream's --terminated-pod-gc-threshold). */
export const finishedPodsMax = 12_500;
/** A node's object may come back (an agent that registers anew): its pods are kept for so long. */
export const quarantineMs = 40_000;

/** The oldest finished pods beyond the limit. Pure. */
export function surplusFinished(finished: readonly Pod[], max = finishedPodsMax): readonly Pod[] {
  if (finished.length <= max) return [];
  const ageOf = (pod: Pod): string => pod.metadata.creationTimestamp ?? "";
  return finished.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : ageOf(a) > ageOf(b) ? 1 : 0)).slice(0, finished.length - max);
}
