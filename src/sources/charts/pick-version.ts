import { compareVersions, matchesVersion, parseVersion } from "../../render/version.ts";

/** True for a revision that means exactly one version and no range. */
export function isExactVersion(revision: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/.test(revision);
}

/**
 * The version a revision means: that very one, else the highest in its range (`1.x`, `>=1.2 <2`, `~1.4`). `HEAD`, `*` and nothing mean the newest that
 * is no pre-release, as in Argo CD.
 */
export function pickVersion(versions: readonly string[], revision: string): string | undefined {
  if (versions.includes(revision)) return revision;
  const range = revision === "" || revision === "HEAD" ? "*" : revision;
  let best: string | undefined;
  for (const version of versions) {
    const parsed = parseVersion(version);
    if (parsed === undefined || matchesVersion(range, version) !== true) continue;
    const known = best === undefined ? undefined : parseVersion(best);
    if (known === undefined || compareVersions(parsed, known) > 0) best = version;
  }
  return best;
}
