import { compare, satisfies, valid } from "semver";

/** Below 0, 0 or above 0; a leading `v` is ignored. Undefined when one of them is no semantic version. */
export function compareVersions(a: string, b: string): number | undefined {
  return valid(a) === null || valid(b) === null ? undefined : compare(a, b);
}

/** True when a version lies in a range such as `>=1.2 <2`, `~1.3`, `1.x || 2.x`; commas separate as blanks do, as in Helm. A pre-release only when the range names one. */
export function satisfiesRange(version: string, range: string): boolean {
  return satisfies(version, range.replaceAll(",", " "));
}
