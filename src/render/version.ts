import { compareVersions, satisfiesRange } from "../value/semver.ts";

/** Whether a version lies in a range, or undefined when it is no version. `v1.33` reads as 1.33.0. */
export function matchesVersion(range: string, version: string): boolean | undefined {
  const [, major, minor = "0", patch = "0", rest = ""] = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(version.trim()) ?? [];
  if (major === undefined) return undefined;
  const full = `${major}.${minor}.${patch}${rest}`;
  return compareVersions(full, full) === undefined ? undefined : satisfiesRange(full, range);
}
