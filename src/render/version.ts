import semver from "semver";

/** Whether a version lies in a range, or undefined when one of them is none. Commas join comparisons as in Helm (`>=1.2, <2`). */
export function matchesVersion(range: string, version: string): boolean | undefined {
  const parsed = semver.parse(version, { loose: true }) ?? semver.coerce(version);
  const ranges = semver.validRange(range.replaceAll(",", " "), { loose: true });
  if (parsed === null || ranges === null) return undefined;
  return semver.satisfies(parsed, ranges, { loose: true });
}
