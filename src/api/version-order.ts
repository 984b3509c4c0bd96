/**
 * Stable versions first, then betas, then alphas, each from the newest on; names that are no versions come last, by the alphabet. The first is the one
 * preferred. @see kubernetes apimachinery pkg/version/helpers.go CompareKubeAwareVersionStrings
 */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [rankOf(a), rankOf(b)];
  for (let at = 0; at < first.length; at++) {
    const difference = (second[at] ?? 0) - (first[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Stability, major and minor: the higher, the earlier. */
function rankOf(version: string): readonly [number, number, number] {
  const found = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version);
  if (found === null) return [0, 0, 0];
  const [, major, stage, minor] = found;
  return [stage === undefined ? 3 : stage === "beta" ? 2 : 1, Number(major), Number(minor ?? 0)];
}
